export {
  RandomRotation,
  type RandomRotationOptions,
  RandomShear,
  type RandomShearOptions,
  RandomTranslation,
  type RandomTranslationOptions,
  RandomZoom,
  type RandomZoomOptions,
} from "./affineLayers.ts";
export type { BoxFormat } from "./boxes.ts";
export * from "./colorLayers.ts";
export type { Range } from "./factor.ts";
export * from "./frames.ts";
export { type BoundingBoxes, ImageLayer, type LabeledImages } from "./imageLayer.ts";
export * from "./mixing.ts";
export * from "./randomFlip.ts";
