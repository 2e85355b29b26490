import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import type { ReduceName } from "../graph/primitives.ts";
import { roundTo, wrap } from "./hostArray.ts";

// Scalar meanings that more than one primitive needs.

export type Combine = (x: number, y: number) => number;

const wrapped =
  (dtype: DType, combine: Combine): Combine =>
  (x, y) =>
    wrap[dtype](combine(x, y));

/** x + y in `dtype`: integers wrap. */
export const adder = (dtype: DType): Combine => (isFloat(dtype) ? (x, y) => x + y : wrapped(dtype, (x, y) => x + y));

/** x · y in `dtype`: integers wrap (`imul`, because f64 would lose the low bits of a 64-bit product). */
export const multiplier = (dtype: DType): Combine => (isFloat(dtype) ? (x, y) => x * y : wrapped(dtype, Math.imul));

/** The combining function of a reduction and its value over nothing. max and min propagate NaN; on bool they are or and and. */
export function combiner(name: ReduceName, dtype: DType): { readonly combine: Combine; readonly initial: number } {
  switch (name) {
    case "sum":
      return { combine: adder(dtype), initial: 0 };
    case "prod":
      return { combine: multiplier(dtype), initial: 1 };
    case "max":
      return { combine: Math.max, initial: isFloat(dtype) ? Number.NEGATIVE_INFINITY : rangeOf[dtype][0] };
    case "min":
      return { combine: Math.min, initial: isFloat(dtype) ? Number.POSITIVE_INFINITY : rangeOf[dtype][1] };
  }
}

/** Floor division of integers; by zero gives 0. The quotient of 32-bit integers is exact enough in f64 to be floored. */
export const floorDivide = (x: number, y: number): number => (y === 0 ? 0 : Math.floor(x / y));

/** x − y·floor(x / y) with the sign of y, without rounding: as NumPy's `mod`. */
export function floorMod(x: number, y: number): number {
  const remainder = x % y;
  if (remainder === 0) return y < 0 ? -0 : 0;
  return remainder < 0 === y < 0 ? remainder : remainder + y;
}

/** x to the power y as in C and NumPy, where 1^NaN = 1 and (−1)^±inf = 1 (JavaScript says NaN). */
export function power(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1;
  return x ** y;
}

/** The value of `x`, an element of dtype `from`, in dtype `to`. To f32 keeps all bits, so that finite differences work. */
export function convert(x: number, from: DType, to: DType): number {
  if (to === "bool") return x === 0 ? 0 : 1;
  if (to === "f32") return x;
  if (isFloat(to)) return roundTo[to](x);
  if (!isFloat(from)) return wrap[to](x);
  if (Number.isNaN(x)) return 0;
  const [lowest, highest] = rangeOf[to];
  return Math.trunc(Math.min(Math.max(x, lowest), highest)) + 0;
}

/**
 * The error function to about 1e-15. Near 0 the series 2/√π · exp(−x²) · Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms are all of
 * one sign (Abramowitz & Stegun 7.1.6); elsewhere 1 − erfc by its continued fraction (7.1.14), where erfc is small.
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (Number.isNaN(x) || x === 0) return x;
  if (magnitude > 6) return Math.sign(x);
  if (magnitude > 2) return Math.sign(x) * (1 - erfcByFraction(magnitude));
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** x·Φ(x), with Φ the normal distribution; the limit at −∞ is −0. */
export const gelu = (x: number): number => (x === -Infinity ? -0 : (x * erfc(-x * Math.SQRT1_2)) / 2);

/** Φ(x) + x·φ(x), φ being the normal density. */
export function geluDerivative(x: number): number {
  if (Math.abs(x) === Infinity) return x > 0 ? 1 : 0;
  return erfc(-x * Math.SQRT1_2) / 2 + (x * Math.exp(-x * x * 0.5)) / Math.sqrt(2 * Math.PI);
}

const erfc = (x: number): number => (x > 2 ? erfcByFraction(x) : 1 - erf(x));

/** erfc(x) = exp(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), evaluated from the inside, for x > 2. */
function erfcByFraction(x: number): number {
  let tail = x;
  for (let n = 120; n >= 1; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}
