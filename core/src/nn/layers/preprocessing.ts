import * as classes from "../preprocessing/index.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same, Unknown } from "../rules/single.ts";

/** (x − mean) / √variance, with statistics that are given, or that `adapt` takes from data before training. */
export const normalization = (options?: classes.NormalizationOptions): Shaped<classes.Normalization, Same> =>
  shaped(new classes.Normalization(options));
/** x · scale + offset: pixels from 0 to 255 come between 0 and 1 by `rescaling(1 / 255)`. */
export const rescaling = (
  scale: number | readonly number[],
  options?: classes.RescalingOptions,
): Shaped<classes.Rescaling, Same> => shaped(new classes.Rescaling(scale, options));
/** The bin of each number: bins are given, or `adapt` cuts data into bins of equally many values. */
export const discretization = (options?: classes.DiscretizationOptions): Shaped<classes.Discretization, Unknown> =>
  shaped(new classes.Discretization(options));
/**
 * Class numbers as rows: [batch, classes of an example] → [batch, numTokens]. Of a list [tokens, weights], counts are
 * multiplied by the weights. Numbers that are no class count nowhere.
 */
export const categoryEncoding = (
  numTokens: number,
  options?: classes.CategoryEncodingOptions,
): Shaped<classes.CategoryEncoding, Unknown> => shaped(new classes.CategoryEncoding(numTokens, options));
/** The strength of each pitch at each time: signals [batch, samples] → [batch, numMelBins, frames]. */
export const melSpectrogram = (options?: classes.MelSpectrogramOptions): Shaped<classes.MelSpectrogram, Unknown> =>
  shaped(new classes.MelSpectrogram(options));
/**
 * The spectrum of each frame, by convolutions whose kernels may be trained: [batch, samples, channels] →
 * [batch, frames, channels · bins], or with `expandDims` [batch, frames, bins, channels].
 */
export const stftSpectrogram = (options?: classes.StftSpectrogramOptions): Shaped<classes.STFTSpectrogram, Unknown> =>
  shaped(new classes.STFTSpectrogram(options));

// These work on the host: they say themselves what they can be called on.
/** Texts or whole numbers (by their digits) in bins by a hash: features with more values than one could list. */
export const hashing = (numBins: number, options?: classes.HashingOptions): classes.Hashing =>
  new classes.Hashing(numBins, options);
/** Texts as their numbers in a vocabulary. */
export const stringLookup = (options?: classes.StringLookupOptions): classes.StringLookup =>
  new classes.StringLookup(options);
/** Whole numbers as their places in a vocabulary. */
export const integerLookup = (options?: classes.IntegerLookupOptions): classes.IntegerLookup =>
  new classes.IntegerLookup(options);
/**
 * Texts as the numbers of their tokens: standardized, split, joined to n-grams, and looked up in a vocabulary that is
 * given or learned by `adapt`. 0 is padding, 1 an unknown token.
 */
export const textVectorization = (options?: classes.TextVectorizationOptions): classes.TextVectorization =>
  new classes.TextVectorization(options);
