import type { AnyLayer } from "../layer.ts";
import * as classes from "../preprocessing/index.ts";
import type { Imaged, Imaging } from "../rules/images.ts";
import type { Rule } from "../rules/rule.ts";

/** The same layer, with what it makes of images in its type. */
const imaging = <L extends AnyLayer, R extends Rule>(layer: L): Imaging<L, R> => layer as Imaging<L, R>; // types only

type Factor = number | classes.Range;

export const resizing = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.ResizingOptions,
): Imaging<classes.Resizing, Imaged<H, W>> => imaging(new classes.Resizing(height, width, options));
export const centerCrop = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.CenterCropOptions,
): Imaging<classes.CenterCrop, Imaged<H, W>> => imaging(new classes.CenterCrop(height, width, options));
export const randomCrop = <H extends number, W extends number>(
  height: H,
  width: W,
  options?: classes.RandomCropOptions,
): Imaging<classes.RandomCrop, Imaged<H, W>> => imaging(new classes.RandomCrop(height, width, options));
export const randomFlip = (mode?: classes.FlipMode, options?: classes.RandomFlipOptions): Imaging<classes.RandomFlip> =>
  imaging(new classes.RandomFlip(mode, options));
export const randomRotation = (
  factor: Factor,
  options?: classes.RandomRotationOptions,
): Imaging<classes.RandomRotation> => imaging(new classes.RandomRotation(factor, options));
export const randomZoom = (heightFactor: Factor, options?: classes.RandomZoomOptions): Imaging<classes.RandomZoom> =>
  imaging(new classes.RandomZoom(heightFactor, options));
export const randomTranslation = (
  heightFactor: Factor,
  widthFactor: Factor,
  options?: classes.RandomTranslationOptions,
): Imaging<classes.RandomTranslation> => imaging(new classes.RandomTranslation(heightFactor, widthFactor, options));
export const randomShear = (options?: classes.RandomShearOptions): Imaging<classes.RandomShear> =>
  imaging(new classes.RandomShear(options));
export const randomContrast = (
  factor: Factor,
  options?: classes.RandomContrastOptions,
): Imaging<classes.RandomContrast> => imaging(new classes.RandomContrast(factor, options));
export const randomBrightness = (
  factor: Factor,
  options?: classes.RandomBrightnessOptions,
): Imaging<classes.RandomBrightness> => imaging(new classes.RandomBrightness(factor, options));
export const randomHue = (factor: Factor, options?: classes.RandomHueOptions): Imaging<classes.RandomHue> =>
  imaging(new classes.RandomHue(factor, options));
export const randomSaturation = (
  factor: Factor,
  options?: classes.RandomSaturationOptions,
): Imaging<classes.RandomSaturation> => imaging(new classes.RandomSaturation(factor, options));
export const randomErasing = (options?: classes.RandomErasingOptions): Imaging<classes.RandomErasing> =>
  imaging(new classes.RandomErasing(options));
export const mixUp = (options?: classes.MixUpOptions): Imaging<classes.MixUp> => imaging(new classes.MixUp(options));
export const cutMix = (options?: classes.CutMixOptions): Imaging<classes.CutMix> =>
  imaging(new classes.CutMix(options));
