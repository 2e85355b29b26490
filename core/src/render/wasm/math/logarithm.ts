import type { Lane, Lanes } from "../lanes.ts";
import { roundingShift } from "./exponential.ts";

/** atanh(s) / s in s², for |s| ≤ 3 − 2√2: 2⁻⁴⁵. */
const inverseTangent = [
  0.9999999999999744, 0.333333333397067, 0.19999997467702868, 0.14286081047524263, 0.11087203208631667,
  0.09802978068007404,
];

const bitsOfRootHalf = 0x3fe6a09e667f3bcdn;
const bitsOfRoundingShift = 0x4338000000000000n;
/** The quiet NaN of f32 arithmetic. */
export const notANumber = Number.NaN;

/** x = 2ᵉ·(1 + f) with √½ ≤ 1 + f < √2, for normal positive f64. */
function split(lanes: Lanes, x: Lane<"f64">): { exponent: Lane<"f64">; fraction: Lane<"f64"> } {
  const bits = lanes.bitsOf(x);
  const offset = lanes.sub(bits, wide(lanes, bitsOfRootHalf));
  const exponentBits = lanes.and(offset, wide(lanes, -(1n << 52n)));
  const mantissa = lanes.fromBits(lanes.sub(bits, exponentBits));
  // i64 → f64 without a conversion instruction: see roundingShift. The arithmetic shift is done on the unsigned field.
  const whole = lanes.sub(
    lanes.shiftRightUnsigned(lanes.add(offset, wide(lanes, 1024n << 52n)), 52),
    wide(lanes, 1024n),
  );
  const exponent = lanes.sub(lanes.fromBits(lanes.add(whole, wide(lanes, bitsOfRoundingShift))), roundingShift);
  return { exponent, fraction: lanes.sub(mantissa, 1) };
}

const wide = (lanes: Lanes, value: bigint): Lane<"i64"> =>
  lanes.make("i64", () => {
    lanes.writer.i64(value);
    if (lanes.width === 4) lanes.writer.op("i64x2.splat");
  });

/** e·ln2 + log(1 + f) = e·ln2 + 2·atanh(f / (2 + f)). */
function combine(lanes: Lanes, exponent: Lane<"f64">, fraction: Lane<"f64">, unit: number): Lane<"f64"> {
  const s = lanes.div(fraction, lanes.add(fraction, 2));
  const series = lanes.mul(
    s,
    lanes.polynomial(
      lanes.mul(s, s),
      inverseTangent.map((c) => (2 * c * unit) / Math.LN2),
    ),
  );
  return lanes.add(lanes.mul(exponent, unit), series);
}

/** Base-2 logarithm of a positive finite number that was an f32. */
export function log2Wide(lanes: Lanes, x: Lane<"f64">): Lane<"f64"> {
  const { exponent, fraction } = split(lanes, x);
  return combine(lanes, exponent, fraction, 1);
}

/** Puts the values at 0 (−∞), below 0 (NaN), +∞ and NaN right; `y` is the argument of the logarithm. */
function special(lanes: Lanes, y: Lane<"f32">, result: Lane<"f32">): Lane<"f32"> {
  const positive = lanes.select(lanes.gt(y, 0), result, notANumber, "f32");
  const withZero = lanes.select(lanes.eq(y, 0), -Infinity, positive, "f32");
  return lanes.select(lanes.eq(y, Infinity), Infinity, withZero, "f32");
}

export function log(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const { exponent, fraction } = split(lanes, lanes.widen(x));
  return special(lanes, x, lanes.narrow(combine(lanes, exponent, fraction, Math.LN2)));
}

/** log(1 + x). Where 1 + x needs no scaling, f is x itself, so that small x keep their precision. */
export function log1p(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const widened = lanes.widen(x);
  const y = lanes.add(widened, 1);
  const { exponent, fraction } = split(lanes, y);
  const exact = lanes.select(lanes.eq(exponent, 0), widened, fraction, "f64");
  const result = lanes.narrow(combine(lanes, exponent, exact, Math.LN2));
  // 1 + x is compared in f32 only with 0 and ∞: adding 1 rounds, but never to either of them wrongly.
  return lanes.select(lanes.eq(x, 0), x, special(lanes, lanes.add(x, 1), result), "f32");
}
