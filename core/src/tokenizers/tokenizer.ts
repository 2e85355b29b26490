import { ArgumentError, suggest } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import { readFile } from "../formats/index.ts";
import { checkTokenizer, parseTokenizer, type TokenizerJson } from "./json.ts";
import { attempt, type LibraryTokenizer, makeTokenizer } from "./library.ts";

export interface EncodeOptions {
  /** A second text, for models that compare two. */
  readonly pair?: string;
  /** Whether to add what the model expects around a text, as [CLS] and [SEP]. Default true. */
  readonly specialTokens?: boolean;
}

export interface Encoding {
  readonly ids: readonly number[];
  readonly tokens: readonly string[];
}

export interface BatchOptions extends EncodeOptions {
  readonly pair?: never;
  /** Tokens an example: longer texts are cut, special tokens stay. Default: none are cut. */
  readonly maxLength?: number;
  /** Whether shorter texts are filled up to the longest of the batch, or to maxLength. Default longest. */
  readonly padding?: "longest" | "maxLength";
  /** At which end texts are filled up. Default right. */
  readonly paddingSide?: "left" | "right";
  /** What they are filled up with. Default: the tokenizer's own padding token. */
  readonly padToken?: string;
}

/** Token numbers of a batch, and which of them count: i32 and u8, [batch, length]. */
export interface EncodedBatch {
  readonly ids: NdArray;
  readonly mask: NdArray;
}

const usualPadding = ["[PAD]", "<pad>", "<|pad|>", "<|endoftext|>", "</s>"];

/** Cuts texts into the tokens of a vocabulary, and puts them together again: byte-level BPE, WordPiece, or Unigram. */
export class Tokenizer {
  /** The contents of its tokenizer.json. */
  readonly json: TokenizerJson;
  readonly #library: LibraryTokenizer;
  /** Special tokens that come before and after a text. */
  readonly #around: { readonly before: readonly number[]; readonly after: readonly number[] };

  /** Internal: users call `tokenizer` or `loadTokenizer`. */
  constructor(json: TokenizerJson, library: LibraryTokenizer) {
    this.json = json;
    this.#library = library;
    this.#around = this.#specialAround();
  }

  /** The number of tokens, added ones included. */
  get vocabularySize(): number {
    return this.#library.get_vocab(true).size;
  }

  /** The tokens and their numbers, added ones included. */
  getVocabulary(): ReadonlyMap<string, number> {
    return this.#library.get_vocab(true);
  }

  /** The number of a token; undefined where there is no such token. */
  idOf(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }

  /** The token of a number; undefined where there is none. */
  tokenOf(id: number): string | undefined {
    return this.#library.id_to_token(id);
  }

  /** The tokens of a text. */
  encode(text: string, { pair, specialTokens = true }: EncodeOptions = {}): Encoding {
    if (typeof text !== "string")
      throw new ArgumentError(`tokenizer: encode takes a text, received ${text === null ? "null" : typeof text}`);
    const { ids, tokens } = attempt("tokenizer: the text cannot be encoded", () =>
      this.#library.encode(text, { text_pair: pair ?? null, add_special_tokens: specialTokens }),
    );
    return this.#known(ids, tokens);
  }

  /** The library gives unknown words of a WordLevel vocabulary no number: they are its unknown token, or left out without one. */
  #known(given: readonly (number | undefined)[], tokens: readonly string[]): Encoding {
    const ids = given.filter((id) => id !== undefined);
    if (ids.length === given.length) return { ids, tokens };
    const name = this.json.model["unk_token"];
    const unknown = typeof name === "string" ? this.idOf(name) : undefined;
    const pairs = given.flatMap((id, at) => {
      if (id !== undefined) return [{ id, token: tokens[at]! }];
      return unknown === undefined ? [] : [{ id: unknown, token: String(name) }];
    });
    return { ids: pairs.map(({ id }) => id), tokens: pairs.map(({ token }) => token) };
  }

  /** The text of tokens. */
  decode(ids: ArrayLike<number>, { skipSpecialTokens = true }: { readonly skipSpecialTokens?: boolean } = {}): string {
    const unknown = Array.prototype.find.call(ids, (id: number) => this.tokenOf(id) === undefined) as
      | number
      | undefined;
    if (unknown !== undefined) throw new ArgumentError(`tokenizer: there is no token ${unknown}`);
    if (ids.length === 0) return "";
    return attempt("tokenizer: the tokens cannot be decoded", () =>
      this.#library.decode(Array.from(ids), {
        skip_special_tokens: skipSpecialTokens,
        clean_up_tokenization_spaces: false,
      }),
    );
  }

  /** The tokens of several texts in arrays: cut off at maxLength, filled up to one length. */
  encodeBatch(texts: readonly string[], options: BatchOptions = {}): EncodedBatch {
    const { maxLength, padding = "longest", paddingSide = "right", specialTokens = true, padToken } = options;
    if (padding === "maxLength" && maxLength === undefined)
      throw new ArgumentError('tokenizer: padding "maxLength" needs maxLength');
    const rows = texts.map((text) => this.#cut(text, maxLength, specialTokens));
    const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
    const length = padding === "maxLength" && maxLength !== undefined ? maxLength : longest;
    const even = rows.every((row) => row.length === length);
    const ids = new Int32Array(rows.length * length).fill(even ? 0 : this.#padding(padToken));
    const mask = new Uint8Array(rows.length * length);
    rows.forEach((row, at) => {
      const start = at * length + (paddingSide === "left" ? length - row.length : 0);
      ids.set(row, start);
      mask.fill(1, start, start + row.length);
    });
    const shape = [rows.length, length];
    return { ids: new NdArray(ids, shape), mask: new NdArray(mask, shape) };
  }

  /** The texts of a batch of tokens: an array [batch, length], or lists. */
  decodeBatch(
    batch: NdArray | readonly ArrayLike<number>[],
    options: { readonly skipSpecialTokens?: boolean } = {},
  ): string[] {
    const rows =
      batch instanceof NdArray ? Array.from({ length: batch.length }, (_, at) => batch.slice(at, at + 1).data) : batch;
    return rows.map((row) => this.decode(row, options));
  }

  #cut(text: string, maxLength: number | undefined, specialTokens: boolean): readonly number[] {
    const whole = this.encode(text, { specialTokens }).ids;
    if (maxLength === undefined || whole.length <= maxLength) return whole;
    const { before, after } = specialTokens ? this.#around : { before: [], after: [] };
    const room = maxLength - before.length - after.length;
    if (!Number.isInteger(maxLength) || room < 1) {
      throw new ArgumentError({
        what: `tokenizer: maxLength must be a whole number above ${before.length + after.length}, received ${maxLength}`,
        hint: "special tokens count as well",
      });
    }
    return [...before, ...this.encode(text, { specialTokens: false }).ids.slice(0, room), ...after];
  }

  #specialAround() {
    const bare = this.encode("a", { specialTokens: false }).ids;
    const full = this.encode("a").ids;
    const extra = full.length - bare.length;
    for (let start = 0; start <= extra; start++)
      if (bare.every((id, at) => id === full[start + at]))
        return { before: full.slice(0, start), after: full.slice(start + bare.length) };
    return { before: [], after: [] };
  }

  #padding(given: string | undefined): number {
    const { padding } = this.json;
    const own = typeof padding === "object" && padding !== null ? (padding as { pad_token?: unknown }).pad_token : "";
    const names = given === undefined ? [own, ...usualPadding] : [given];
    for (const name of names) {
      const found = typeof name === "string" && name !== "" ? this.idOf(name) : undefined;
      if (found !== undefined) return found;
    }
    throw new ArgumentError({
      what: given === undefined ? "tokenizer: it has no padding token" : `tokenizer: there is no token "${given}"`,
      hint:
        given === undefined
          ? 'name one: { padToken: "…" }'
          : suggest(
              given,
              Array.from(this.json.added_tokens, ({ content }) => content),
            ),
    });
  }
}

/** A tokenizer from the contents of a `tokenizer.json`: what `trainBpe` returns, or the parsed file. */
export async function tokenizer(json: TokenizerJson | object, source = "the tokenizer"): Promise<Tokenizer> {
  const checked = checkTokenizer(json, source);
  return new Tokenizer(checked, await makeTokenizer(checked, {}, source));
}

/** A tokenizer from a `tokenizer.json`: its path, the folder that it is in, or its bytes. */
export async function loadTokenizer(source: string | Uint8Array): Promise<Tokenizer> {
  if (typeof source !== "string") return tokenizer(parseTokenizer(source, "the tokenizer"), "the tokenizer");
  const path = source.endsWith(".json") ? source : `${source.replace(/\/$/, "")}/tokenizer.json`;
  return tokenizer(parseTokenizer(await readFile(path), path), path);
}
