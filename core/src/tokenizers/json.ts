import { DataError } from "../base/errors.ts";

/** The contents of a `tokenizer.json`, as far as they are looked at here; the names are those of the file. */
export interface TokenizerJson {
  readonly version?: string;
  readonly truncation?: unknown;
  readonly padding?: unknown;
  readonly added_tokens: readonly AddedToken[];
  readonly normalizer?: unknown;
  readonly pre_tokenizer?: unknown;
  readonly post_processor?: unknown;
  readonly decoder?: unknown;
  readonly model: {
    readonly type?: string;
    readonly vocab: Readonly<Record<string, number>> | readonly (readonly [string, number])[];
    readonly merges?: readonly (string | readonly string[])[];
    readonly [option: string]: unknown;
  };
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
  readonly [option: string]: unknown;
}

type Json = { readonly [key: string]: unknown };

const models = ["BPE", "WordPiece", "Unigram", "WordLevel"];
/** The libraries keep tokens in arrays by their number: a file that names a huge one would exhaust the memory. */
const largestNumber = 2 ** 24;
const deepest = 64;

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isNumber = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < largestNumber;

/** The contents of a tokenizer.json, checked: a DataError says what is wrong with it. */
export function parseTokenizer(bytes: Uint8Array, source: string): TokenizerJson {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new DataError({
      what: `${source}: the file is no JSON`,
      hint: "a tokenizer.json of the Hugging Face kind is expected; a .model of SentencePiece must be converted to it first",
    });
  }
  return checkTokenizer(json, source);
}

export function checkTokenizer(json: unknown, source: string): TokenizerJson {
  const damaged = (what: string): DataError =>
    new DataError({ what: `${source}: ${what}`, hint: "a tokenizer.json of the Hugging Face kind is expected" });
  if (!isRecord(json)) throw damaged("the file holds no object");
  if (depthOf(json) > deepest) throw damaged(`it is nested more than ${deepest} deep`);
  const { model, added_tokens: added = [] } = json;
  if (!isRecord(model)) throw damaged("the model is missing");
  const { type, vocab, merges } = model;
  if (type !== undefined && !models.includes(type as string))
    throw damaged(`the model is of the unknown type ${shown(type)}; known are ${models.join(", ")}`);
  checkVocabulary(vocab, type === "Unigram" || (type === undefined && Array.isArray(vocab)), damaged);
  if (type === "BPE" || merges !== undefined) checkMerges(merges, vocab, damaged);
  if (!Array.isArray(added)) throw damaged("added_tokens is no list");
  added.forEach((token: unknown, at) => {
    if (isRecord(token) && isNumber(token["id"]) && typeof token["content"] === "string" && token["content"] !== "")
      return;
    throw damaged(`added token ${at} has no valid number and text`);
  });
  for (const part of ["normalizer", "pre_tokenizer", "post_processor", "decoder"]) {
    const value = json[part];
    if (value !== undefined && value !== null && !(isRecord(value) && typeof value["type"] === "string"))
      throw damaged(`${part} has no type`);
  }
  return { ...json, added_tokens: added } as unknown as TokenizerJson; // checked above
}

/** A value of the file, which may be anything that JSON can say. */
const shown = (value: unknown): string =>
  (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing")).slice(0, 40);

type Damaged = (what: string) => DataError;

function checkVocabulary(vocab: unknown, scored: boolean, damaged: Damaged): void {
  if (scored) {
    const fits = (item: unknown): boolean =>
      Array.isArray(item) && item.length === 2 && typeof item[0] === "string" && Number.isFinite(item[1]);
    if (!Array.isArray(vocab) || vocab.length === 0) throw damaged("the vocabulary is no list of tokens and scores");
    const wrong = vocab.findIndex((item) => !fits(item));
    if (wrong >= 0) throw damaged(`entry ${wrong} of the vocabulary is no token with a score`);
    return;
  }
  if (!isRecord(vocab) || Object.keys(vocab).length === 0) throw damaged("the vocabulary has no tokens");
  const wrong = Object.entries(vocab).find(([, number]) => !isNumber(number));
  if (wrong === undefined) return;
  throw damaged(`token "${wrong[0].slice(0, 40)}" has the number ${shown(wrong[1])}`);
}

function checkMerges(merges: unknown, vocab: unknown, damaged: Damaged): void {
  if (!Array.isArray(merges)) throw damaged("the merges are no list");
  const known = vocab as Json; // checked before
  merges.forEach((merge: unknown, at) => {
    const pair = typeof merge === "string" ? merge.split(" ") : merge;
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((token) => typeof token === "string" && token !== ""))
      throw damaged(`merge ${at} is no pair of tokens`);
    if (pair.every((token: string) => Object.hasOwn(known, token))) return;
    throw damaged(`merge ${at} names a token that is not in the vocabulary`);
  });
}

/** How deep lists and records are nested, without going deeper than wanted. */
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== "object" || value === null || depth > deepest) return depth;
  let found = depth + 1;
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null) found = Math.max(found, depthOf(inner, depth + 1));
    if (found > deepest) break;
  }
  return found;
}
