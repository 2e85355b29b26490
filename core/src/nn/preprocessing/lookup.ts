import { ArgumentError } from "../../base/errors.ts";
import { positive } from "../checks.ts";
import { choice, flag, optional, real } from "../fieldKinds.ts";
import { type Fields, field, type ValuesOf } from "../fields.ts";
import type { Config, LayerOptions } from "../layer.ts";
import type { OpenShape } from "../symbolic.ts";
import { encodedOnHost, encodedShape, outputModes } from "./encoding.ts";
import { type Adaptable, batchesOf, type HostArray, type HostTexts } from "./hostData.ts";
import { HostLayer, type HostResult } from "./hostLayer.ts";
import { numbers } from "./numbers.ts";
import { Counts, oovStart, type Token, Vocabulary, type VocabularyOptions, withoutSpecial } from "./vocabulary.ts";

/** What StringLookup and IntegerLookup have in common. */
export const lookupFields = {
  /** The largest size of the vocabulary, special tokens included. Default: as many as there are. */
  maxTokens: optional(real(undefined, (name, value) => positive(name, value))),
  /** Numbers for values that are not in the vocabulary: with several, a hash decides; with 0 they are an error. Default 1. */
  numOovIndices: real(1, (name, value) => {
    if (Number.isInteger(value) && value >= 0) return value;
    throw new ArgumentError(`${name} must be a whole number of at least 0, received ${value}`);
  }),
  /** Whether numbers come in and values go out. Default false. */
  invert: flag(false),
  /** Default int: the number of each value. The other modes count them in rows; tfIdf weighs the counts. */
  outputMode: choice([...outputModes, "tfIdf"], "int"),
  /** Whether rows have maxTokens columns, however large the vocabulary is. Default false. */
  padToMaxTokens: flag(false),
  /** Weights of the vocabulary for tfIdf; they go with `vocabulary`. */
  idfWeights: optional(numbers(1)),
};

/** A list of values, each once. */
export const vocabularyField = <T extends Token>(isToken: (value: unknown) => value is T, expected: string) =>
  optional(
    field<readonly T[], readonly T[]>({
      parse: (name, given) => {
        if (Array.isArray(given) && given.length > 0 && given.every(isToken)) return given;
        throw new ArgumentError(`${name} must be ${expected}, received ${JSON.stringify(given)?.slice(0, 60)}`);
      },
      read: (json) => (Array.isArray(json) && json.every(isToken) ? json : undefined),
      expected,
    }),
  );

export const isText = (value: unknown): value is string => typeof value === "string";
export const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);

/** Options of a lookup as they are known when it works. */
type LookupValues<T extends Token> = ValuesOf<typeof lookupFields> & {
  readonly maskToken: T | undefined;
  readonly oovToken: T;
  readonly vocabulary: readonly T[] | undefined;
};

/** Values as their numbers in a vocabulary, which is given or learned by `adapt`. */
export abstract class Lookup<T extends Token, F extends Fields> extends HostLayer<F> {
  #vocabulary: Vocabulary<T> | undefined;

  constructor(options: LayerOptions) {
    super(options);
    const { vocabulary, idfWeights, outputMode, invert, padToMaxTokens, maxTokens } = this.#values;
    if (invert && outputMode !== "int")
      throw new ArgumentError(`${this.name}: invert goes with outputMode "int", received "${outputMode}"`);
    if (padToMaxTokens && maxTokens === undefined)
      throw new ArgumentError(`${this.name}: padToMaxTokens needs maxTokens`);
    if (vocabulary !== undefined) this.setVocabulary(vocabulary, idfWeights?.data);
  }

  /** The bin, counted from 0, of a value that is not in the vocabulary; there are several. */
  protected abstract bin(token: T, bins: number): number;
  /** The values of data. */
  protected abstract tokensOf(x: HostArray | HostTexts): ArrayLike<T>;

  get #values(): LookupValues<T> {
    return this.options as unknown as LookupValues<T>; // subclasses add these fields
  }

  get #vocabularyOptions(): VocabularyOptions<T> {
    const { maxTokens, numOovIndices, maskToken, oovToken, outputMode } = this.#values;
    return { maxTokens, numOovIndices, maskToken, oovToken, maskHasIndex: outputMode === "int" };
  }

  /** The values by their numbers, special tokens first; undefined before there is a vocabulary. */
  getVocabulary({ includeSpecialTokens = true } = {}): T[] {
    return this.#known.list(includeSpecialTokens);
  }

  vocabularySize(): number {
    return this.#known.size;
  }

  /** Replaces the vocabulary: values without special tokens, or with all of them first. tfIdf wants weights, one a value. */
  setVocabulary(vocabulary: readonly T[], idfWeights?: ArrayLike<number>): void {
    const options = this.#vocabularyOptions;
    const { tokens, found } = withoutSpecial(options, vocabulary);
    this.#vocabulary = new Vocabulary(this.name, options, tokens, this.#weights(vocabulary.length, found, idfWeights));
  }

  #weights(size: number, special: boolean, given: ArrayLike<number> | undefined): Float32Array | undefined {
    const wanted = this.#values.outputMode === "tfIdf";
    if (wanted !== (given !== undefined)) {
      throw new ArgumentError(
        `${this.name}: idfWeights ${wanted ? "are missing for" : "are only for"} outputMode "tfIdf"`,
      );
    }
    if (given === undefined) return undefined;
    if (given.length !== size)
      throw new ArgumentError(`${this.name}: ${given.length} idfWeights for a vocabulary of ${size}`);
    const list = Array.from(given);
    if (special) return Float32Array.from(list);
    const mean = list.reduce((sum, weight) => sum + weight, 0) / size;
    return Float32Array.from([...new Array<number>(this.#values.numOovIndices).fill(mean), ...list]);
  }

  get #known(): Vocabulary<T> {
    if (this.#vocabulary !== undefined) return this.#vocabulary;
    throw new ArgumentError({
      what: `${this.name}: there is no vocabulary yet`,
      hint: "await layer.adapt(data) first, or give one: { vocabulary: […] }",
    });
  }

  /** Learns the vocabulary of data: an array, texts, or batches of them in an iterable or a Dataset. */
  async adapt(data: Adaptable): Promise<this> {
    const counts = new Counts<T>(this.#values.outputMode === "tfIdf");
    for await (const batch of batchesOf(this.name, data)) this.count(counts, batch);
    this.adopt(counts);
    return this;
  }

  /** Counts the values of a batch, each row a document. */
  protected count(counts: Counts<T>, batch: HostArray | HostTexts): void {
    const values = this.tokensOf(batch);
    const length =
      batch.shape.length > 1
        ? Math.max(
            1,
            batch.shape.slice(1).reduce((a, b) => a * b, 1),
          )
        : 1;
    for (let start = 0; start < values.length; start += length)
      counts.add(Array.from({ length }, (_, at) => values[start + at]!));
  }

  /** Takes over what was counted. */
  adopt(counts: Counts<T>): void {
    this.#vocabulary = counts.vocabulary(this.name, this.#vocabularyOptions);
  }

  /** The number of a value; −1 for the mask where it counts nowhere. */
  indexOf(token: T): number {
    const found = this.#known.indexOf(token);
    if (found !== undefined) return found;
    const { maskToken, numOovIndices, outputMode } = this.#values;
    if (maskToken !== undefined && token === maskToken) return outputMode === "int" ? 0 : -1;
    if (numOovIndices === 0) {
      throw new ArgumentError({
        what: `${this.name}: ${JSON.stringify(token)} is not in the vocabulary`,
        hint: "numOovIndices: 1 gives such values a number of their own",
      });
    }
    return oovStart(this.#vocabularyOptions) + (numOovIndices === 1 ? 0 : this.bin(token, numOovIndices));
  }

  protected override resultShape(input: OpenShape): OpenShape {
    return this.#values.outputMode === "int" ? input : encodedShape(input, this.#values.outputMode, this.depth);
  }

  protected override get resultType() {
    return this.#values.outputMode === "int" ? "i32" : "f32";
  }

  /** Columns of the modes that count. */
  get depth(): number {
    const { padToMaxTokens, maxTokens } = this.#values;
    return padToMaxTokens && maxTokens !== undefined ? maxTokens : this.#known.size;
  }

  override transform(x: HostArray | HostTexts): HostResult {
    const { invert } = this.#values;
    if (invert) {
      throw new ArgumentError({
        what: `${this.name}: the layer gives values for numbers, which are no tensor`,
        hint: "call layer.lookup(numbers), which gives lists",
      });
    }
    const tokens = this.tokensOf(x);
    return this.encode(
      Int32Array.from({ length: tokens.length }, (_, at) => this.indexOf(tokens[at]!)),
      x.shape,
    );
  }

  /** Numbers in the output mode. */
  encode(indices: Int32Array, shape: readonly number[]): HostResult {
    const { outputMode } = this.#values;
    if (outputMode === "int") return { data: indices, shape };
    const { depth } = this;
    const weights = this.#known.idfWeights;
    // Columns beyond the vocabulary are empty.
    const factors = weights && Float32Array.from({ length: depth }, (_, at) => weights[at] ?? 0);
    return encodedOnHost(indices, shape, outputMode, depth, factors);
  }

  /** The value of each number; the out-of-vocabulary token for numbers that have none. */
  lookup(numbers: ArrayLike<number>): T[] {
    const list = this.#known.list();
    const { oovToken } = this.#values;
    return Array.from(numbers, (number) => list[number] ?? oovToken);
  }

  override config(): Config {
    const { tokens, idfWeights } = this.#vocabulary ?? {};
    // Weights are those of the special tokens as well, so these are part of the vocabulary then.
    const vocabulary = idfWeights === undefined ? tokens : this.#vocabulary?.list();
    return {
      ...super.config(),
      vocabulary: vocabulary ?? null,
      idfWeights: idfWeights === undefined ? null : [...idfWeights],
    };
  }
}
