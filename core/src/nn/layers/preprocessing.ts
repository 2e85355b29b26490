import * as classes from "../preprocessing/index.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same, Unknown } from "../rules/single.ts";

export const normalization = (options?: classes.NormalizationOptions): Shaped<classes.Normalization, Same> =>
  shaped(new classes.Normalization(options));
export const rescaling = (
  scale: number | readonly number[],
  options?: classes.RescalingOptions,
): Shaped<classes.Rescaling, Same> => shaped(new classes.Rescaling(scale, options));
export const discretization = (options?: classes.DiscretizationOptions): Shaped<classes.Discretization, Unknown> =>
  shaped(new classes.Discretization(options));
export const categoryEncoding = (
  numTokens: number,
  options?: classes.CategoryEncodingOptions,
): Shaped<classes.CategoryEncoding, Unknown> => shaped(new classes.CategoryEncoding(numTokens, options));
export const melSpectrogram = (options?: classes.MelSpectrogramOptions): Shaped<classes.MelSpectrogram, Unknown> =>
  shaped(new classes.MelSpectrogram(options));
export const stftSpectrogram = (options?: classes.StftSpectrogramOptions): Shaped<classes.STFTSpectrogram, Unknown> =>
  shaped(new classes.STFTSpectrogram(options));

// These work on the host: they say themselves what they can be called on.
export const hashing = (numBins: number, options?: classes.HashingOptions): classes.Hashing =>
  new classes.Hashing(numBins, options);
export const stringLookup = (options?: classes.StringLookupOptions): classes.StringLookup =>
  new classes.StringLookup(options);
export const integerLookup = (options?: classes.IntegerLookupOptions): classes.IntegerLookup =>
  new classes.IntegerLookup(options);
export const textVectorization = (options?: classes.TextVectorizationOptions): classes.TextVectorization =>
  new classes.TextVectorization(options);
