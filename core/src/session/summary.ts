import { build, type Node } from "../graph/index.ts";
import { extremeFields, type MeasureField, measureBuckets, measureFields } from "../graph/measure.ts";
import { concatenate, max, sum } from "../ops/index.ts";
import { barsOf, type ExponentHistogram, sparse, type TensorStats } from "../record/index.ts";
import { Tensor } from "../tensor/index.ts";

/** Numbers that are told of each tensor. */
export const summarySize = measureFields.length + measureBuckets;

/** Shorter parts are not worth a task of their own. */
const shortestPart = 16_384;
const mostParts = 64;

/** The statistics of all numbers of a tensor: f32 [summarySize], for `readSummary`. */
export function summary(x: Tensor): Tensor {
  const flat = build.reshape(build.cast(x.node, "f32"), [x.size]);
  const parts = partsOf(x.size);
  if (parts === 1) return new Tensor(build.measure(flat));
  const told = build.measure(build.reshape(flat, [parts, x.size / parts]));
  const columns = (from: number, count: number): Node => build.slice(told, [0, from], [parts, count], [1, 1]);
  const extremes = max(columns(0, extremeFields), 0);
  return new Tensor(concatenate([extremes, sum(columns(extremeFields, summarySize - extremeFields), 0)], 0));
}

/** The largest number of equal parts that are long enough. */
function partsOf(length: number): number {
  let parts = Math.max(1, Math.min(mostParts, Math.floor(length / shortestPart)));
  while (length % parts !== 0) parts--;
  return parts;
}

/** What a summary says of so many numbers. Sums are those of f32. */
export function readSummary(
  told: Float32Array,
  count: number,
): { readonly stats: TensorStats; readonly histogram: ExponentHistogram } {
  const field = (name: MeasureField): number => told[measureFields.indexOf(name)]!;
  const buckets = told.subarray(measureFields.length);
  const histogram = sparse(buckets);
  const [positiveInfinities, negativeInfinities] = [field("positiveInfinities"), field("negativeInfinities")];
  // The last exponent of both signs holds what is not finite.
  const odd = buckets[510]! + buckets[511]! + buckets[1022]! + buckets[1023]!;
  const squares = field("sumOfSquares");
  const stats = {
    count,
    sum: field("sum"),
    sumOfSquares: isNormal(squares / count) ? squares : squaresOf(histogram),
    sumOfMagnitudes: field("sumOfMagnitudes"),
    min: -field("lowest") + 0,
    max: field("max"),
    zeros: field("zeros"),
    positiveInfinities,
    negativeInfinities,
    notNumbers: odd - positiveInfinities - negativeInfinities,
    units: 0,
    deadUnits: 0,
    saturated: field("saturated"),
  };
  return { stats, histogram };
}

/** Squares of f32 neither overflow nor vanish. */
const isNormal = (square: number): boolean => square > 1e-30 && square < 1e37;

/** By the middles of the bars, which is within a quarter: gradients that vanish or explode are told as what they are. */
const squaresOf = (histogram: ExponentHistogram): number =>
  barsOf(histogram).bars.reduce((sum, { low, high, count }) => sum + (count * (low * low + high * high)) / 2, 0);
