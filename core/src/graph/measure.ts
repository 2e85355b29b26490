import { bucketCount } from "../record/index.ts";

/** What `measure` says of a line before its buckets: `lowest` is the smallest number with its sign turned, so that parts combine by max. */
export const measureFields = [
  "lowest",
  "max",
  "sum",
  "sumOfSquares",
  "sumOfMagnitudes",
  "zeros",
  "positiveInfinities",
  "negativeInfinities",
  "saturated",
] as const;
export type MeasureField = (typeof measureFields)[number];

/** The buckets of a histogram of exponents, as logs have them. */
export const measureBuckets = bucketCount;

/** The first fields are extremes; all else adds up over parts of a tensor. */
export const extremeFields = 2;
