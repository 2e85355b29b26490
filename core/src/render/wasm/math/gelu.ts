import type { Lane, Lanes } from "../lanes.ts";

/**
 * erfc(a/√2)^⅛ = 1 + a·P(a), the same as in render/c/math: 2⁻²⁴·⁶ of Φ for a ≤ 3, less far out. It falls to 0 at 7.536.
 */
const root = [
  -0.09973545, -0.034816023, -0.00073664665, 0.0016454684, 0.000033539352, -0.000063879735, 0.000007644957,
  -2.4590747e-7, -4.7475073e-9,
];
const limit = 7.536;

/**
 * x·Φ(x) = max(x, 0) − ½|x|·erfc(|x|/√2). Roots stay distances from 1 as long as they are near it: that costs two sums, and keeps
 * the places that powers would lose.
 */
export function gelu(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.atMost(lanes.abs(x), limit);
  const eighth = lanes.mul(lanes.polynomial(a, root), a);
  const quarter = lanes.mul(eighth, lanes.add(eighth, 2)); // (1 + r)² = 1 + r·(r + 2)
  const half = lanes.multiplyAdd(quarter, lanes.add(quarter, 2), lanes.constant("f32", 1));
  return lanes.multiplyAdd(lanes.mul(a, -0.5), lanes.mul(half, half), lanes.atLeast(x, -0));
}
