import { DataError } from "../base/errors.ts";
import { bucketCount, type ExponentHistogram, sparse } from "./histogram.ts";

/** What is known of all numbers of a tensor at a step. Sums and extremes are those of the finite ones. */
export interface TensorStats {
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  readonly sumOfMagnitudes: number;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
  readonly positiveInfinities: number;
  readonly negativeInfinities: number;
  readonly notNumbers: number;
  /** Of activations: units, and those that were zero for all examples of the probe set. 0 where it is not known. */
  readonly units: number;
  readonly deadUnits: number;
  /** Of activations: numbers above 0.97 in magnitude, where tanh and sigmoid no longer learn. */
  readonly saturated: number;
}

/** The order of the f64s of a payload. */
const fields = [
  "count",
  "sum",
  "sumOfSquares",
  "sumOfMagnitudes",
  "min",
  "max",
  "zeros",
  "positiveInfinities",
  "negativeInfinities",
  "notNumbers",
  "units",
  "deadUnits",
  "saturated",
] as const satisfies readonly (keyof TensorStats)[];

export const saturation = 0.97;

export const encodeStats = (stats: TensorStats): Uint8Array =>
  new Uint8Array(Float64Array.from(fields, (field) => stats[field]).buffer);

export function decodeStats(payload: Uint8Array): TensorStats {
  if (payload.length < 8 * fields.length) throw new DataError("the statistics of a tensor are too short");
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Object.fromEntries(
    fields.map((field, index) => [field, view.getFloat64(8 * index, true)]),
  ) as unknown as TensorStats; // all fields are there
}

/** Mean, standard deviation and root of the mean square of the finite numbers. */
export function momentsOf(stats: TensorStats): {
  readonly mean: number;
  readonly deviation: number;
  readonly rms: number;
} {
  const finite = finiteCount(stats);
  const mean = stats.sum / finite;
  const square = stats.sumOfSquares / finite;
  return { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)), rms: Math.sqrt(square) };
}

export const nonFiniteCount = (stats: TensorStats): number =>
  stats.positiveInfinities + stats.negativeInfinities + stats.notNumbers;
const finiteCount = (stats: TensorStats): number => stats.count - nonFiniteCount(stats);

/** The statistics of numbers on the host, and their histogram, in one pass. */
export function measure(values: Float32Array): { readonly stats: TensorStats; readonly histogram: ExponentHistogram } {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Float64Array(bucketCount);
  let [sum, sumOfSquares, sumOfMagnitudes] = [0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [zeros, saturated] = [0, 0];
  // A plain loop: this runs over all numbers of a model.
  for (let at = 0; at < values.length; at++) {
    const own = bits[at]!;
    counts[own >>> 22]!++;
    if ((own & exponentBits) === exponentBits) continue;
    const value = values[at]!;
    const size = value < 0 ? -value : value;
    sum += value;
    sumOfSquares += value * value;
    sumOfMagnitudes += size;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    if (size > saturation) saturated++;
  }
  // The last exponent holds what is not finite; the infinities share their bucket with NaN of small payloads.
  const [positiveInfinities, negativeInfinities] = counts[510] || counts[1022] ? countInfinities(values) : [0, 0];
  const odd = counts[510]! + counts[511]! + counts[1022]! + counts[1023]!;
  const stats = {
    count: values.length,
    sum,
    sumOfSquares,
    sumOfMagnitudes,
    min,
    max,
    zeros,
    positiveInfinities,
    negativeInfinities,
    notNumbers: odd - positiveInfinities - negativeInfinities,
    units: 0,
    deadUnits: 0,
    saturated,
  };
  return { stats, histogram: sparse(counts) };
}

const exponentBits = 0x7f800000;

function countInfinities(values: Float32Array): readonly [number, number] {
  let [positive, negative] = [0, 0];
  for (const value of values) {
    if (value === Number.POSITIVE_INFINITY) positive++;
    else if (value === Number.NEGATIVE_INFINITY) negative++;
  }
  return [positive, negative];
}

/** The statistics of numbers on the host. */
export const statsOf = (values: ArrayLike<number>): TensorStats => measure(Float32Array.from(values)).stats;
