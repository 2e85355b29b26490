import { DataError } from "../base/errors.ts";

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

/** The statistics of numbers on the host. */
export function statsOf(values: ArrayLike<number>): TensorStats {
  let [sum, sumOfSquares, sumOfMagnitudes] = [0, 0, 0];
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [zeros, positiveInfinities, negativeInfinities, notNumbers, saturated] = [0, 0, 0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (Number.isFinite(value)) {
      const size = Math.abs(value);
      sum += value;
      sumOfSquares += value * value;
      sumOfMagnitudes += size;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value === 0) zeros++;
      if (size > saturation) saturated++;
    } else if (Number.isNaN(value)) notNumbers++;
    else if (value > 0) positiveInfinities++;
    else negativeInfinities++;
  }
  const sums = { count: values.length, sum, sumOfSquares, sumOfMagnitudes, min, max, zeros };
  return { ...sums, positiveInfinities, negativeInfinities, notNumbers, units: 0, deadUnits: 0, saturated };
}
