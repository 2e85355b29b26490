import { isFloat } from "../base/dtype.ts";
import { ArgumentError, oneOf } from "../base/errors.ts";
import { range, sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, clip, div, minimum, mul, sqrt, square, sub } from "./arithmetic.ts";
import { cumprod } from "./associative.ts";
import { type Axes, normalizeAxes, normalizeAxis, restoreAxes } from "./axes.ts";
import { type Operand, toNode } from "./broadcast.ts";
import { less, lessEqual, logicalNot, isNaN as notANumber, notEqual, where } from "./compare.ts";
import { conv } from "./conv.ts";
import { linspace } from "./create.ts";
import { scatterAdd, takeAlongAxis } from "./indexing.ts";
import { stack } from "./joining.ts";
import { matmul } from "./linear.ts";
import { broadcastTo, expandDims, flip, moveAxis } from "./movement.ts";
import { argmax, argmin, sort } from "./order.ts";
import { any, cumsum, max, mean, min, prod, type ReduceOptions, sum, type VarianceOptions } from "./reduce.ts";
import { floor } from "./rounding.ts";

export interface AverageOptions extends ReduceOptions {
  /** Of the shape of x, or a vector along the axis. */
  readonly weights?: Node | undefined;
}

/** The mean along `axes`, weighted if there are weights. */
export function average(x: Node, axes?: Axes, { weights, ...options }: AverageOptions = {}): Node {
  if (weights === undefined) return mean(x, axes, options);
  const list = normalizeAxes("average", axes, x);
  const vector = weights.shape.length === 1 && x.shape.length > 1 && list.length === 1;
  const sides = x.shape.map((_, axis) => axis).filter((axis) => axis !== list[0]);
  const whole = broadcastTo(vector ? expandSides(weights, sides) : weights, x.shape);
  return div(sum(mul(x, whole), list, options), sum(whole, list, options));
}
const expandSides = (vector: Node, sides: readonly number[]): Node => expandDims(vector, sides);

/** max − min along `axes`. */
export const ptp = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  sub(max(x, axes, options), min(x, axes, options));
/** i32: how many elements along `axes` are not 0. */
export const countNonzero = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  sum(build.cast(notEqual(x, 0), "i32"), axes, options);

/** What lies at the fractions `q` (0 … 1) of the sorted elements along `axes`, between two of them in proportion. */
export const quantile = (
  x: Node,
  q: number | readonly number[],
  axes?: Axes,
  options: ReduceOptions & QuantileOptions = {},
): Node => quantiles("quantile", x, q, axes, options, false);
/** As `quantile`, with fractions of 100. */
export const percentile = (
  x: Node,
  q: number | readonly number[],
  axes?: Axes,
  options: ReduceOptions & QuantileOptions = {},
): Node => quantile(x, hundredths(q), axes, options);
/** The middle of the sorted elements along `axes`. */
export const median = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => quantile(x, 0.5, axes, options);

const hundredths = (q: number | readonly number[]) => (typeof q === "number" ? q / 100 : q.map((each) => each / 100));

const quantileMethods = ["linear", "lower", "higher", "midpoint", "nearest"] as const;
type QuantileMethod = (typeof quantileMethods)[number];

export interface QuantileOptions {
  /** What lies between two elements. */
  readonly method?: QuantileMethod;
}

function quantiles(
  op: string,
  x: Node,
  q: number | readonly number[],
  axes: Axes,
  { keepDims = false, method = "linear" }: ReduceOptions & QuantileOptions,
  skipNaN: boolean,
): Node {
  const fractions = typeof q === "number" ? [q] : q;
  if (!fractions.every((each) => each >= 0 && each <= 1)) {
    throw new ArgumentError({
      what: `${op}: ${fractions.find((each) => !(each >= 0 && each <= 1))} is no fraction from 0 to 1`,
      hint: "percentile takes numbers from 0 to 100",
    });
  }
  oneOf("method", method, quantileMethods, op);
  const list = normalizeAxes(op, axes, x);
  const count = sizeOf(list.map((axis) => x.shape[axis]!));
  if (count === 0) throw shapeError(`${op}: there are no elements`, [x]);
  const wide = isFloat(x.dtype) ? x : build.cast(x, "f32");
  // The reduced axes together as the last one, sorted; NaN is last.
  const last = moveAxis(
    wide,
    list,
    range(list.length).map((at) => x.shape.length - list.length + at),
  );
  const kept = last.shape.slice(0, x.shape.length - list.length);
  const sorted = sort(build.reshape(last, [...kept, count]), -1);
  const rank = kept.length;
  const bad = notANumber(sorted);
  const none = any(bad, rank, { keepDims: true });
  const size = skipNaN
    ? sum(build.cast(logicalNot(bad), "f32"), rank, { keepDims: true })
    : build.fill(count, { shape: [...kept, 1], dtype: "f32" });
  const parts = fractions.map((fraction) => {
    const place = clip(mul(sub(size, 1), fraction), 0, count);
    const low = floor(place);
    const share = sub(place, low);
    const pick = (at: Node): Node => takeAlongAxis(sorted, build.cast(clip(at, 0, count - 1), "i32"), rank);
    const weight = between(method, share, place);
    const [below, above] = [pick(low), pick(add(low, 1))];
    // Where nothing is taken of the upper one it may be NaN, or not there.
    const value = where(lessEqual(weight, 0), below, add(below, mul(weight, sub(above, below))));
    const result = skipNaN ? value : where(none, NaN, value);
    return keepDims ? restoreAxes(result, x, list) : build.reshape(result, kept);
  });
  return typeof q === "number" ? parts[0]! : stack(parts);
}

/** How much of the upper neighbour counts. */
function between(method: QuantileMethod, share: Node, place: Node): Node {
  if (method === "linear") return share;
  const exact = lessEqual(share, 0);
  if (method === "lower") return build.fill(0, share);
  if (method === "higher") return where(exact, build.fill(0, share), 1);
  if (method === "midpoint") return where(exact, build.fill(0, share), 0.5);
  // "nearest": halves go to the even place.
  const odd = build.cast(notEqual(build.binary("mod", floor(place), build.fill(2, place)), 0), share.dtype);
  return where(less(share, 0.5), build.fill(0, share), where(lessEqual(share, 0.5), odd, 1));
}

// Reductions that leave out NaN.

const without = (x: Node, value: number): Node => where(notANumber(x), value, x);
const numbers = (x: Node, axes: Axes, options: ReduceOptions): Node =>
  sum(build.cast(logicalNot(notANumber(x)), "f32"), axes, options);

export const nanSum = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => sum(without(x, 0), axes, options);
export const nanProd = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node => prod(without(x, 1), axes, options);
export const nanMax = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  orNaN(max(without(x, -Infinity), axes, options), x, axes, options);
export const nanMin = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  orNaN(min(without(x, Infinity), axes, options), x, axes, options);
/** NaN where there are no numbers. */
const orNaN = (value: Node, x: Node, axes: Axes, options: ReduceOptions): Node =>
  isFloat(x.dtype) ? where(lessEqual(numbers(x, axes, options), 0), NaN, value) : value;
export const nanMean = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  div(nanSum(x, axes, options), numbers(x, axes, options));
export const nanVariance = (x: Node, axes?: Axes, { correction = 0, ...options }: VarianceOptions = {}): Node => {
  const distance = sub(x, nanMean(x, axes, { keepDims: true }));
  const count = numbers(x, axes, options);
  return div(nanSum(square(distance), axes, options), where(lessEqual(count, correction), NaN, sub(count, correction)));
};
export const nanStd = (x: Node, axes?: Axes, options: VarianceOptions = {}): Node =>
  sqrt(nanVariance(x, axes, options));
export const nanQuantile = (
  x: Node,
  q: number | readonly number[],
  axes?: Axes,
  options: ReduceOptions & QuantileOptions = {},
): Node => quantiles("nanQuantile", x, q, axes, options, true);
export const nanPercentile = (
  x: Node,
  q: number | readonly number[],
  axes?: Axes,
  options: ReduceOptions & QuantileOptions = {},
): Node => nanQuantile(x, hundredths(q), axes, options);
export const nanMedian = (x: Node, axes?: Axes, options: ReduceOptions = {}): Node =>
  nanQuantile(x, 0.5, axes, options);
export const nanArgmax = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argmax(without(x, -Infinity), axis, options);
export const nanArgmin = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argmin(without(x, Infinity), axis, options);
export const nanCumsum = (x: Node, axis?: number): Node => cumsum(without(x, 0), axis);
export const nanCumprod = (x: Node, axis?: number): Node => cumprod(without(x, 1), axis);

// Counting.

/** i32: where each of `values` would be put into the ascending vector `sorted`: before equals ("left") or behind them. */
export function searchSorted(sorted: Node, values: Operand, side: "left" | "right" = "left"): Node {
  if (sorted.shape.length !== 1) throw shapeError("searchSorted: the sorted elements are no vector", [sorted]);
  oneOf("side", side, ["left", "right"], "searchSorted");
  const each = expandDims(toNode(values), -1);
  const before = side === "left" ? less(sorted, each) : lessEqual(sorted, each);
  return sum(build.cast(before, "i32"), -1);
}
/** i32: the number of the interval between ascending `edges` that each element is in; 0 is below the first. */
export const digitize = (x: Operand, edges: Node): Node => searchSorted(edges, x, "right");

/** How often each of 0 … size − 1 is among the integers `x`, or the sums of their weights; others are not counted. */
export const bincount = (x: Node, size: number, { weights }: { readonly weights?: Node | undefined } = {}): Node => {
  const flat = build.reshape(x, [sizeOf(x.shape)]);
  const dtype = weights?.dtype ?? "i32";
  const counted =
    weights === undefined ? build.fill(1, { shape: flat.shape, dtype }) : build.reshape(weights, flat.shape);
  return scatterAdd(build.fill(0, { shape: [size], dtype }), build.cast(flat, "i32"), counted);
};

export interface HistogramOptions {
  readonly bins?: number;
  /** From the smallest to the largest element unless given. */
  readonly range?: readonly [number, number];
}
/** i32: how many elements are in each of equal intervals, and their edges; the last interval holds its upper edge too. */
export function histogram(x: Node, { bins = 10, range: given }: HistogramOptions = {}): { counts: Node; edges: Node } {
  const flat = build.cast(build.reshape(x, [sizeOf(x.shape)]), "f32");
  const [low, high] = given ?? [min(flat), max(flat)];
  const width = sub(high, low);
  const some = where(lessEqual(width, 0), 1, width);
  const start = where(lessEqual(width, 0), sub(low, 0.5), low);
  const edges = add(mul(linspace(0, 1, bins + 1), some), start);
  // Exactly the largest element: the last edge may be rounded below it.
  const end = where(lessEqual(width, 0), add(low, 0.5), high);
  const place = sub(searchSorted(edges, flat, "right"), 1);
  const last = where(lessEqual(flat, end), where(less(flat, end), minimum(place, bins - 1), bins - 1), -1);
  return { counts: bincount(last, bins), edges };
}

/** The correlations between the rows (variables) of `x`. */
export function corrcoef(x: Node): Node {
  const rows = x.shape.length === 1 ? expandDims(x, 0) : x;
  const centred = sub(rows, mean(rows, 1, { keepDims: true }));
  const scale = sqrt(sum(square(centred), 1, { keepDims: true }));
  const unit = div(centred, scale);
  const matrix = clip(matmul(unit, moveAxis(unit, 0, 1)), -1, 1);
  return x.shape.length === 1 ? build.reshape(matrix, []) : matrix;
}

/** bool: the class numbers `target` are among the `k` largest of their row of `predictions`. */
export function inTopK(target: Node, predictions: Node, k: number): Node {
  const own = takeAlongAxis(predictions, expandDims(target, -1), normalizeAxis("inTopK", -1, predictions.shape.length));
  return less(sum(build.cast(less(own, predictions), "i32"), -1), k);
}

/** The sums of products of `x` with `v` moved along it, both vectors: over all overlaps ("full"), whole ones ("valid"), or as many as x has ("same"). */
export function correlate(x: Node, v: Node, mode: "valid" | "same" | "full" = "valid"): Node {
  const [n, m] = [x.shape[0]!, v.shape[0]!];
  if (x.shape.length !== 1 || v.shape.length !== 1) throw shapeError("correlate: both must be vectors", [x, v]);
  if (m > n) return flip(correlate(v, x, mode));
  const whole = { full: [m - 1, m - 1], valid: [0, 0], same: [Math.floor(m / 2), Math.ceil(m / 2) - 1] } as const;
  const pads = whole[mode];
  const product = conv(build.reshape(x, [1, n, 1]), build.reshape(v, [m, 1, 1]), { padding: [[pads[0], pads[1]]] });
  return build.reshape(product, [product.shape[1]!]);
}
