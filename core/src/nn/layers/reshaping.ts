import * as borders from "../borders.ts";
import type { LayerOptions } from "../layer.ts";
import * as classes from "../reshaping.ts";
import type * as rules from "../rules/reshaping.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Borders, Cropping, Padding, Sizes, UpSampling } from "../rules/windows.ts";
import * as upSampling from "../upSampling.ts";

/** [batch, ...sizes] → [batch, product of the sizes]. */
export const flatten = (options?: LayerOptions): Shaped<classes.Flatten, rules.Flatten> =>
  shaped(new classes.Flatten(options));
/** [batch, ...] → [batch, ...targetShape]; one size may be −1. */
export const reshape = <const Target extends readonly number[]>(
  targetShape: Target,
  options?: LayerOptions,
): Shaped<classes.Reshape, rules.Reshape<Target>> => shaped(new classes.Reshape(targetShape, options));
/** The axes in another order: with dims [2, 1], [batch, a, b] → [batch, b, a]. */
export const permute = <const Dims extends readonly number[]>(
  dims: Dims,
  options?: LayerOptions,
): Shaped<classes.Permute, rules.Permute<Dims>> => shaped(new classes.Permute(dims, options));
/** [batch, features] → [batch, n, features]: the same vector at every step. */
export const repeatVector = <N extends number>(
  n: N,
  options?: LayerOptions,
): Shaped<classes.RepeatVector, rules.RepeatVector<N>> => shaped(new classes.RepeatVector(n, options));

/** Steps without the first and the last `cropping` of them. */
export const cropping1d = <const B extends Borders = 1>(
  cropping?: B,
  options?: LayerOptions,
): Shaped<borders.Cropping1D, Cropping<1, B>> => shaped(new borders.Cropping1D(cropping, options));
/** Images without their borders. */
export const cropping2d = <const B extends Borders = 0>(
  cropping?: B,
  options?: LayerOptions,
): Shaped<borders.Cropping2D, Cropping<2, B>> => shaped(new borders.Cropping2D(cropping, options));
/** Volumes without their borders. */
export const cropping3d = <const B extends Borders = 1>(
  cropping?: B,
  options?: LayerOptions,
): Shaped<borders.Cropping3D, Cropping<3, B>> => shaped(new borders.Cropping3D(cropping, options));
/** Steps with zeros before and after them. */
export const zeroPadding1d = <const B extends Borders = 1>(
  padding?: B,
  options?: LayerOptions,
): Shaped<borders.ZeroPadding1D, Padding<1, B>> => shaped(new borders.ZeroPadding1D(padding, options));
/** Images with borders of zeros. */
export const zeroPadding2d = <const B extends Borders = 1>(
  padding?: B,
  options?: LayerOptions,
): Shaped<borders.ZeroPadding2D, Padding<2, B>> => shaped(new borders.ZeroPadding2D(padding, options));
/** Volumes with borders of zeros. */
export const zeroPadding3d = <const B extends Borders = 1>(
  padding?: B,
  options?: LayerOptions,
): Shaped<borders.ZeroPadding3D, Padding<3, B>> => shaped(new borders.ZeroPadding3D(padding, options));

/** Repeats each step: [batch, steps, channels] → [batch, steps · size, channels]. */
export const upSampling1d = <const Size extends Sizes = 2>(
  size?: Size,
  options?: LayerOptions,
): Shaped<upSampling.UpSampling1D, UpSampling<1, Size>> => shaped(new upSampling.UpSampling1D(size, options));
/** Larger images: [batch, height, width, channels] → [batch, height · size, width · size, channels]. */
export const upSampling2d = <const Size extends Sizes = 2>(
  size?: Size,
  options?: upSampling.UpSampling2DOptions,
): Shaped<upSampling.UpSampling2D, UpSampling<2, Size>> => shaped(new upSampling.UpSampling2D(size, options));
/** Repeats each voxel along all three axes. */
export const upSampling3d = <const Size extends Sizes = 2>(
  size?: Size,
  options?: LayerOptions,
): Shaped<upSampling.UpSampling3D, UpSampling<3, Size>> => shaped(new upSampling.UpSampling3D(size, options));
