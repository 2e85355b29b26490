import type { Lane, Lanes } from "../lanes.ts";

// Functions of f32 are computed in f32, with fused multiply-add or without: four lanes at a time are worth more than the last
// half ulp, and the tests measure what is lost. Polynomials are minimax fits of the smallest relative error of the function, the
// same as in render/c/math, and the reductions are those of Cody & Waite (1980).

/** (eʳ − 1 − r) / r² for |r| ≤ ln2 / 2. */
const growth = [
  0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.008368730545043945, 0.0013814570847898722,
];
/** The coefficients of eʳ in powers of −2r. */
const halved = [1, -0.5, ...growth.map((coefficient, index) => coefficient * (-0.5) ** (index + 2))];
/** The same as `growth`, to more places: where 1 is taken off, they count. */
const finerGrowth = [
  0.5, 0.1666666716337204, 0.04166632518172264, 0.008333220146596432, 0.0013943230733275414, 0.00019962216902058572,
];
/** (tanh a / a − 1) / a² in a², for a ≤ 0.625. */
const tangent = [
  -0.3333328068256378, 0.13331420719623566, -0.05373779684305191, 0.0206325463950634, -0.005697384011000395,
];

/** 1.5·2²³: adding it to a small number leaves the nearest integer in the low bits of the sum. */
const roundingShift = 12582912;
const bitsOfRoundingShift = 0x4b400000;
/** ln 2 in two parts; the first has 15 bits, so that its products with exponents are exact. */
export const ln2High = 0.693145751953125;
export const ln2Low = 1.428606765330187e-6;

/** x = n·ln2 + r with |r| ≤ ln2 / 2; the low bits of `shifted` are n. */
function reduce(lanes: Lanes, x: Lane<"f32">): { shifted: Lane<"i32">; r: Lane<"f32"> } {
  const shifted = lanes.multiplyAdd(x, Math.LOG2E, roundingShift);
  const n = lanes.sub(shifted, roundingShift);
  const r = lanes.multiplyAdd(n, -ln2Low, lanes.multiplyAdd(n, -ln2High, x));
  return { shifted: lanes.bitsOf(shifted), r };
}

/** eʳ − 1 for |r| ≤ ln2 / 2. */
function grown(lanes: Lanes, r: Lane<"f32">, coefficients: readonly number[]): Lane<"f32"> {
  return lanes.multiplyAdd(lanes.mul(r, r), lanes.polynomial(r, coefficients), r);
}

/** The bits of 2ⁿ, or of a number times 2ⁿ once they are added to its own: n moves into the exponent field. */
const toExponent = (lanes: Lanes, n: Lane<"i32">): Lane<"i32"> => lanes.shiftLeft(n, 23);

/** 2ⁿeʳ, scaled in two steps, so that subnormal results round once and the largest do not overflow on the way. */
export function exp(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const { shifted, r } = reduce(lanes, lanes.atMost(lanes.atLeast(x, -104), 89));
  const power = lanes.add(grown(lanes, r, growth), 1);
  const both = lanes.sub(shifted, bitsOfRoundingShift - 2 * 127); // the sum of two biased exponents
  const half = lanes.shiftRight(both, 1);
  const first = lanes.fromBits(toExponent(lanes, half));
  const second = lanes.fromBits(toExponent(lanes, lanes.sub(both, half)));
  return lanes.mul(lanes.mul(power, first), second);
}

/** exp(−z/2) for 0 ≤ z ≤ 170, where one scaling is enough: −z/2 = n·ln2 + r, in powers of z + 2n·ln2 = −2r. */
export function expOfHalf(lanes: Lanes, z: Lane<"f32">): Lane<"f32"> {
  const shifted = lanes.multiplyAdd(z, -0.5 * Math.LOG2E, roundingShift);
  const power = lanes.polynomial(lanes.multiplyAdd(lanes.sub(shifted, roundingShift), 2 * Math.LN2, z), halved);
  return lanes.fromBits(lanes.add(lanes.bitsOf(power), toExponent(lanes, lanes.bitsOf(shifted))));
}

/** 2ⁿeʳ − 1 = 2 (2ⁿ⁻¹ (eʳ − 1) + 2ⁿ⁻¹ − ½). */
export function expm1(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const { shifted, r } = reduce(lanes, lanes.atMost(lanes.atLeast(x, -18), 89));
  const scale = lanes.fromBits(toExponent(lanes, lanes.sub(shifted, bitsOfRoundingShift - 126)));
  const half = lanes.multiplyAdd(scale, grown(lanes, r, finerGrowth), lanes.sub(scale, 0.5));
  return lanes.select(lanes.lt(lanes.abs(x), 2 ** -25), x, lanes.add(half, half), "f32");
}

/** tanh x = x + x³ P(x²) near 0, else 1 − 2 / (e²ˣ + 1); from 10 on it is 1 in f32. */
export function tanh(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.abs(x);
  const square = lanes.mul(a, a);
  const near = lanes.multiplyAdd(lanes.mul(a, square), lanes.polynomial(square, tangent), a);
  const bounded = lanes.atMost(a, 10);
  const { shifted, r } = reduce(lanes, lanes.add(bounded, bounded));
  const power = lanes.add(grown(lanes, r, growth), 1);
  const scaled = lanes.fromBits(lanes.add(lanes.bitsOf(power), toExponent(lanes, shifted)));
  const far = lanes.sub(lanes.constant("f32", 1), lanes.div(lanes.constant("f32", 2), lanes.add(scaled, 1)));
  return lanes.withSign(lanes.select(lanes.lt(a, 0.625), near, far, "f32"), x);
}
