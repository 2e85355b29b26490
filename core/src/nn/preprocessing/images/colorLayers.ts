import { ShapeError } from "../../../base/errors.ts";
import type { Shape } from "../../../base/shape.ts";
import type { Tensor } from "../../../tensor/index.ts";
import type { CallContext } from "../../context.ts";
import type { Fields, GivenOf } from "../../fields.ts";
import type { LayerOptions } from "../../layer.ts";
import type { Structure } from "../../structure.ts";
import { brightened, contrasted, recolored, saturated } from "./color.ts";
import type { Draws } from "./draws.ts";
import { factor, type Range, valueRange } from "./factor.ts";
import { type Batch, ImageLayer, randomImageFields, type Transformation } from "./imageLayer.ts";

const colorFields = {
  ...randomImageFields,
  /** The lowest and the highest value of pixels. Default [0, 255]. */
  valueRange,
};

/** A layer that changes colors, and so leaves boxes, masks and labels as they are. */
abstract class ColorLayer<F extends Fields & typeof colorFields> extends ImageLayer<F> {
  /** The images changed, by a random number for each. */
  abstract recolor(images: Tensor, batch: number, draws: Draws): Tensor;

  override transformation({ batch }: Batch, { training }: CallContext, draws: () => Draws): Transformation | undefined {
    return training ? { images: (images) => this.recolor(images, batch, draws()) } : undefined;
  }
}

/** Demands red, green and blue. */
function demandColors(name: string, input: Structure<Shape>): void {
  const images = (Array.isArray(input) ? input : (input as { readonly images: Shape }).images) as Shape; // check has seen it
  if (images.at(-1) === 3) return;
  throw new ShapeError({
    what: `${name}: expected 3 channels (red, green, blue), received ${images.at(-1)}`,
    hint: "grey images have no hue: leave the layer out, or repeat the channel: x.repeat(3, -1)",
  });
}

const contrastFields = { ...colorFields, factor: factor([0, 1], { single: (f) => [f, f] }) };
export interface RandomContrastOptions extends LayerOptions, GivenOf<typeof contrastFields, "factor"> {}

/** Multiplies distances from each channel's mean, by numbers from 1 − factor to 1 + factor, or 1 − factor[0] to 1 + factor[1]. */
export class RandomContrast extends ColorLayer<typeof contrastFields> {
  static override readonly name: string = "RandomContrast";
  static readonly fields = contrastFields;
  static readonly positional = ["factor"];

  constructor(factor: number | Range, options: RandomContrastOptions = {}) {
    super(options, { factor });
  }

  override recolor(images: Tensor, batch: number, draws: Draws): Tensor {
    const [lower, upper] = this.options.factor;
    return contrasted(images, draws.uniform([batch], [1 - lower, 1 + upper]), this.options.valueRange);
  }
}

const brightnessFields = { ...colorFields, factor: factor([-1, 1]) };
export interface RandomBrightnessOptions extends LayerOptions, GivenOf<typeof brightnessFields, "factor"> {}

/** Adds to all values of an image a fraction of their range, from −factor to factor, or factor[0] to factor[1]. */
export class RandomBrightness extends ColorLayer<typeof brightnessFields> {
  static override readonly name: string = "RandomBrightness";
  static readonly fields = brightnessFields;
  static readonly positional = ["factor"];

  constructor(factor: number | Range, options: RandomBrightnessOptions = {}) {
    super(options, { factor });
  }

  override recolor(images: Tensor, batch: number, draws: Draws): Tensor {
    return brightened(images, draws.uniform([batch], this.options.factor), this.options.valueRange);
  }
}

const hueFields = { ...colorFields, factor: factor([0, 1]) };
export interface RandomHueOptions extends LayerOptions, GivenOf<typeof hueFields, "factor"> {}

/** Turns the hues of each image, one way or the other, by up to factor / 2 of the circle of colors. */
export class RandomHue extends ColorLayer<typeof hueFields> {
  static override readonly name: string = "RandomHue";
  static readonly fields = hueFields;
  static readonly positional = ["factor"];

  constructor(factor: number | Range, options: RandomHueOptions = {}) {
    super(options, { factor });
  }

  override check(input: Structure<Shape>): void {
    super.check(input);
    demandColors(this.name, input);
  }

  override recolor(images: Tensor, batch: number, draws: Draws): Tensor {
    const turn = draws
      .uniform([batch], this.options.factor)
      .mul(draws.sign([batch]))
      .mul(0.5);
    return recolored(images, turn as Tensor, this.options.valueRange);
  }
}

const saturationFields = {
  ...colorFields,
  /** Below 0 is grey, too: Keras's files have such factors. */
  factor: factor([-1, 1], { single: (f) => [0, f] }),
};
export interface RandomSaturationOptions extends LayerOptions, GivenOf<typeof saturationFields, "factor"> {}

/** Multiplies the saturation of each image by f / (1 − f), with f from 0 to factor: ½ leaves colors as they are, 0 is grey. */
export class RandomSaturation extends ColorLayer<typeof saturationFields> {
  static override readonly name: string = "RandomSaturation";
  static readonly fields = saturationFields;
  static readonly positional = ["factor"];

  constructor(factor: number | Range, options: RandomSaturationOptions = {}) {
    super(options, { factor });
  }

  override check(input: Structure<Shape>): void {
    super.check(input);
    demandColors(this.name, input);
  }

  override recolor(images: Tensor, batch: number, draws: Draws): Tensor {
    const drawn = draws.uniform([batch], this.options.factor);
    const times = drawn.div(drawn.neg().add(1 + leastDistance)) as Tensor;
    return saturated(images, times, this.options.valueRange);
  }
}

// Keras's epsilon, so that a factor of 1 divides by no zero.
const leastDistance = 1e-7;
