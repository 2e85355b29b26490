import * as classes from "../preprocessing/index.ts";

// Layers on images say themselves what they can be called on: images, or records of images and what belongs to them.

type Factor = number | classes.Range;

export const resizing = (height: number, width: number, options?: classes.ResizingOptions): classes.Resizing =>
  new classes.Resizing(height, width, options);
export const centerCrop = (height: number, width: number, options?: classes.CenterCropOptions): classes.CenterCrop =>
  new classes.CenterCrop(height, width, options);
export const randomCrop = (height: number, width: number, options?: classes.RandomCropOptions): classes.RandomCrop =>
  new classes.RandomCrop(height, width, options);
export const randomFlip = (mode?: classes.FlipMode, options?: classes.RandomFlipOptions): classes.RandomFlip =>
  new classes.RandomFlip(mode, options);
export const randomRotation = (factor: Factor, options?: classes.RandomRotationOptions): classes.RandomRotation =>
  new classes.RandomRotation(factor, options);
export const randomZoom = (heightFactor: Factor, options?: classes.RandomZoomOptions): classes.RandomZoom =>
  new classes.RandomZoom(heightFactor, options);
export const randomTranslation = (
  heightFactor: Factor,
  widthFactor: Factor,
  options?: classes.RandomTranslationOptions,
): classes.RandomTranslation => new classes.RandomTranslation(heightFactor, widthFactor, options);
export const randomShear = (options?: classes.RandomShearOptions): classes.RandomShear =>
  new classes.RandomShear(options);
export const randomContrast = (factor: Factor, options?: classes.RandomContrastOptions): classes.RandomContrast =>
  new classes.RandomContrast(factor, options);
export const randomBrightness = (factor: Factor, options?: classes.RandomBrightnessOptions): classes.RandomBrightness =>
  new classes.RandomBrightness(factor, options);
export const randomHue = (factor: Factor, options?: classes.RandomHueOptions): classes.RandomHue =>
  new classes.RandomHue(factor, options);
export const randomSaturation = (factor: Factor, options?: classes.RandomSaturationOptions): classes.RandomSaturation =>
  new classes.RandomSaturation(factor, options);
export const randomErasing = (options?: classes.RandomErasingOptions): classes.RandomErasing =>
  new classes.RandomErasing(options);
export const mixUp = (options?: classes.MixUpOptions): classes.MixUp => new classes.MixUp(options);
export const cutMix = (options?: classes.CutMixOptions): classes.CutMix => new classes.CutMix(options);
