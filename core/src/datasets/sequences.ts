import { ArgumentError, DataError, oneOf } from "../base/errors.ts";
import { NdArray, type SeededRandom } from "../data/index.ts";
import { decodeNpy, decodePickle, npyPickle, PickledArray } from "../formats/index.ts";
import { notPublished } from "./catalogue.ts";
import type { KnownOptions } from "./options.ts";

/** How texts as lists of word numbers are prepared; names and defaults are those of Keras. */
export interface SequenceOptions extends KnownOptions {
  /** Only words whose number is below; rarer ones become `oovChar`. */
  readonly numWords?: number | undefined;
  /** So many of the most frequent words become `oovChar`, too. Default 0. */
  readonly skipTop?: number | undefined;
  /** Only texts that are shorter. */
  readonly maxLength?: number | undefined;
  /** The seed of the order: that of NumPy's RandomState. Default 113. */
  readonly seed?: number | undefined;
  /** Stands before each text; null for none. Default 1. */
  readonly startChar?: number | null | undefined;
  /** Stands for words that are left out; null drops them. Default 2. */
  readonly oovChar?: number | null | undefined;
  /** What is added to the number of each word: smaller numbers have a meaning of their own. Default 3. */
  readonly indexFrom?: number | undefined;
}

/** Texts as lists of word numbers, and a label for each. */
export interface Texts {
  readonly texts: readonly Int32Array[];
  readonly labels: ArrayLike<number>;
}

/** Both parts in a new random order; one after the other from the same generator, as Keras does it. */
export function shuffled({ texts, labels }: Texts, random: SeededRandom): Texts {
  const order = Uint32Array.from(texts, (_, index) => index);
  random.shuffle(order);
  return {
    texts: Array.from(order, (index) => texts[index]!),
    labels: Uint8Array.from(order, (index) => labels[index]!),
  };
}

/** The words of texts renumbered, and texts that are too long left out. */
export function numbered({ texts, labels }: Texts, options: SequenceOptions): Texts {
  const { startChar = 1, indexFrom = 3, maxLength } = options;
  const start = startChar === null ? [] : [startChar];
  const all = texts.map((words) => Int32Array.from([...start, ...words.map((word) => word + indexFrom)]));
  const kept = maxLength === undefined ? all : all.filter(({ length }) => length < maxLength);
  if (kept.length === 0) {
    throw new ArgumentError({
      what: `no text is shorter than maxLength = ${maxLength}`,
      hint: "allow longer ones",
    });
  }
  const keptLabels =
    maxLength === undefined ? labels : Uint8Array.from(labels).filter((_, index) => all[index]!.length < maxLength);
  return { texts: kept, labels: keptLabels };
}

/** The numbers of words that are too rare or too frequent replaced, by what is asked for of all parts together. */
export function limited(texts: readonly Int32Array[], options: SequenceOptions, all = texts): Int32Array[] {
  const { skipTop = 0, oovChar = 2 } = options;
  let limit = options.numWords ?? 0;
  // Without a limit, Keras takes the largest number, and so leaves out the one word that has it.
  if (limit === 0) for (const words of all) for (const word of words) limit = Math.max(limit, word);
  const isKept = (word: number): boolean => word >= skipTop && word < limit;
  return texts.map((words) =>
    oovChar === null ? words.filter(isKept) : words.map((word) => (isKept(word) ? word : oovChar)),
  );
}

export const labelsOf = (labels: ArrayLike<number>): NdArray => new NdArray(Uint8Array.from(labels));

/** Lists of word numbers from an array of Python objects, as Keras's files hold them. */
export function readTexts(file: Uint8Array | undefined, source: string): Int32Array[] {
  const pickle = file === undefined ? undefined : npyPickle(file);
  const array = pickle === undefined ? undefined : decodePickle(pickle, source);
  const broken = new DataError({
    what: `${source}: it does not hold texts as lists of word numbers`,
    hint: "the file is not the one that Keras publishes",
  });
  if (!(array instanceof PickledArray) || !Array.isArray(array.content)) throw broken;
  // A small file can refer to one long list many times; an honest one has at least two bytes a word.
  let words = 0;
  return (array.content as readonly unknown[]).map((text) => {
    if (!Array.isArray(text)) throw broken;
    words += text.length;
    if (words > pickle!.length || !text.every((word) => Number.isInteger(word) && Math.abs(word) < 2 ** 31))
      throw broken;
    return Int32Array.from(text as readonly number[]);
  });
}

/** Labels: whole numbers of any width. */
export function readLabels(file: Uint8Array | undefined, source: string): Uint8Array {
  if (file === undefined) throw new DataError({ what: `${source}: it is missing`, hint: notPublished });
  return Uint8Array.from(decodeNpy(file, source).data as ArrayLike<number | bigint>, Number);
}

/** How sequences of different lengths are brought to one; names and defaults are those of Keras. */
export interface PadOptions {
  /** The length of all. Default: that of the longest. */
  readonly length?: number | undefined;
  /** Where short ones are filled up: before what they hold ("pre", as by default), or after it. */
  readonly padding?: "pre" | "post" | undefined;
  /** Where long ones are cut: at their beginning ("pre", as by default), or at their end. */
  readonly truncating?: "pre" | "post" | undefined;
  readonly value?: number | undefined;
}

/** Sequences of numbers as one array [count, length] of i32: short ones filled up, long ones cut. */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  { length, padding = "pre", truncating = "pre", value = 0 }: PadOptions = {},
): NdArray {
  oneOf("padding", padding, ["pre", "post"], "padSequences");
  oneOf("truncating", truncating, ["pre", "post"], "padSequences");
  const size = length ?? sequences.reduce((most, sequence) => Math.max(most, sequence.length), 0);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new ArgumentError(`padSequences: the length must be a whole number, received ${size}`);
  const padded = new Int32Array(sequences.length * size).fill(value);
  for (const [row, sequence] of sequences.entries()) {
    const count = Math.min(size, sequence.length);
    const from = truncating === "pre" ? sequence.length - count : 0;
    const to = row * size + (padding === "pre" ? size - count : 0);
    for (let at = 0; at < count; at++) padded[to + at] = sequence[from + at]!;
  }
  return new NdArray(padded, [sequences.length, size]);
}
