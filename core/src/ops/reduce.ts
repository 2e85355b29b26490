import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import { demandKnown } from "../base/known.ts";
import { sizeOf } from "../base/shape.ts";
import { build, type Node, type ReduceName, shapeError } from "../graph/index.ts";
import { clip, div, mul, square, sub } from "./arithmetic.ts";
import { type Axes, keepsDims, normalizeAxes, normalizeAxis, restoreAxes } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { truth } from "./compare.ts";
import { exp, log } from "./exponential.ts";
import { ravel } from "./movement.ts";
import { safeSqrt } from "./safeSqrt.ts";

export interface ReduceOptions {
  /** Keep the reduced axes with size 1. */
  readonly keepDims?: boolean;
}

/** The sum along `axes`; bool and 8-bit integers are summed in 32 bits. */
export const sum = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  reduceBy("sum", widen(x), axes, options);

/** The product along `axes`; bool and 8-bit integers are multiplied in 32 bits. */
export const prod = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  reduceBy("prod", widen(x), axes, options);

/** The largest element along `axes`; NaN wins. */
export const max = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => reduceBy("max", x, axes, options);

/** The smallest element along `axes`; NaN wins. */
export const min = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => reduceBy("min", x, axes, options);

/** bool: whether any element along `axes` is true (numbers: not 0); false for none. */
export const any = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => test("any", x, axes, options);

/** bool: whether all elements along `axes` are true (numbers: not 0); true for none. */
export const all = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => test("all", x, axes, options);

/** `asked` is the operation that users know. */
function reduceBy(name: ReduceName, x: Node, axes: Axes, options: ReduceOptions, asked: string = name): Node {
  const keepDims = keepsDims(asked, options);
  const list = normalizeAxes(name, axes, x);
  const empty = name === "max" || name === "min" ? list.find((axis) => x.shape[axis] === 0) : undefined;
  if (empty !== undefined) throw shapeError(`${name}: axis ${empty} is empty and has no ${name}`, [x]);
  const reduced = build.reduce(name, x, list);
  return keepDims ? restoreAxes(reduced, x, list) : reduced;
}

function test(name: "any" | "all", x: Node, axes: Axes, options: ReduceOptions): Node {
  const keepDims = keepsDims(name, options);
  const list = normalizeAxes(name, axes, x);
  const flags = truth(x);
  const kept = x.shape.filter((_, axis) => !list.includes(axis));
  const reduced = list.some((axis) => x.shape[axis] === 0)
    ? build.fill(name === "all" ? 1 : 0, { shape: kept, dtype: "bool" })
    : build.reduce(name === "any" ? "max" : "min", flags, list);
  return keepDims ? restoreAxes(reduced, x, list) : reduced;
}

/** Sums of these dtypes are kept in 32 bits, as in NumPy and Keras. */
const widened: { readonly [D in DType]?: DType } = { bool: "i32", i8: "i32", u8: "u32" };
const widen = (x: Node): Node => build.cast(x, widened[x.dtype] ?? x.dtype);

/** The mean along `axes`; integers give f32, 16-bit floats are averaged in f32. */
export function mean(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  const list = normalizeAxes("mean", axes, x);
  const wide = build.cast(x, "f32");
  const average = div(reduceBy("sum", wide, list, options, "mean"), countOf(x, list));
  return build.cast(average, isFloat(x.dtype) ? x.dtype : "f32");
}

const countOf = (x: Node, axes: readonly number[]): number => sizeOf(axes.map((axis) => x.shape[axis]!));

export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count: 0 for the variance of the elements, 1 for an unbiased estimate. */
  readonly correction?: number;
}

/** The mean square distance from the mean along `axes`, in two passes. */
export function variance(x: Node, axes?: Axes, options: VarianceOptions = {}): Node {
  demandKnown("variance", options, ["keepDims", "correction"]);
  const { correction = 0, keepDims = false } = options;
  const list = normalizeAxes("variance", axes, x);
  const wide = build.cast(x, "f32");
  const squares = square(sub(wide, mean(wide, list, { keepDims: true })));
  const spread = div(reduceBy("sum", squares, list, { keepDims }), Math.max(0, countOf(x, list) - correction));
  return build.cast(spread, isFloat(x.dtype) ? x.dtype : "f32");
}

/** The square root of the variance; its derivative is 0 where the variance is 0. */
export const std = (x: Node, axes?: Axes, options: VarianceOptions = {}): Node => safeSqrt(variance(x, axes, options));

/** `log Σ exp(x)` along `axes` without overflow; −∞ when all elements are, or when there is none. */
export function logSumExp(x: Node, axes?: Axes, options: ReduceOptions = {}): Node {
  requireFloat("logSumExp", x);
  const keepDims = keepsDims("logSumExp", options);
  const list = normalizeAxes("logSumExp", axes, x);
  if (list.some((axis) => x.shape[axis] === 0)) return log(reduceBy("sum", x, list, options));
  const [lowest, highest] = rangeOf[x.dtype];
  // A finite shift: ∞ − ∞ must not arise when the maximum is infinite.
  const shift = build.detach(clip(reduceBy("max", x, list, { keepDims: true }), lowest, highest));
  const total = log(reduceBy("sum", exp(sub(x, shift)), list, {}));
  const value = build.binary("add", total, build.reshape(shift, total.shape));
  const result = build.custom("logSumExp", value, [x], (g, node) => {
    const [, operand] = node.inputs;
    const out = restoreAxes(clip(node, lowest, highest), operand!, list);
    return [mul(restoreAxes(g, operand!, list), exp(sub(operand!, out)))];
  });
  return keepDims ? restoreAxes(result, x, list) : result;
}

export interface CumulativeOptions {
  /** From the last element to the first. */
  readonly reverse?: boolean;
  /** Without the element itself: the first of a sum is 0, the first of a maximum the lowest value there is. */
  readonly exclusive?: boolean;
}

/** The sums of all elements up to each one along `axis`; without an axis, of `ravel(x)`. */
export const cumsum = (x: Node, axis?: number, options: CumulativeOptions = {}): Node =>
  cumulate("cumsum", "sum", widen(x), axis, options);

/** The largest of all elements up to each one along `axis`; without an axis, of `ravel(x)`. */
export const cummax = (x: Node, axis?: number, options: CumulativeOptions = {}): Node =>
  cumulate("cummax", "max", x, axis, options);

function cumulate(
  op: string,
  name: "sum" | "max",
  x: Node,
  axis: number | undefined,
  options: CumulativeOptions,
): Node {
  demandKnown(op, options, ["reverse", "exclusive"]);
  const { reverse = false, exclusive = false } = options;
  if (axis === undefined) return cumulate(op, name, ravel(x), 0, options);
  const place = normalizeAxis(op, axis, x.shape.length, x);
  const inclusive = build.cumulative(name, x, place, reverse);
  if (!exclusive || x.shape[place] === 0) return inclusive;
  // One place further: what falls off the end is the total, what comes in is nothing.
  const shift = (by: number): number[] => x.shape.map((_, other) => (other === place ? by : 0));
  const [low, high] = reverse ? [shift(-1), shift(1)] : [shift(1), shift(-1)];
  const lowest = isFloat(x.dtype) ? -Infinity : rangeOf[x.dtype][0];
  return build.pad(inclusive, { low, high, between: shift(0), value: name === "sum" ? 0 : lowest });
}
