import type { Tensor } from "../../../tensor/index.ts";
import type { CallContext } from "../../context.ts";
import { choice, optional, real } from "../../fieldKinds.ts";
import type { Fields, GivenOf } from "../../fields.ts";
import type { LayerOptions } from "../../layer.ts";
import type { Draws } from "./draws.ts";
import { factor, type Range } from "./factor.ts";
import { type Batch, ImageLayer, randomImageFields, type Transformation } from "./imageLayer.ts";
import { type Affine, type Fill, fillModes, movedBy, type Sampling, sampled, samplings } from "./sample.ts";

const affineFields = {
  ...randomImageFields,
  /** What stands beyond the edge. Default reflect: the mirrored image. */
  fillMode: choice(fillModes, "reflect"),
  /** The value beyond the edge for fillMode "constant". Default 0. */
  fillValue: real(0),
  /** How pixels between pixels are found. Default bilinear; masks always take the nearest. */
  interpolation: choice(samplings, "bilinear"),
};
type AffineFields = Fields & typeof affineFields;
type Values = Fill & { readonly interpolation: Sampling };

/** A layer that draws an affine map for each image of a batch. */
abstract class AffineLayer<F extends AffineFields> extends ImageLayer<F> {
  /** The map of each image, [batch] numbers each. */
  abstract map(batch: Batch, draws: Draws): Affine;

  override transformation(batch: Batch, { training }: CallContext, draws: () => Draws): Transformation | undefined {
    if (!training) return undefined;
    const map = this.map(batch, draws());
    const { interpolation, ...fill } = this.options as unknown as Values; // subclasses have these fields
    return {
      images: (images) => sampled(images, map, interpolation, fill),
      masks: (masks) => sampled(masks, map, "nearest", fill),
      move: movedBy(map),
    };
  }
}

const rotationFields = { ...affineFields, factor: factor([-1, 1]) };
export interface RandomRotationOptions extends LayerOptions, GivenOf<typeof rotationFields, "factor"> {}

/** Turns each image about its center, by a fraction of a full turn from −factor to factor, or from factor[0] to factor[1]. */
export class RandomRotation extends AffineLayer<typeof rotationFields> {
  static override readonly name: string = "RandomRotation";
  static readonly fields = rotationFields;
  static readonly positional = ["factor"];

  constructor(factor: number | Range, options: RandomRotationOptions = {}) {
    super(options, { factor });
  }

  override map({ batch, height, width }: Batch, draws: Draws): Affine {
    const angle = draws.uniform([batch], this.options.factor).mul(2 * Math.PI) as Tensor;
    const [cos, sin] = [angle.cos(), angle.sin()];
    const [x, y] = [(width - 1) / 2, (height - 1) / 2];
    return {
      a0: cos,
      a1: sin.neg(),
      a2: cos.mul(-x).add(sin.mul(y)).add(x) as Tensor,
      b0: sin,
      b1: cos,
      b2: sin.mul(-x).sub(cos.mul(y)).add(y) as Tensor,
    };
  }
}

const zoomFields = {
  ...affineFields,
  heightFactor: factor([-1, 1], { open: true }),
  /** Default: as the height, so that images keep their proportions. */
  widthFactor: optional(factor([-1, 1], { open: true })),
};
export interface RandomZoomOptions extends LayerOptions, GivenOf<typeof zoomFields, "heightFactor"> {}

/** Sees each image from nearer (negative factors) or farther away: 0.2 shows 120 % of its height, −0.2 the middle 80 %. */
export class RandomZoom extends AffineLayer<typeof zoomFields> {
  static override readonly name: string = "RandomZoom";
  static readonly fields = zoomFields;
  static readonly positional = ["heightFactor"];

  constructor(heightFactor: number | Range, options: RandomZoomOptions = {}) {
    super(options, { heightFactor });
  }

  override map({ batch, height, width }: Batch, draws: Draws): Affine {
    const { heightFactor, widthFactor } = this.options;
    const tall = draws.uniform([batch], heightFactor).add(1) as Tensor;
    const wide = widthFactor === undefined ? tall : (draws.uniform([batch], widthFactor).add(1) as Tensor);
    const none = tall.mul(0) as Tensor;
    const offset = (zoom: Tensor, size: number): Tensor =>
      zoom
        .neg()
        .add(1)
        .mul((size - 1) / 2) as Tensor;
    return { a0: wide, a1: none, a2: offset(wide, width), b0: none, b1: tall, b2: offset(tall, height) };
  }
}

const translationFields = {
  ...affineFields,
  heightFactor: factor([-1, 1]),
  widthFactor: factor([-1, 1]),
};
export interface RandomTranslationOptions
  extends LayerOptions,
    GivenOf<typeof translationFields, "heightFactor" | "widthFactor"> {}

/** Moves each image by fractions of its height (down) and width (to the right). */
export class RandomTranslation extends AffineLayer<typeof translationFields> {
  static override readonly name: string = "RandomTranslation";
  static readonly fields = translationFields;
  static readonly positional = ["heightFactor", "widthFactor"];

  constructor(heightFactor: number | Range, widthFactor: number | Range, options: RandomTranslationOptions = {}) {
    super(options, { heightFactor, widthFactor });
  }

  override map({ batch, height, width }: Batch, draws: Draws): Affine {
    const { heightFactor, widthFactor } = this.options;
    const down = draws.uniform([batch], heightFactor).mul(-height) as Tensor;
    const right = draws.uniform([batch], widthFactor).mul(-width) as Tensor;
    const none = down.mul(0) as Tensor;
    const one = none.add(1) as Tensor;
    return { a0: one, a1: none, a2: right, b0: none, b1: one, b2: down };
  }
}

const shearFields = {
  ...affineFields,
  /** How far rows move to the side, as a fraction of their distance from the top: a number, or lowest and highest. */
  xFactor: factor([-1, 1], { initial: 0 }),
  /** How far columns move down, as a fraction of their distance from the left. */
  yFactor: factor([-1, 1], { initial: 0 }),
};
export interface RandomShearOptions extends LayerOptions, GivenOf<typeof shearFields> {}

/** Slants each image along x and y, to one side or the other. */
export class RandomShear extends AffineLayer<typeof shearFields> {
  static override readonly name: string = "RandomShear";
  static readonly fields = shearFields;

  constructor(options: RandomShearOptions = {}) {
    super(options);
  }

  override map({ batch }: Batch, draws: Draws): Affine {
    const { xFactor, yFactor } = this.options;
    const side = draws.sign([batch]);
    const across = draws.uniform([batch], xFactor).mul(side) as Tensor;
    const down = draws.uniform([batch], yFactor).mul(side) as Tensor;
    const none = side.mul(0) as Tensor;
    const one = none.add(1) as Tensor;
    return { a0: one, a1: across, a2: none, b0: down, b1: one, b2: none };
  }
}
