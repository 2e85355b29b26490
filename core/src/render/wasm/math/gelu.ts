import type { Lane, Lanes } from "../lanes.ts";
import { expOfHalf } from "./exponential.ts";

/**
 * erfc(a/√2)^⅛ = 1 + a·P(a), the same as in render/c/math: 2⁻²⁴·⁶ of Φ for a ≤ 3, less far out. It falls to 0 at 7.536.
 */
const root = [
  -0.09973545, -0.034816023, -0.00073664665, 0.0016454684, 0.000033539352, -0.000063879735, 0.000007644957,
  -2.4590747e-7, -4.7475073e-9,
];
const limit = 7.536;

/**
 * erfc(a/√2) for 0 ≤ a ≤ limit. Roots stay distances from 1 as long as they are near it: that costs two sums, and keeps the places
 * that powers would lose.
 */
function erfcOfNormal(lanes: Lanes, a: Lane<"f32">): Lane<"f32"> {
  const eighth = lanes.mul(lanes.polynomial(a, root), a);
  const quarter = lanes.mul(eighth, lanes.add(eighth, 2)); // (1 + r)² = 1 + r·(r + 2)
  const half = lanes.multiplyAdd(quarter, lanes.add(quarter, 2), lanes.constant("f32", 1));
  return lanes.mul(half, half);
}

/** x·Φ(x) = max(x, 0) − ½|x|·erfc(|x|/√2). */
export function gelu(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.atMost(lanes.abs(x), limit);
  return lanes.multiplyAdd(lanes.mul(a, -0.5), erfcOfNormal(lanes, a), lanes.atLeast(x, -0));
}

/** Φ(x) + x·φ(x) = ½ + sign(x)·(½ − ½·erfc(|x|/√2) + |x|·φ(x)), φ(x) = exp(−x²/2) / √(2π). */
export function geluDerivative(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.atMost(lanes.abs(x), limit);
  const density = expOfHalf(lanes, lanes.mul(a, a));
  const half = lanes.multiplyAdd(erfcOfNormal(lanes, a), -0.5, lanes.constant("f32", 0.5));
  const distance = lanes.multiplyAdd(lanes.mul(a, 1 / Math.sqrt(2 * Math.PI)), density, half);
  return lanes.add(lanes.withSign(distance, x), 0.5);
}
