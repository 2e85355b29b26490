import type { Histogram } from "../../formats/index.ts";

/** Buckets a factor of two of size. */
const bucketsPerDouble = 4;
const smallest = 2 ** -40;

/** The limits of the buckets around 0: powers of two cut in parts, on both sides. */
const bucketOf = (value: number): number => {
  const size = Math.abs(value);
  if (size < smallest) return 0;
  const bucket = 1 + Math.floor(Math.log2(size / smallest) * bucketsPerDouble);
  return value < 0 ? -bucket : bucket;
};
/** The upper limit of a bucket. */
const limitOf = (bucket: number): number => {
  if (bucket === 0) return smallest;
  const power = (steps: number): number => smallest * 2 ** (steps / bucketsPerDouble);
  return bucket > 0 ? power(bucket) : -power(-bucket - 1);
};

/** The histogram of the finite values; undefined where there are none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  const counts = new Map<number, number>();
  let [min, max, count, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) continue;
    const bucket = bucketOf(value);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
    min = Math.min(min, value);
    max = Math.max(max, value);
    count++;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return undefined;
  const buckets = [...counts.keys()].sort((a, b) => a - b);
  const limits: number[] = [];
  const heights: number[] = [];
  for (const [index, bucket] of buckets.entries()) {
    // An empty bucket before says where this one begins.
    const gap = index === 0 || buckets[index - 1]! < bucket - 1;
    if (gap) {
      limits.push(limitOf(bucket - 1));
      heights.push(0);
    }
    limits.push(limitOf(bucket));
    heights.push(counts.get(bucket)!);
  }
  return { min, max, count, sum, sumOfSquares, limits, counts: heights };
}
