import { ArgumentError } from "../../base/errors.ts";
import { compareCodePoints } from "./codePoints.ts";

export type Token = string | number;

/** What decides which number a value has, in Keras's order: the mask, the out-of-vocabulary bins, the vocabulary. */
export interface VocabularyOptions<T extends Token> {
  readonly maxTokens: number | undefined;
  readonly numOovIndices: number;
  readonly maskToken: T | undefined;
  readonly oovToken: T;
  /** Whether the mask has a number of its own (0): it does where numbers come out. */
  readonly maskHasIndex: boolean;
}

/** Values and their numbers. */
export class Vocabulary<T extends Token> {
  readonly options: VocabularyOptions<T>;
  readonly tokens: readonly T[];
  /** A weight for each number, for "tfIdf": log(1 + documents / (1 + documents with the value)). */
  readonly idfWeights: Float32Array | undefined;
  readonly #indices: ReadonlyMap<T, number>;

  /** `tokens` without the special ones; `idfWeights` with those of the special ones. */
  constructor(owner: string, options: VocabularyOptions<T>, tokens: readonly T[], idfWeights?: Float32Array) {
    this.options = options;
    this.tokens = tokens;
    this.idfWeights = idfWeights;
    const first = firstToken(options);
    this.#indices = new Map(tokens.map((token, at) => [token, first + at]));
    if (this.#indices.size !== tokens.length) {
      const twice = tokens.find((token, at) => this.#indices.get(token) !== first + at);
      throw new ArgumentError(`${owner}: the vocabulary has ${JSON.stringify(twice)} twice`);
    }
    const { maskToken, maxTokens } = options;
    if (maskToken !== undefined && this.#indices.has(maskToken)) {
      throw new ArgumentError({
        what: `${owner}: the mask ${JSON.stringify(maskToken)} is in the middle of the vocabulary`,
        hint: `leave the special tokens out, or give them first: ${JSON.stringify(specialTokens(options))}`,
      });
    }
    if (maxTokens !== undefined && this.size > maxTokens) {
      throw new ArgumentError({
        what: `${owner}: the vocabulary has ${this.size} entries with the special tokens, maxTokens is ${maxTokens}`,
        hint: "raise maxTokens, or leave it out",
      });
    }
  }

  /** The number of values, special tokens included. */
  get size(): number {
    return firstToken(this.options) + this.tokens.length;
  }

  /** The number of a value of the vocabulary, else undefined. */
  indexOf(token: T): number | undefined {
    return this.#indices.get(token);
  }

  /** The values in the order of their numbers, special tokens first. */
  list(withSpecial = true): T[] {
    return [...(withSpecial ? specialTokens(this.options) : []), ...this.tokens];
  }
}

/** The number of the first value that is no special token. */
export const firstToken = <T extends Token>(options: VocabularyOptions<T>): number =>
  oovStart(options) + options.numOovIndices;

/** The number of the first out-of-vocabulary bin. */
export const oovStart = <T extends Token>({ maskToken, maskHasIndex }: VocabularyOptions<T>): number =>
  maskToken !== undefined && maskHasIndex ? 1 : 0;

export function specialTokens<T extends Token>(options: VocabularyOptions<T>): T[] {
  const { maskToken, oovToken, numOovIndices } = options;
  const oov = new Array<T>(numOovIndices).fill(oovToken);
  return maskToken !== undefined && oovStart(options) === 1 ? [maskToken, ...oov] : oov;
}

/** `given` without special tokens, if it begins with them; and whether it did. */
export function withoutSpecial<T extends Token>(options: VocabularyOptions<T>, given: readonly T[]) {
  const special = specialTokens(options);
  const found = special.every((token, at) => token === given[at]);
  return { tokens: found ? given.slice(special.length) : given, found };
}

/** Counts of values, and of the documents that have them. */
export class Counts<T extends Token> {
  readonly #counts = new Map<T, number>();
  readonly #documents = new Map<T, number>();
  readonly #byDocument: boolean;
  #documentCount = 0;

  constructor(byDocument: boolean) {
    this.#byDocument = byDocument;
  }

  /** Takes the values of one document. */
  add(document: Iterable<T>): void {
    const counts = this.#counts;
    for (const token of document) counts.set(token, (counts.get(token) ?? 0) + 1);
    if (!this.#byDocument) return;
    this.#documentCount++;
    for (const token of new Set(document)) this.#documents.set(token, (this.#documents.get(token) ?? 0) + 1);
  }

  /** The vocabulary of what was counted: most frequent first, equally frequent ones from the last in order to the first. */
  vocabulary(owner: string, options: VocabularyOptions<T>): Vocabulary<T> {
    const { maskToken, oovToken, maxTokens } = options;
    if (maskToken !== undefined) this.#counts.delete(maskToken);
    this.#counts.delete(oovToken);
    const counted = [...this.#counts].sort(([a, m], [b, n]) => n - m || compareTokens(b, a));
    const first = firstToken(options);
    const kept = maxTokens === undefined ? counted : counted.slice(0, Math.max(0, maxTokens - first));
    const tokens = kept.map(([token]) => token);
    if (!this.#byDocument) return new Vocabulary(owner, options, tokens);
    const idf = tokens.map((token) => Math.log(1 + this.#documentCount / (1 + this.#documents.get(token)!)));
    // Special tokens weigh as much as the others on average.
    const mean = idf.reduce((sum, weight) => sum + Math.fround(weight), 0) / idf.length;
    return new Vocabulary(owner, options, tokens, Float32Array.from([...new Array<number>(first).fill(mean), ...idf]));
  }
}

const compareTokens = (a: Token, b: Token): number =>
  typeof a === "string" && typeof b === "string" ? compareCodePoints(a, b) : Number(a) - Number(b);
