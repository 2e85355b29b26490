import type { PaddingName } from "../checks.ts";
import * as conv from "../conv.ts";
import * as transpose from "../convTranspose.ts";
import * as depthwise from "../depthwise.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Convolution, Depthwise, Sizes, Slid, Sliding, Transposed } from "../rules/windows.ts";

type Plain = Exclude<PaddingName, "causal">;

/** Convolution over steps: [batch, steps, channels] → [batch, steps', filters]. */
export const conv1d = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
>(
  filters: Filters,
  kernelSize: K,
  options?: conv.ConvOptions & Sliding<Strides, Padding, Dilation>,
): Shaped<conv.Conv1D, Convolution<1, Filters, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new conv.Conv1D(filters, kernelSize, options));

/** Convolution over images: [batch, height, width, channels] → [batch, height', width', filters]. */
export const conv2d = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
>(
  filters: Filters,
  kernelSize: K,
  options?: conv.ConvOptions & Sliding<Strides, Padding, Dilation>,
): Shaped<conv.Conv2D, Convolution<2, Filters, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new conv.Conv2D(filters, kernelSize, options));

/** Convolution over volumes: [batch, depth, height, width, channels] → [batch, …', filters]. */
export const conv3d = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
>(
  filters: Filters,
  kernelSize: K,
  options?: conv.ConvOptions & Sliding<Strides, Padding, Dilation>,
): Shaped<conv.Conv3D, Convolution<3, Filters, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new conv.Conv3D(filters, kernelSize, options));

/** Transposed convolution over steps: [batch, steps, channels] → [batch, steps', filters]. */
export const conv1dTranspose = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends Plain = "valid",
  const Dilation extends Sizes = 1,
  const Added extends Sizes | undefined = undefined,
>(
  filters: Filters,
  kernelSize: K,
  options?: transpose.ConvTransposeOptions &
    Sliding<Strides, Padding, Dilation> & { readonly outputPadding?: Added | undefined },
): Shaped<
  transpose.Conv1DTranspose,
  Transposed<1, Filters, K, Slid<Strides, Padding, Dilation> & { readonly outputPadding: Added }>
> => shaped(new transpose.Conv1DTranspose(filters, kernelSize, options));

/** Transposed convolution over images: [batch, height, width, channels] → [batch, height', width', filters]. */
export const conv2dTranspose = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends Plain = "valid",
  const Dilation extends Sizes = 1,
  const Added extends Sizes | undefined = undefined,
>(
  filters: Filters,
  kernelSize: K,
  options?: transpose.ConvTransposeOptions &
    Sliding<Strides, Padding, Dilation> & { readonly outputPadding?: Added | undefined },
): Shaped<
  transpose.Conv2DTranspose,
  Transposed<2, Filters, K, Slid<Strides, Padding, Dilation> & { readonly outputPadding: Added }>
> => shaped(new transpose.Conv2DTranspose(filters, kernelSize, options));

/** Transposed convolution over volumes: [batch, depth, height, width, channels] → [batch, …', filters]. */
export const conv3dTranspose = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends Plain = "valid",
  const Dilation extends Sizes = 1,
  const Added extends Sizes | undefined = undefined,
>(
  filters: Filters,
  kernelSize: K,
  options?: transpose.ConvTransposeOptions &
    Sliding<Strides, Padding, Dilation> & { readonly outputPadding?: Added | undefined },
): Shaped<
  transpose.Conv3DTranspose,
  Transposed<3, Filters, K, Slid<Strides, Padding, Dilation> & { readonly outputPadding: Added }>
> => shaped(new transpose.Conv3DTranspose(filters, kernelSize, options));

/** A convolution over time of each channel by itself: [batch, steps, channels] → [batch, steps', channels · depthMultiplier]. */
export const depthwiseConv1d = <
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
  Multiplier extends number = 1,
>(
  kernelSize: K,
  options?: depthwise.DepthwiseConvOptions &
    Sliding<Strides, Padding, Dilation> & { readonly depthMultiplier?: Multiplier | undefined },
): Shaped<depthwise.DepthwiseConv1D, Depthwise<1, Multiplier, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new depthwise.DepthwiseConv1D(kernelSize, options));

/** A convolution of each channel of images by itself: [batch, height, width, channels] → [batch, height', width', channels · depthMultiplier]. */
export const depthwiseConv2d = <
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
  Multiplier extends number = 1,
>(
  kernelSize: K,
  options?: depthwise.DepthwiseConvOptions &
    Sliding<Strides, Padding, Dilation> & { readonly depthMultiplier?: Multiplier | undefined },
): Shaped<depthwise.DepthwiseConv2D, Depthwise<2, Multiplier, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new depthwise.DepthwiseConv2D(kernelSize, options));

/** A convolution over time of each channel by itself, then one across the channels: [batch, steps', filters]. */
export const separableConv1d = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
>(
  filters: Filters,
  kernelSize: K,
  options?: depthwise.SeparableConvOptions & Sliding<Strides, Padding, Dilation>,
): Shaped<depthwise.SeparableConv1D, Convolution<1, Filters, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new depthwise.SeparableConv1D(filters, kernelSize, options));

/** A convolution of each channel of images by itself, then one across the channels: [batch, height', width', filters]. */
export const separableConv2d = <
  Filters extends number,
  const K extends Sizes,
  const Strides extends Sizes = 1,
  Padding extends PaddingName = "valid",
  const Dilation extends Sizes = 1,
>(
  filters: Filters,
  kernelSize: K,
  options?: depthwise.SeparableConvOptions & Sliding<Strides, Padding, Dilation>,
): Shaped<depthwise.SeparableConv2D, Convolution<2, Filters, K, Slid<Strides, Padding, Dilation>>> =>
  shaped(new depthwise.SeparableConv2D(filters, kernelSize, options));
