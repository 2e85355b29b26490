import { ArgumentError } from "../../../base/errors.ts";
import { arange, concatenate, type Tensor, where } from "../../../tensor/index.ts";
import { positiveReal } from "../../checks.ts";
import type { CallContext } from "../../context.ts";
import { optional, real } from "../../fieldKinds.ts";
import type { GivenOf } from "../../fields.ts";
import { floating } from "../../floating.ts";
import type { LayerOptions } from "../../layer.ts";
import type { Draws } from "./draws.ts";
import { factor, valueRange } from "./factor.ts";
import { type Batch, type BoundingBoxes, ImageLayer, randomImageFields, type Transformation } from "./imageLayer.ts";

const perImage = (x: Tensor): Tensor => x.reshape([x.size, 1, 1, 1]) as Tensor;

/** A rectangle of each image, of `share` of its height and width [batch], at a random place. */
function rectangles(
  { batch, height, width }: Batch,
  shares: { readonly down: Tensor; readonly across: Tensor },
  draws: Draws,
) {
  const side = (size: number, share: Tensor, axis: 1 | 2) => {
    const length = share.mul(size);
    const start = draws.uniform([batch]).mul(length.neg().add(size));
    const at = arange(size)
      .cast("f32")
      .reshape(axis === 1 ? [1, size, 1, 1] : [1, 1, size, 1]);
    const inside = at
      .greaterEqual(perImage(start as Tensor))
      .logicalAnd(at.less(perImage(start.add(length) as Tensor)));
    return { inside, length };
  };
  const rows = side(height, shares.down, 1);
  const columns = side(width, shares.across, 2);
  const part = rows.length.mul(columns.length).div(height * width) as Tensor;
  return { inside: rows.inside.logicalAnd(columns.inside) as Tensor, part };
}

const erasingFields = {
  ...randomImageFields,
  /** How likely an image is changed: a probability, drawn between two of them for each. Default 0 to 1. */
  factor: factor([0, 1], { initial: 1 }),
  /** Which part of the area of an image is erased. Default [0.02, 0.33]. */
  scale: factor([0, 1], { initial: [0.02, 0.33] }),
  /** What is put there. Default: noise. */
  fillValue: optional(real()),
  /** The lowest and the highest value of pixels. Default [0, 255]. */
  valueRange,
};
export interface RandomErasingOptions extends LayerOptions, GivenOf<typeof erasingFields> {}

/** Paints over a random rectangle of each image (Zhong et al. 2017). */
export class RandomErasing extends ImageLayer<typeof erasingFields> {
  static override readonly name: string = "RandomErasing";
  static readonly fields = erasingFields;

  constructor(options: RandomErasingOptions = {}) {
    super(options);
  }

  override transformation(batch: Batch, { training }: CallContext, draws: () => Draws): Transformation | undefined {
    if (!training) return undefined;
    const { scale, fillValue, valueRange: range } = this.options;
    const count = batch.batch;
    const side = (): Tensor => draws().uniform([count], scale).sqrt() as Tensor;
    const { inside } = rectangles(batch, { down: side(), across: side() }, draws());
    const chance = draws().uniform([count], this.options.factor);
    const chosen = inside.logicalAnd(perImage(draws().uniform([count]).less(chance) as Tensor));
    return {
      images: (images) => {
        const paint = fillValue ?? draws().normal(images.shape).mul(range[1]).clip(range[0], range[1]);
        return where(chosen, paint, images) as Tensor;
      },
    };
  }
}

const mixUpFields = {
  ...randomImageFields,
  /** How much images are mixed: weights are drawn from Beta(α, α). Default 0.2: mostly one of the two. */
  alpha: real(0.2, positiveReal),
};
export interface MixUpOptions extends LayerOptions, GivenOf<typeof mixUpFields> {}

/** Blends each image with another one of the batch, and their labels (one-hot) likewise (Zhang et al. 2018). */
export class MixUp extends ImageLayer<typeof mixUpFields> {
  static override readonly name: string = "MixUp";
  static readonly fields = mixUpFields;

  constructor(options: MixUpOptions = {}) {
    super(options);
  }

  override transformation({ batch }: Batch, { training }: CallContext, draws: () => Draws): Transformation | undefined {
    if (!training) return undefined;
    const order = draws().order(batch);
    const weight = draws().beta(batch, this.options.alpha);
    const mixed = (x: Tensor): Tensor => blended(x, order, weight);
    return { images: mixed, masks: mixed, labels: mixed, boxes: (boxes) => joined(boxes, order) };
  }
}

/** weight · x + (1 − weight) · x[order], an example each. */
function blended(x: Tensor, order: Tensor, weight: Tensor): Tensor {
  const values = floating(x);
  const share = weight.reshape([weight.size, ...values.shape.slice(1).map(() => 1)]);
  const other = values.take(order, 0);
  return other.add(values.sub(other).mul(share)) as Tensor;
}

/** The boxes of both images. */
const joined = (boxes: BoundingBoxes, order: Tensor): BoundingBoxes => ({
  boxes: concatenate([boxes.boxes, boxes.boxes.take(order, 0)], 1) as Tensor,
  ...(boxes.labels === undefined
    ? {}
    : { labels: concatenate([boxes.labels, boxes.labels.take(order, 0)], 1) as Tensor }),
});

const cutMixFields = {
  ...randomImageFields,
  /** The α of Beta(α, α), from which the size of what is exchanged is drawn: between two numbers. Default 0 to 1. */
  factor: factor([0, 1], { initial: 1 }),
};
export interface CutMixOptions extends LayerOptions, GivenOf<typeof cutMixFields> {}

/** Puts a rectangle of another image of the batch into each, and blends labels (one-hot) by area (Yun et al. 2019). */
export class CutMix extends ImageLayer<typeof cutMixFields> {
  static override readonly name: string = "CutMix";
  static readonly fields = cutMixFields;

  constructor(options: CutMixOptions = {}) {
    super(options);
  }

  override transformation(batch: Batch, { training }: CallContext, draws: () => Draws): Transformation | undefined {
    if (!training) return undefined;
    const alpha = draws().uniform([], this.options.factor).add(1e-6) as Tensor;
    const side = draws().beta(batch.batch, alpha).neg().add(1).sqrt() as Tensor;
    const { inside, part } = rectangles(batch, { down: side, across: side }, draws());
    const order = draws().order(batch.batch);
    const pasted = (x: Tensor): Tensor => where(inside, x.take(order, 0), x) as Tensor;
    return {
      images: pasted,
      masks: pasted,
      labels: (labels) => blended(labels, order, part.neg().add(1) as Tensor),
      boxes: () => {
        throw new ArgumentError({
          what: `${this.name}: boxes cannot be moved along: parts of what they hold go to other images`,
          hint: "mixUp keeps the boxes of both images",
        });
      },
    };
  }
}
