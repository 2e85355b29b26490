import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { printShape } from "../../base/shape.ts";
import { positive } from "../checks.ts";
import { choice, count, flag, optional } from "../fieldKinds.ts";
import { type Field, field, type GivenOf } from "../fields.ts";
import type { Config, LayerOptions } from "../layer.ts";
import type { OpenShape } from "../symbolic.ts";
import { type Adaptable, batchesOf, type HostArray, type HostTexts, type Texts, textsOf } from "./hostData.ts";
import { HostLayer, type HostResult } from "./hostLayer.ts";
import { isText, vocabularyField } from "./lookup.ts";
import { numbers } from "./numbers.ts";
import { StringLookup } from "./stringLookup.ts";
import {
  ngramsOf,
  type Split,
  type SplitName,
  type Standardize,
  type StandardizeName,
  splitCatalog,
  standardizeCatalog,
} from "./textSteps.ts";
import { Counts } from "./vocabulary.ts";

/** A step by its name, or a function of the user's own, which files name when it is registered. */
const step = <Name extends string, T extends object>(
  what: "standardize" | "split",
  known: { resolve(given: Name | T): T; describe(made: T): unknown; read(json: unknown): T | undefined },
  initial: Name,
): Field<Name | T, T> =>
  field<Name | T, T>({
    initial,
    parse: (name, given) => {
      if (typeof given === "string" || typeof given === "function") return known.resolve(given);
      throw new ArgumentError(`${name} must be a name or a function, received ${JSON.stringify(given)}`);
    },
    write: (value) => {
      const described = known.describe(value);
      if (described !== undefined) return described;
      throw new ArgumentError({
        what: `the layer's ${what} is a function of your own, which a file cannot carry`,
        hint: `register it by a name: registerFunction("${what}", "mine", mine)`,
      });
    },
    read: (json) => known.read(json),
    expected: `the name of a way to ${what}`,
  });

const fields = {
  /** The largest size of the vocabulary, special tokens included. Default: as many as there are. */
  maxTokens: optional(count()),
  /** What is done to each text first. Default lowerAndStripPunctuation. */
  standardize: step<StandardizeName, Standardize>("standardize", standardizeCatalog, "lowerAndStripPunctuation"),
  /** How it is cut into tokens. Default whitespace. */
  split: step<SplitName, Split>("split", splitCatalog, "whitespace"),
  /** Runs of tokens: 2 takes single ones and pairs, a list takes runs of these lengths. Default: the tokens alone. */
  ngrams: optional(
    field<number | readonly number[], number | readonly number[]>({
      parse: (name, given) => {
        for (const width of Array.isArray(given) ? given : [given]) positive(name, width);
        return given;
      },
      read: (json) => (typeof json === "number" || Array.isArray(json) ? json : undefined),
      expected: "a whole number or a list of them",
    }),
  ),
  /** Default int: the number of each token, padded by 0. The other modes count tokens in one row a text. */
  outputMode: choice(["int", "multiHot", "count", "tfIdf"], "int"),
  /** Tokens a text: longer ones are cut, shorter ones padded. Default: those of the longest text of a batch. */
  outputSequenceLength: optional(count()),
  /** Whether rows have maxTokens columns, however large the vocabulary is. Default false. */
  padToMaxTokens: flag(false),
  /** The known tokens, most frequent first. Default: learned by `adapt`. */
  vocabulary: vocabularyField(isText, "a list of texts"),
  /** Weights of the vocabulary for tfIdf; they go with `vocabulary`. */
  idfWeights: optional(numbers(1)),
};
export interface TextVectorizationOptions extends LayerOptions, GivenOf<typeof fields> {}

/**
 * Texts as the numbers of their tokens: standardized, split, joined to n-grams, and looked up in a vocabulary that is
 * given or learned by `adapt`. 0 is padding, 1 an unknown token.
 */
export class TextVectorization extends HostLayer<typeof fields> {
  static override readonly name: string = "TextVectorization";
  static readonly fields = fields;
  /** Hidden from the layer's own list: it is a part of this one, not of the model. */
  readonly #lookup: StringLookup;
  readonly #widths: readonly number[] | undefined;

  constructor(options: TextVectorizationOptions = {}) {
    super(options);
    const { maxTokens, outputMode, outputSequenceLength, padToMaxTokens, vocabulary, idfWeights, ngrams } =
      this.options;
    if (outputMode !== "int" && outputSequenceLength !== undefined)
      throw new ArgumentError(`${this.name}: outputSequenceLength is for outputMode "int", received "${outputMode}"`);
    this.#widths = typeof ngrams === "number" ? Array.from({ length: ngrams }, (_, at) => at + 1) : ngrams;
    this.#lookup = new StringLookup({
      name: this.name,
      maskToken: "",
      maxTokens,
      outputMode,
      padToMaxTokens,
      vocabulary,
      idfWeights: idfWeights?.data,
    });
  }

  get takes() {
    return "texts" as const;
  }

  /** The tokens by their numbers, special tokens first. */
  getVocabulary(options?: { readonly includeSpecialTokens?: boolean }): string[] {
    return this.#lookup.getVocabulary(options);
  }

  vocabularySize(): number {
    return this.#lookup.vocabularySize();
  }

  /** Replaces the vocabulary; tfIdf wants weights, one a token. */
  setVocabulary(vocabulary: readonly string[], idfWeights?: ArrayLike<number>): void {
    this.#lookup.setVocabulary(vocabulary, idfWeights);
  }

  /** The tokens of a text, n-grams included. */
  tokenize(text: string): readonly string[] {
    const { standardize, split } = this.options;
    const tokens = split(standardize(text));
    return this.#widths === undefined ? tokens : ngramsOf(tokens, this.#widths);
  }

  /** Learns the vocabulary of texts: a list, or batches of them in an iterable or a Dataset. */
  async adapt(data: Adaptable): Promise<this> {
    const counts = new Counts<string>(this.options.outputMode === "tfIdf");
    for await (const batch of batchesOf(this.name, data))
      for (const text of this.#texts(batch).texts) counts.add(this.tokenize(text));
    this.#lookup.adopt(counts);
    return this;
  }

  protected override resultShape([batch = null]: OpenShape): OpenShape {
    const { outputMode, outputSequenceLength } = this.options;
    return [batch, outputMode === "int" ? (outputSequenceLength ?? null) : this.#lookup.depth];
  }

  protected override get resultType() {
    return this.options.outputMode === "int" ? "i32" : "f32";
  }

  override transform(x: HostArray | HostTexts): HostResult {
    const { texts, shape } = this.#texts(x);
    const rows = texts.map((text) => this.tokenize(text));
    const length = this.#lengthOf(rows);
    // Rows of equal length; what counts tokens leaves padding out.
    const padding = this.options.outputMode === "int" ? 0 : -1;
    const indices = new Int32Array(rows.length * length).fill(padding);
    rows.forEach((row, at) => {
      const end = Math.min(row.length, length);
      for (let place = 0; place < end; place++) indices[at * length + place] = this.#lookup.indexOf(row[place]!);
    });
    const { data, shape: found } = this.#lookup.encode(indices, [rows.length, length]);
    return { data, shape: shape.length === 0 ? found.slice(1) : found };
  }

  #lengthOf(rows: readonly (readonly string[])[]): number {
    const { outputSequenceLength } = this.options;
    if (outputSequenceLength !== undefined) return outputSequenceLength;
    return rows.reduce((longest, { length }) => Math.max(longest, length), 0);
  }

  /** One text an example: [batch] or [batch, 1]. */
  #texts(x: HostArray | HostTexts): HostTexts {
    if (!("texts" in x)) throw new ArgumentError(`${this.name}: expected texts, received numbers`);
    const { texts, shape } = x;
    if (shape.length < 2 || (shape.length === 2 && shape[1] === 1)) return { texts, shape: shape.slice(0, 1) };
    throw new ShapeError({
      what: `${this.name}: expected one text an example, [batch] or [batch, 1], received ${printShape(shape)}`,
      hint: "join the texts of an example, or give each of them a layer",
    });
  }

  override config(): Config {
    const { vocabulary, idfWeights } = this.#lookup.config();
    return { ...super.config(), vocabulary, idfWeights };
  }

  /** The tokens of each text as numbers, without padding. */
  ragged(texts: Texts): number[][] {
    const given = this.#texts(textsOf(this.name, texts)).texts;
    return given.map((text) => this.tokenize(text).map((token) => this.#lookup.indexOf(token)));
  }
}
