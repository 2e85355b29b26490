import * as dropouts from "../dropout.ts";
import * as noise from "../noise.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

export const dropout = (rate: number, options?: dropouts.DropoutOptions): Shaped<dropouts.Dropout, Same> =>
  shaped(new dropouts.Dropout(rate, options));
export const spatialDropout1d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout1D, Same> => shaped(new dropouts.SpatialDropout1D(rate, options));
export const spatialDropout2d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout2D, Same> => shaped(new dropouts.SpatialDropout2D(rate, options));
export const spatialDropout3d = (
  rate: number,
  options?: dropouts.SpatialDropoutOptions,
): Shaped<dropouts.SpatialDropout3D, Same> => shaped(new dropouts.SpatialDropout3D(rate, options));
export const gaussianDropout = (
  rate: number,
  options?: noise.GaussianDropoutOptions,
): Shaped<noise.GaussianDropout, Same> => shaped(new noise.GaussianDropout(rate, options));
export const gaussianNoise = (
  stddev: number,
  options?: noise.GaussianNoiseOptions,
): Shaped<noise.GaussianNoise, Same> => shaped(new noise.GaussianNoise(stddev, options));
export const alphaDropout = (rate: number, options?: noise.AlphaDropoutOptions): Shaped<noise.AlphaDropout, Same> =>
  shaped(new noise.AlphaDropout(rate, options));
export const activityRegularization = (
  options?: noise.ActivityRegularizationOptions,
): Shaped<noise.ActivityRegularization, Same> => shaped(new noise.ActivityRegularization(options));
