import type { Node } from "../graph/index.ts";
import { build } from "../graph/index.ts";
import { abs, add, clip, div, maximum, mul, sign, sqrt, square, sub } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { greater, less, lessEqual, where } from "./compare.ts";
import { tanh } from "./exponential.ts";
import { sort } from "./order.ts";
import { cumsum, sum } from "./reduce.ts";

// Activations that Keras knows and few use, made of operations; formulas as in keras.ops.

export const hardTanh = (x: Node): Node => clip(x, -1, 1);
export const tanhShrink = (x: Node): Node => sub(x, tanh(x));
/** x where |x| > threshold, else 0. */
export const hardShrink = (x: Node, threshold = 0.5): Node => where(lessEqual(abs(x), threshold), 0, x);
/** x moved towards 0 by `threshold`, and 0 in between. */
export const softShrink = (x: Node, threshold = 0.5): Node =>
  where(lessEqual(abs(x), threshold), 0, sub(x, mul(sign(x), threshold)));
/** x where it is greater than `threshold`, else `value`. */
export const threshold = (x: Node, threshold = 0, value = 0): Node => where(greater(x, threshold), x, value);
/** (x + √(x² + b)) / 2 (Barron 2021). */
export const squareplus = (x: Node, b = 4): Node => mul(add(x, sqrt(add(square(x), b))), 0.5);
/** 0 below −1, (x + 1)² / 4 up to 1, x above. */
export const sparsePlus = (x: Node): Node =>
  where(lessEqual(x, -1), 0, where(less(x, 1), mul(square(add(x, 1)), 0.25), x));
/** 0 below −1, (x + 1) / 2 up to 1, 1 above. */
export const sparseSigmoid = (x: Node): Node => mul(add(clip(x, -1, 1), 1), 0.5);

/** The nearest point of the probability simplex: sparse probabilities along `axis` (Martins & Astudillo 2016). */
export function sparsemax(x: Node, axis = -1): Node {
  const place = normalizeAxis("sparsemax", axis, x.shape.length, x);
  const sorted = sort(x, place, { descending: true });
  const ranks = build.cast(add(build.iota(x.shape, place), 1), x.dtype);
  // The k largest share what is left of 1: those for which 1 + k·z > Σ.
  const support = build.cast(greater(add(mul(ranks, sorted), 1), cumsum(sorted, place)), x.dtype);
  const size = sum(support, place, { keepDims: true });
  const tau = div(sub(sum(mul(sorted, support), place, { keepDims: true }), 1), size);
  return maximum(sub(x, tau), 0);
}
