import type { AnyLayer } from "../layer.ts";
import * as classes from "../preprocessing/index.ts";
import type { Imaged, Imaging } from "../rules/images.ts";
import type { Rule } from "../rules/rule.ts";

/** The same layer, with what it makes of images in its type. */
const imaging = <L extends AnyLayer, R extends Rule>(layer: L): Imaging<L, R> => layer as Imaging<L, R>; // types only

type Factor = number | classes.Range;

/** Images in another size: [batch, …, …, channels] → [batch, height, width, channels]. */
export const resizing = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.ResizingOptions,
): Imaging<classes.Resizing, Imaged<H, W>> => imaging(new classes.Resizing(height, width, options));
/** The middle of each image: [batch, …, …, channels] → [batch, height, width, channels]. Smaller images are resized. */
export const centerCrop = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.CenterCropOptions,
): Imaging<classes.CenterCrop, Imaged<H, W>> => imaging(new classes.CenterCrop(height, width, options));
/** A window of each image, at a random place while training, else in the middle. Smaller images are resized. */
export const randomCrop = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.RandomCropOptions,
): Imaging<classes.RandomCrop, Imaged<H, W>> => imaging(new classes.RandomCrop(height, width, options));
/** Mirrors each image with probability ½: left to right, upside down, or both, each for itself. */
export const randomFlip = (mode?: classes.FlipMode, options?: classes.RandomFlipOptions): Imaging<classes.RandomFlip> =>
  imaging(new classes.RandomFlip(mode, options));
/** Turns each image about its center, by a fraction of a full turn from −factor to factor, or from factor[0] to factor[1]. */
export const randomRotation = (
  factor: Factor,
  options?: classes.RandomRotationOptions,
): Imaging<classes.RandomRotation> => imaging(new classes.RandomRotation(factor, options));
/** Sees each image from nearer (negative factors) or farther away: 0.2 shows 120 % of its height, −0.2 the middle 80 %. */
export const randomZoom = (heightFactor: Factor, options?: classes.RandomZoomOptions): Imaging<classes.RandomZoom> =>
  imaging(new classes.RandomZoom(heightFactor, options));
/** Moves each image by fractions of its height (down) and width (to the right). */
export const randomTranslation = (
  heightFactor: Factor,
  widthFactor: Factor,
  options?: classes.RandomTranslationOptions,
): Imaging<classes.RandomTranslation> => imaging(new classes.RandomTranslation(heightFactor, widthFactor, options));
/** Slants each image along x and y, to one side or the other. */
export const randomShear = (options?: classes.RandomShearOptions): Imaging<classes.RandomShear> =>
  imaging(new classes.RandomShear(options));
/** Multiplies distances from each channel's mean, by numbers from 1 − factor to 1 + factor, or 1 − factor[0] to 1 + factor[1]. */
export const randomContrast = (
  factor: Factor,
  options?: classes.RandomContrastOptions,
): Imaging<classes.RandomContrast> => imaging(new classes.RandomContrast(factor, options));
/** Adds to all values of an image a fraction of their range, from −factor to factor, or factor[0] to factor[1]. */
export const randomBrightness = (
  factor: Factor,
  options?: classes.RandomBrightnessOptions,
): Imaging<classes.RandomBrightness> => imaging(new classes.RandomBrightness(factor, options));
/** Turns the hues of each image, one way or the other, by up to factor / 2 of the circle of colors. */
export const randomHue = (factor: Factor, options?: classes.RandomHueOptions): Imaging<classes.RandomHue> =>
  imaging(new classes.RandomHue(factor, options));
/** Multiplies the saturation of each image by f / (1 − f), with f from 0 to factor: ½ leaves colors as they are, 0 is grey. */
export const randomSaturation = (
  factor: Factor,
  options?: classes.RandomSaturationOptions,
): Imaging<classes.RandomSaturation> => imaging(new classes.RandomSaturation(factor, options));
/** Paints over a random rectangle of each image (Zhong et al. 2017). */
export const randomErasing = (options?: classes.RandomErasingOptions): Imaging<classes.RandomErasing> =>
  imaging(new classes.RandomErasing(options));
/** Blends each image with another one of the batch, and their labels (one-hot) likewise (Zhang et al. 2018). */
export const mixUp = (options?: classes.MixUpOptions): Imaging<classes.MixUp> => imaging(new classes.MixUp(options));
/** Puts a rectangle of another image of the batch into each, and blends labels (one-hot) by area (Yun et al. 2019). */
export const cutMix = (options?: classes.CutMixOptions): Imaging<classes.CutMix> =>
  imaging(new classes.CutMix(options));
