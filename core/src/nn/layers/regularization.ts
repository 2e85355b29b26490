import * as dropouts from "../dropout.ts";
import * as noise from "../noise.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

/**
 * While training, sets each value to 0 with probability `rate` and divides the others by 1 − rate, so that the mean stays
 * (Srivastava et al. 2014, inverted). Outside of training, the identity.
 */
export const dropout = (rate: number, options?: dropouts.DropoutOptions): Shaped<dropouts.Dropout, Same> =>
  shaped(new dropouts.Dropout(rate, options));
/** Sets whole channels of sequences to 0 with probability `rate` while training. */
export const spatialDropout1d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout1D, Same> => shaped(new dropouts.SpatialDropout1D(rate, options));
/** Sets whole channels of images to 0 with probability `rate` while training. */
export const spatialDropout2d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout2D, Same> => shaped(new dropouts.SpatialDropout2D(rate, options));
/** Sets whole channels of volumes to 0 with probability `rate` while training. */
export const spatialDropout3d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout3D, Same> => shaped(new dropouts.SpatialDropout3D(rate, options));
/** While training, multiplies by noise of mean 1 and variance rate / (1 − rate) (Srivastava et al. 2014). */
export const gaussianDropout = (
  rate: number,
  options?: noise.GaussianDropoutOptions,
): Shaped<noise.GaussianDropout, Same> => shaped(new noise.GaussianDropout(rate, options));
/** While training, adds normally distributed noise; outside of training, the identity. */
export const gaussianNoise = (
  stddev: number,
  options?: noise.GaussianNoiseOptions,
): Shaped<noise.GaussianNoise, Same> => shaped(new noise.GaussianNoise(stddev, options));
/** Dropout for SELU: dropped values become SELU's floor, and an affine map keeps mean and variance (Klambauer et al. 2017). */
export const alphaDropout = (rate: number, options?: noise.AlphaDropoutOptions): Shaped<noise.AlphaDropout, Same> =>
  shaped(new noise.AlphaDropout(rate, options));
/** Passes its input on, and adds a penalty on it to the loss (over the batch's size). */
export const activityRegularization = (
  options?: noise.ActivityRegularizationOptions,
): Shaped<noise.ActivityRegularization, Same> => shaped(new noise.ActivityRegularization(options));
