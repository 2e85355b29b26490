import { ArgumentError, DataError } from "../base/errors.ts";
import { numpyRandom } from "../data/index.ts";
import { chunksOf, gathered, npzMembers } from "../formats/index.ts";
import { catalogue, notPublished, type RemoteFile } from "./catalogue.ts";
import { type KnownOptions, type Splits, syntheticOf, withFile } from "./options.ts";
import {
  labelsOf,
  limited,
  numbered,
  readLabels,
  readTexts,
  type SequenceOptions,
  shuffled,
  type Texts,
} from "./sequences.ts";
import { syntheticPlay, syntheticTexts } from "./synthetic/texts.ts";

/** What the unpacked files may have at most. */
const limitBytes = 2 ** 29;
const usualSeed = 113;

/**
 * IMDB: 50,000 reviews of films as lists of word numbers, by frequency, and whether they are favourable (Maas et al. 2011).
 * Their order is Keras's.
 */
export async function imdb(options: SequenceOptions = {}): Promise<Splits<readonly Int32Array[]>> {
  const synthetic = syntheticOf(options, { train: 25_000, test: 25_000 });
  const raw =
    synthetic === undefined
      ? await textsOf(catalogue.imdb, ["_train", "_test"], options)
      : [synthetic.train, synthetic.test].map((count, part) =>
          syntheticTexts({ count, classes: 2, seed: synthetic.seed, part }),
        );
  const random = numpyRandom(options.seed ?? usualSeed);
  const [train, test] = raw.map((texts) => shuffled(texts, random)).map((texts) => numbered(texts, options)) as [
    Texts,
    Texts,
  ]; // as many as names
  const all = [...train.texts, ...test.texts];
  const split = ({ texts, labels }: Texts) => ({ x: limited(texts, options, all), y: labelsOf(labels) });
  return { train: split(train), test: split(test) };
}

export interface ReutersOptions extends SequenceOptions {
  /** The part of the texts that is for testing. Default 0.2. */
  readonly testSplit?: number | undefined;
}

/** What Reuters' topics are, by their labels. */
export const reutersTopics: readonly string[] = (
  "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass crude " +
  "nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi iron-steel rubber " +
  "heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
).split(" ");

/** Reuters: 11,228 newswires as lists of word numbers, and which of 46 topics they have. Order and split are Keras's. */
export async function reuters(options: ReutersOptions = {}): Promise<Splits<readonly Int32Array[]>> {
  const { testSplit = 0.2 } = options;
  checkTestSplit("reuters", testSplit);
  const synthetic = syntheticOf(options, { train: 8982, test: 2246 });
  const [raw] =
    synthetic === undefined
      ? await textsOf(catalogue.reuters, [""], options)
      : [syntheticTexts({ count: synthetic.train + synthetic.test, classes: 46, seed: synthetic.seed, part: 0 })];
  const { texts, labels } = numbered(shuffled(raw!, numpyRandom(options.seed ?? usualSeed)), options);
  const x = limited(texts, options);
  const count = synthetic === undefined ? Math.trunc(x.length * (1 - testSplit)) : Math.min(synthetic.train, x.length);
  const y = Uint8Array.from(labels);
  return {
    train: { x: x.slice(0, count), y: labelsOf(y.subarray(0, count)) },
    test: { x: x.slice(count), y: labelsOf(y.subarray(count)) },
  };
}

export function checkTestSplit(name: string, testSplit: number): void {
  if (testSplit >= 0 && testSplit < 1) return;
  throw new ArgumentError(`${name}: testSplit must be from 0 up to 1 (not included), received ${testSplit}`);
}

async function textsOf(file: RemoteFile, parts: readonly string[], options: KnownOptions): Promise<Texts[]> {
  const arrays = await withFile(file, options, (bytes) => npzMembers(bytes, { limitBytes }, file.name));
  return parts.map((part) => {
    const texts = readTexts(arrays.get(`x${part}`), `${file.name}: x${part}`);
    const labels = readLabels(arrays.get(`y${part}`), `${file.name}: y${part}`);
    if (labels.length !== texts.length)
      throw new DataError({
        what: `${file.name}: there are ${texts.length} texts, but ${labels.length} labels`,
        hint: notPublished,
      });
    return { texts, labels };
  });
}

/** The numbers of the words of IMDB, before `indexFrom` is added: the most frequent word has 1. */
export const imdbWordIndex = (options: KnownOptions = {}): Promise<Map<string, number>> =>
  wordIndex(catalogue.imdbWords, options);

/** The numbers of the words of Reuters, before `indexFrom` is added: the most frequent word has 1. */
export const reutersWordIndex = (options: KnownOptions = {}): Promise<Map<string, number>> =>
  wordIndex(catalogue.reutersWords, options);

async function wordIndex(file: RemoteFile, options: KnownOptions): Promise<Map<string, number>> {
  const index: unknown = JSON.parse(await textOf(file, options));
  const entries = typeof index === "object" && index !== null ? Object.entries(index) : [];
  if (entries.length === 0 || !entries.every(([, number]) => Number.isInteger(number)))
    throw new DataError({ what: `${file.name}: it does not hold the numbers of words`, hint: notPublished });
  return new Map(entries);
}

/** All of Shakespeare's plays of which there is a tiny version: 1,115,394 letters (Karpathy 2015). */
export async function shakespeare(options: KnownOptions = {}): Promise<string> {
  const synthetic = syntheticOf(options, { train: 1_115_394, test: 0 });
  return synthetic === undefined
    ? textOf(catalogue.shakespeare, options)
    : syntheticPlay(synthetic.train, synthetic.seed);
}

const textOf = (file: RemoteFile, options: KnownOptions): Promise<string> =>
  withFile(file, options, async (bytes) => {
    const content = await gathered(chunksOf(bytes), limitBytes, file.name);
    return new TextDecoder("utf-8").decode(content);
  });
