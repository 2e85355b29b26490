import type { Lane, Lanes } from "../lanes.ts";

// Exponentials and logarithms in f64, for functions whose intermediate values need more places than f32 has. Polynomials are
// Chebyshev interpolants in the stated interval; the relative error is beside each.

/** (eʳ − 1) / r for |r| ≤ ln2 / 2: 2⁻³⁷. */
const growth = [
  0.9999999999955056, 0.49999999999955724, 0.16666666786376588, 0.04166666678608158, 0.008333283519582882,
  0.0013888839115920313, 0.0001990758214362671, 0.000024867877249541524,
];

/** 1.5·2⁵²: adding it to a small number leaves the nearest integer in the low bits of the sum. */
export const roundingShift = 6755399441055744;
const bitsOfRoundingShift = 0x4338000000000000n;

/** eˣ for |x| < 700, where x = n·ln2 + r. */
export function expWide(lanes: Lanes, x: Lane<"f64">): Lane<"f64"> {
  const shifted = lanes.add(lanes.mul(x, Math.LOG2E), roundingShift);
  const n = lanes.sub(shifted, roundingShift);
  const r = lanes.sub(x, lanes.mul(n, Math.LN2));
  const fraction = lanes.mul(r, lanes.polynomial(r, growth));
  // The low bits of `shifted` are n: moved into the exponent field, with the bias added, they are 2ⁿ.
  const power = lanes.fromBits(
    lanes.add(lanes.shiftLeft(lanes.bitsOf(shifted), 52), lanes.bitsOf(lanes.constant("f64", 1))),
  );
  return lanes.add(power, lanes.mul(power, fraction));
}

/** atanh(s) / s in s², for |s| ≤ 3 − 2√2: 2⁻⁴⁵. */
const inverseTangent = [
  0.9999999999999744, 0.333333333397067, 0.19999997467702868, 0.14286081047524263, 0.11087203208631667,
  0.09802978068007404,
];

const bitsOfRootHalf = 0x3fe6a09e667f3bcdn;

const wide = (lanes: Lanes, value: bigint): Lane<"i64"> =>
  lanes.make("i64", () => {
    lanes.writer.i64(value);
    if (lanes.width === 4) lanes.writer.op("i64x2.splat");
  });

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

/** Base-2 logarithm of a positive finite number that was an f32: e + log2(1 + f), where log(1 + f) = 2·atanh(f / (2 + f)). */
export function log2Wide(lanes: Lanes, x: Lane<"f64">): Lane<"f64"> {
  const { exponent, fraction } = split(lanes, x);
  const s = lanes.div(fraction, lanes.add(fraction, 2));
  const coefficients = inverseTangent.map((c) => (2 * c) / Math.LN2);
  return lanes.add(exponent, lanes.mul(s, lanes.polynomial(lanes.mul(s, s), coefficients)));
}
