import type { Tensor } from "../../../tensor/index.ts";
import { arange, gather, where } from "../../../tensor/index.ts";

/** What stands beyond the edge: the mirrored image, the image again, its last pixels, or one value. */
export const fillModes = ["reflect", "wrap", "constant", "nearest"] as const;
export type FillMode = (typeof fillModes)[number];
export const samplings = ["bilinear", "nearest"] as const;
export type Sampling = (typeof samplings)[number];

export interface Fill {
  readonly fillMode: FillMode;
  readonly fillValue: number;
}

/** Where the pixel (x, y) of the result comes from: (a0·x + a1·y + a2, b0·x + b1·y + b2); one number an image each. */
export interface Affine {
  readonly a0: Tensor;
  readonly a1: Tensor;
  readonly a2: Tensor;
  readonly b0: Tensor;
  readonly b1: Tensor;
  readonly b2: Tensor;
}

/** [batch] → [batch, 1, 1]. */
const perImage = (x: Tensor): Tensor => x.reshape([x.size, 1, 1]) as Tensor;

/** Images [batch, height, width, channels] seen through an affine map; pixels have their centers at whole numbers. */
export function sampled(images: Tensor, map: Affine, sampling: Sampling, fill: Fill): Tensor {
  const [, height, width] = images.shape as readonly [number, number, number, number];
  const x = arange(width).cast("f32").reshape([1, 1, width]);
  const y = arange(height).cast("f32").reshape([1, height, 1]);
  const fromX = perImage(map.a0).mul(x).add(perImage(map.a1).mul(y)).add(perImage(map.a2)) as Tensor;
  const fromY = perImage(map.b0).mul(x).add(perImage(map.b1).mul(y)).add(perImage(map.b2)) as Tensor;
  return sampling === "nearest" ? nearest(images, fromX, fromY, fill) : bilinear(images, fromX, fromY, fill);
}

function nearest(images: Tensor, x: Tensor, y: Tensor, fill: Fill): Tensor {
  return pixels(images, halfAway(x), halfAway(y), fill);
}

/** The nearest whole number; halves go away from 0, as in SciPy and TensorFlow. */
const halfAway = (x: Tensor): Tensor => x.abs().add(0.5).floor().mul(x.sign()) as Tensor;

function bilinear(images: Tensor, x: Tensor, y: Tensor, fill: Fill): Tensor {
  const [left, top] = [x.floor(), y.floor()];
  const [right, bottom] = [left.add(1) as Tensor, top.add(1) as Tensor];
  const across = x.sub(left).expandDims(-1);
  const down = y.sub(top).expandDims(-1);
  const row = (at: Tensor): Tensor => {
    const [first, second] = [pixels(images, left, at, fill), pixels(images, right, at, fill)];
    return first.add(second.sub(first).mul(across)) as Tensor;
  };
  const [above, below] = [row(top), row(bottom)];
  return above.add(below.sub(above).mul(down)) as Tensor;
}

/** The pixels at whole coordinates [batch, height, width], which may lie beyond the edge. */
function pixels(images: Tensor, x: Tensor, y: Tensor, { fillMode, fillValue }: Fill): Tensor {
  const [batch, height, width, channels] = images.shape as readonly [number, number, number, number];
  const column = inside(x, width, fillMode).cast("i32");
  const line = inside(y, height, fillMode).cast("i32");
  const image = arange(batch).reshape([batch, 1, 1]);
  const place = image.mul(height).add(line).mul(width).add(column) as Tensor;
  const found = gather(images.reshape([batch * height * width, channels]), place, 0) as Tensor;
  if (fillMode !== "constant") return found;
  const there = (at: Tensor, size: number) => at.greaterEqual(0).logicalAnd(at.less(size));
  return where(there(x, width).logicalAnd(there(y, height)).expandDims(-1), found, fillValue) as Tensor;
}

/** Whole coordinates brought into 0 … size − 1. */
function inside(at: Tensor, size: number, mode: FillMode): Tensor {
  if (mode === "wrap") return within(at, size);
  if (mode !== "reflect") return at.clip(0, size - 1);
  // d c b a | a b c d | d c b a: the image and its mirror image, again and again.
  const folded = within(at, 2 * size);
  return folded.minimum(folded.mul(-1).add(2 * size - 1)) as Tensor;
}

/** The remainder of whole numbers; they are small, so that it is exact, and much quicker than that of any number. */
const within = (at: Tensor, size: number): Tensor => at.sub(at.div(size).floor().mul(size)) as Tensor;

/** Where a point of the image comes to lie: the inverse of the map. Points are of edges, half a pixel from the centers. */
export function movedBy({ a0, a1, a2, b0, b1, b2 }: Affine): (x: Tensor, y: Tensor) => readonly [Tensor, Tensor] {
  const column = (x: Tensor): Tensor => x.reshape([x.size, 1]) as Tensor; // [batch, 1], against [batch, points]
  return (x, y) => {
    const determinant = column(a0.mul(b1).sub(a1.mul(b0)) as Tensor);
    const u = x.sub(0.5).sub(column(a2));
    const v = y.sub(0.5).sub(column(b2));
    return [
      column(b1).mul(u).sub(column(a1).mul(v)).div(determinant).add(0.5) as Tensor,
      column(a0).mul(v).sub(column(b0).mul(u)).div(determinant).add(0.5) as Tensor,
    ];
  };
}
