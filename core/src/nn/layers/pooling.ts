import * as adaptive from "../adaptivePooling.ts";
import type { PaddingName } from "../checks.ts";
import * as global from "../globalPooling.ts";
import type { LayerOptions } from "../layer.ts";
import * as pooling from "../pooling.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Adaptive, GlobalMean, GlobalPooling, Pooling, Sizes, Slid, Sliding } from "../rules/windows.ts";

type Plain = Exclude<PaddingName, "causal">;
interface Keeping<Keep> {
  readonly keepDims?: Keep | undefined;
}

/** The largest value of each window of steps: [batch, steps, channels]. */
export const maxPooling1d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.MaxPooling1D, Pooling<1, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.MaxPooling1D(poolSize, options));

/** The largest value of each window of images: [batch, height, width, channels]. */
export const maxPooling2d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.MaxPooling2D, Pooling<2, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.MaxPooling2D(poolSize, options));

/** The largest value of each window of volumes: [batch, depth, height, width, channels]. */
export const maxPooling3d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.MaxPooling3D, Pooling<3, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.MaxPooling3D(poolSize, options));

/** The mean of each window of steps: [batch, steps, channels]. */
export const averagePooling1d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.AveragePooling1D, Pooling<1, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.AveragePooling1D(poolSize, options));

/** The mean of each window of images: [batch, height, width, channels]. */
export const averagePooling2d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.AveragePooling2D, Pooling<2, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.AveragePooling2D(poolSize, options));

/** The mean of each window of volumes: [batch, depth, height, width, channels]. */
export const averagePooling3d = <
  const K extends Sizes = 2,
  const Strides extends Sizes = K,
  Padding extends Plain = "valid",
>(
  poolSize?: K,
  options?: pooling.PoolingOptions & Pick<Sliding<Strides, Padding, 1>, "strides" | "padding">,
): Shaped<pooling.AveragePooling3D, Pooling<3, K, Slid<Strides, Padding, 1>>> =>
  shaped(new pooling.AveragePooling3D(poolSize, options));

/** The largest value of each channel of steps: [batch, steps, channels] → [batch, channels]. */
export const globalMaxPooling1d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalMaxPooling1D, GlobalPooling<1, Keep>> => shaped(new global.GlobalMaxPooling1D(options));

/** The largest value of each channel of images: [batch, height, width, channels] → [batch, channels]. */
export const globalMaxPooling2d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalMaxPooling2D, GlobalPooling<2, Keep>> => shaped(new global.GlobalMaxPooling2D(options));

/** The largest value of each channel of volumes: [batch, depth, height, width, channels] → [batch, channels]. */
export const globalMaxPooling3d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalMaxPooling3D, GlobalPooling<3, Keep>> => shaped(new global.GlobalMaxPooling3D(options));

/** The mean over all steps, or over those that the mask lets count; the mask ends here. */
export const globalAveragePooling1d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalAveragePooling1D, GlobalMean<1, Keep>> => shaped(new global.GlobalAveragePooling1D(options));

/** The mean of each channel of images: [batch, height, width, channels] → [batch, channels]. */
export const globalAveragePooling2d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalAveragePooling2D, GlobalPooling<2, Keep>> => shaped(new global.GlobalAveragePooling2D(options));

/** The mean of each channel of volumes: [batch, depth, height, width, channels] → [batch, channels]. */
export const globalAveragePooling3d = <Keep extends boolean = false>(
  options?: global.GlobalPoolingOptions & Keeping<Keep>,
): Shaped<global.GlobalAveragePooling3D, GlobalPooling<3, Keep>> => shaped(new global.GlobalAveragePooling3D(options));

/** The largest values of steps in as many windows as are asked for. */
export const adaptiveMaxPooling1d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveMaxPooling1D, Adaptive<1, Size>> =>
  shaped(new adaptive.AdaptiveMaxPooling1D(outputSize, options));

/** The largest values of images in as many windows as are asked for. */
export const adaptiveMaxPooling2d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveMaxPooling2D, Adaptive<2, Size>> =>
  shaped(new adaptive.AdaptiveMaxPooling2D(outputSize, options));

/** The largest values of volumes in as many windows as are asked for. */
export const adaptiveMaxPooling3d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveMaxPooling3D, Adaptive<3, Size>> =>
  shaped(new adaptive.AdaptiveMaxPooling3D(outputSize, options));

/** The means of steps in as many windows as are asked for. */
export const adaptiveAveragePooling1d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveAveragePooling1D, Adaptive<1, Size>> =>
  shaped(new adaptive.AdaptiveAveragePooling1D(outputSize, options));

/** The means of images in as many windows as are asked for. */
export const adaptiveAveragePooling2d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveAveragePooling2D, Adaptive<2, Size>> =>
  shaped(new adaptive.AdaptiveAveragePooling2D(outputSize, options));

/** The means of volumes in as many windows as are asked for. */
export const adaptiveAveragePooling3d = <const Size extends Sizes>(
  outputSize: Size,
  options?: LayerOptions,
): Shaped<adaptive.AdaptiveAveragePooling3D, Adaptive<3, Size>> =>
  shaped(new adaptive.AdaptiveAveragePooling3D(outputSize, options));
