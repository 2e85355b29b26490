import { isFloat, rangeOf } from "../base/dtype.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, mul, neg, square, sub } from "./arithmetic.ts";
import { equal, where } from "./compare.ts";
import { log10 } from "./exponential.ts";
import { oneHot, scatterAdd, scatterMax } from "./indexing.ts";
import { expandDims } from "./movement.ts";
import { norm } from "./norm.ts";
import { max, mean, prod } from "./reduce.ts";

/** The largest row of each of `count` segments; −∞ (or the lowest integer) where there is none. */
export const segmentMax = (x: Node, segments: Node, count: number): Node =>
  scatterMax(
    build.fill(isFloat(x.dtype) ? -Infinity : rangeOf[x.dtype][0], {
      shape: [count, ...x.shape.slice(1)],
      dtype: x.dtype,
    }),
    segments,
    x,
  );
/** The smallest row of each of `count` segments. */
export const segmentMin = (x: Node, segments: Node, count: number): Node => neg(segmentMax(neg(x), segments, count));
/** The product of the rows of each of `count` segments. */
export function segmentProd(x: Node, segments: Node, count: number): Node {
  const own = equal(expandDims(build.cast(segments, "i32"), 0), expandDims(build.iota([count], 0), 1));
  const flags = build.reshape(own, [count, x.shape[0]!, ...x.shape.slice(1).map(() => 1)]);
  return prod(where(flags, expandDims(x, 0), build.fill(1, x)), 1);
}

/** Zeros of `shape`, to which `values` are added at `indices` [..., axes]: the places along the first axes. */
export function scatter(indices: Node, values: Node, shape: Shape): Node {
  const depth = indices.shape.at(-1) ?? 0;
  const lead = shape.slice(0, depth);
  if (depth < 1 || depth > shape.length) {
    throw shapeError(`scatter: indices of ${depth} axes for a result of ${shape.length}`, [indices, values]);
  }
  const count = sizeOf(indices.shape.slice(0, -1));
  const steps = lead.map((_, axis) => sizeOf(lead.slice(axis + 1)));
  const rows = build.reshape(build.cast(indices, "i32"), [count, depth]);
  const places = steps
    .map((step, axis) => mul(build.slice(rows, [0, axis], [count, 1]), step))
    .reduce((sum, each) => add(sum, each));
  const rest = shape.slice(depth);
  const flat = build.fill(0, { shape: [sizeOf(lead), ...rest], dtype: values.dtype });
  const added = scatterAdd(flat, build.reshape(places, [count]), build.reshape(values, [count, ...rest]));
  return build.reshape(added, shape);
}

/** Ones at all of the labels along the last axis, zeros elsewhere: [..., labels] → [..., classes]. */
export const multiHot = (labels: Node, classes: number): Node => max(oneHot(labels, classes), -2);
/** The distances between the rows of x and those of y: [..., n, size], [..., m, size] → [..., n, m]. */
export const cdist = (x: Node, y: Node): Node => norm(sub(expandDims(x, -2), expandDims(y, -3)), -1);
/** The ratio, in decibels, of the largest possible value and the noise between two signals. */
export const psnr = (x: Node, y: Node, largest: number): Node =>
  sub(20 * Math.log10(largest), mul(log10(mean(square(sub(x, y)))), 10));
