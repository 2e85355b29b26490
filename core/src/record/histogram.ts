import { DataError } from "../base/errors.ts";
import { decodeVarints, encodeVarints } from "./bytes.ts";

// Exponent histograms: the bucket of a number is its sign, its exponent and the top bit of its fraction, as they stand in an f32.
// One pass over the numbers, no range known before; NaN, infinities and zeros have buckets of their own; histograms of steps or
// machines are added up bucket by bucket.

/** sign · 8 bits of exponent · the first bit of the fraction. */
export const bucketCount = 1024;
const signBit = 512;

/** The counts of the buckets that are not empty. `buckets` rise. */
export interface ExponentHistogram {
  readonly buckets: readonly number[];
  readonly counts: readonly number[];
}

const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** The bucket of a number, rounded to f32. */
export function bucketOf(value: number): number {
  asFloat[0] = value;
  return asBits[0]! >>> 22;
}

/** The numbers of a bucket: from `low` (towards zero: the smaller magnitude) to `high`, with their sign. NaN for the last exponent. */
export function bucketRange(bucket: number): { readonly low: number; readonly high: number } {
  const edge = (index: number): number => {
    asBits[0] = index << 22;
    return asFloat[0]!;
  };
  const size = bucket % signBit;
  const sign = bucket >= signBit ? -1 : 1;
  if (size >= 510) return { low: Number.NaN, high: Number.NaN };
  const high = size === 509 ? 2 ** 128 : edge(size + 1);
  return sign > 0 ? { low: edge(size), high } : { low: -high, high: -edge(size) };
}

/** Counts numbers. */
export function histogramOf(values: ArrayLike<number>): ExponentHistogram {
  const counts = new Float64Array(bucketCount);
  for (let at = 0; at < values.length; at++) counts[bucketOf(values[at]!)]!++;
  return sparse(counts);
}

/** The buckets that are not empty. `counts` has `bucketCount` entries. */
export function sparse(counts: ArrayLike<number>): ExponentHistogram {
  const buckets: number[] = [];
  const heights: number[] = [];
  for (let bucket = 0; bucket < counts.length; bucket++) {
    if (counts[bucket] === 0) continue;
    buckets.push(bucket);
    heights.push(counts[bucket]!);
  }
  return { buckets, counts: heights };
}

/** The sum of histograms. */
export function addHistograms(all: readonly ExponentHistogram[]): ExponentHistogram {
  const sum = new Float64Array(bucketCount);
  for (const { buckets, counts } of all)
    for (const [index, bucket] of buckets.entries()) sum[bucket]! += counts[index]!;
  return sparse(sum);
}

/** One bar of a picture: all numbers from `low` to `high`. */
export interface Bar {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The bars of the finite numbers from left to right, and how many were no finite numbers. */
export function barsOf({ buckets, counts }: ExponentHistogram): {
  readonly bars: readonly Bar[];
  readonly nonFinite: number;
} {
  let nonFinite = 0;
  const bars: Bar[] = [];
  buckets.forEach((bucket, index) => {
    const { low, high } = bucketRange(bucket);
    if (Number.isNaN(low)) nonFinite += counts[index]!;
    else bars.push({ low, high, count: counts[index]! });
  });
  return { bars: bars.sort((a, b) => a.low - b.low), nonFinite };
}

/** Distances between buckets and their counts, as varints. */
export const encodeHistogram = ({ buckets, counts }: ExponentHistogram): Uint8Array =>
  encodeVarints(buckets.flatMap((bucket, index) => [bucket - (buckets[index - 1] ?? 0), counts[index]!]));

export function decodeHistogram(payload: Uint8Array): ExponentHistogram {
  const numbers = decodeVarints(payload);
  const buckets: number[] = [];
  const counts: number[] = [];
  let bucket = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    bucket += numbers[at]!;
    if (bucket >= bucketCount || (at > 0 && numbers[at] === 0) || numbers[at + 1] === undefined)
      throw new DataError("a histogram of the run log is damaged");
    buckets.push(bucket);
    counts.push(numbers[at + 1]!);
  }
  return { buckets, counts };
}
