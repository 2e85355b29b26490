import * as t from "../tensor/index.ts";

type Tensor = t.Tensor;

// Activations that Keras knows and few use, made of operations; formulas as in keras.ops.

export const hardTanh = (x: Tensor): Tensor => x.clip(-1, 1);
export const tanhShrink = (x: Tensor): Tensor => x.sub(x.tanh());
/** x where |x| > threshold, else 0. */
export const hardShrink = (x: Tensor, threshold = 0.5): Tensor => t.where(x.abs().lessEqual(threshold), 0, x) as Tensor;
/** x moved towards 0 by `threshold`, and 0 in between. */
export const softShrink = (x: Tensor, threshold = 0.5): Tensor =>
  t.where(x.abs().lessEqual(threshold), 0, x.sub(x.sign().mul(threshold))) as Tensor;
/** x where it is greater than `threshold`, else `value`. */
export const threshold = (x: Tensor, threshold = 0, value = 0): Tensor => t.where(x.greater(threshold), x, value);
/** (x + √(x² + b)) / 2 (Barron 2021). */
export const squareplus = (x: Tensor, b = 4): Tensor => x.add(x.square().add(b).sqrt()).mul(0.5) as Tensor;
/** 0 below −1, (x + 1)² / 4 up to 1, x above. */
export const sparsePlus = (x: Tensor): Tensor =>
  t.where(x.lessEqual(-1), 0, t.where(x.less(1), x.add(1).square().mul(0.25), x)) as Tensor;
/** 0 below −1, (x + 1) / 2 up to 1, 1 above. */
export const sparseSigmoid = (x: Tensor): Tensor => x.clip(-1, 1).add(1).mul(0.5) as Tensor;

/** The nearest point of the probability simplex: sparse probabilities along `axis` (Martins & Astudillo 2016). */
export function sparsemax(x: Tensor, axis = -1): Tensor {
  const sorted = x.sort(axis, { descending: true });
  const sums = sorted.cumsum(axis);
  const count = t.arange(x.shape.at(axis)!).cast("f32").add(1);
  const ranks = count.reshape(x.shape.map((size, at) => (at === (axis + x.rank) % x.rank ? size : 1))) as Tensor;
  // The k largest share what is left of 1: those for which 1 + k·z > Σ.
  const support = ranks.mul(sorted).add(1).greater(sums).cast(x.dtype) as Tensor;
  const size = support.sum(axis, { keepDims: true });
  const tau = sorted.mul(support).sum(axis, { keepDims: true }).sub(1).div(size);
  return t.maximum(x.sub(tau), 0) as Tensor;
}
