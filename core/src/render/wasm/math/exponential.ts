import type { Lane, Lanes } from "../lanes.ts";

// All functions of this folder compute in f64 and round once at the end: no fused multiply-add is needed for half an ulp,
// and overflow, underflow and subnormal results come out of the final rounding. Polynomials are Chebyshev interpolants
// in the stated interval; the relative error is beside each.

/** (eʳ − 1) / r for |r| ≤ ln2 / 2: 2⁻³⁷. */
const growth = [
  0.9999999999955056, 0.49999999999955724, 0.16666666786376588, 0.04166666678608158, 0.008333283519582882,
  0.0013888839115920313, 0.0001990758214362671, 0.000024867877249541524,
];

/** 1.5·2⁵²: adding it to a small number leaves the nearest integer in the low bits of the sum. */
export const roundingShift = 6755399441055744;

/** x = n·ln2 + r: returns r, eʳ − 1 and 2ⁿ, for |x| < 700. */
function reduce(lanes: Lanes, x: Lane<"f64">): { power: Lane<"f64">; fraction: Lane<"f64"> } {
  const shifted = lanes.add(lanes.mul(x, Math.LOG2E), roundingShift);
  const n = lanes.sub(shifted, roundingShift);
  const r = lanes.sub(x, lanes.mul(n, Math.LN2));
  const fraction = lanes.mul(r, lanes.polynomial(r, growth));
  // The low bits of `shifted` are n: moved into the exponent field, with the bias added, they are 2ⁿ.
  const power = lanes.fromBits(
    lanes.add(lanes.shiftLeft(lanes.bitsOf(shifted), 52), lanes.bitsOf(lanes.constant("f64", 1))),
  );
  return { power, fraction };
}

/** eˣ for |x| < 700. */
export function expWide(lanes: Lanes, x: Lane<"f64">): Lane<"f64"> {
  const { power, fraction } = reduce(lanes, x);
  return lanes.add(power, lanes.mul(power, fraction));
}

/** eˣ − 1 for |x| < 700; small x keep their relative precision. */
export function expm1Wide(lanes: Lanes, x: Lane<"f64">): Lane<"f64"> {
  const { power, fraction } = reduce(lanes, x);
  return lanes.add(lanes.sub(power, 1), lanes.mul(power, fraction));
}

/** x limited to where f32 results are finite and not 0, with a margin; NaN stays. */
const limited = (lanes: Lanes, x: Lane<"f32">): Lane<"f64"> => lanes.widen(lanes.max(lanes.min(x, 200), -200));

export const exp = (lanes: Lanes, x: Lane<"f32">): Lane<"f32"> => lanes.narrow(expWide(lanes, limited(lanes, x)));

export const expm1 = (lanes: Lanes, x: Lane<"f32">): Lane<"f32"> =>
  lanes.copySign(lanes.narrow(expm1Wide(lanes, limited(lanes, x))), x);

/** tanh x = (e²ˣ − 1) / (e²ˣ + 1). */
export function tanh(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const magnitude = lanes.min(lanes.abs(x), 20);
  const grown = expm1Wide(lanes, lanes.widen(lanes.add(magnitude, magnitude)));
  return lanes.copySign(lanes.narrow(lanes.div(grown, lanes.add(grown, 2))), x);
}
