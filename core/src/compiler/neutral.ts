import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import type { ReduceName } from "../graph/primitives.ts";

/** What leaves a reduction as it is, and what it gives for nothing at all. */
export function neutralOf(name: ReduceName, dtype: DType): number {
  const [lowest, highest] = isFloat(dtype) ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : rangeOf[dtype];
  return { sum: 0, prod: 1, max: lowest, min: highest }[name];
}
