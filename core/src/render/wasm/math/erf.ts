import type { Lane, Lanes } from "../lanes.ts";

/** erf(x) / x − 1 in x², for |x| ≤ 1.14: 2⁻²⁶·⁹. */
const near = [0.12837917, -0.37612596, 0.11283183, -0.026836343, 0.005155342, -0.00077279477, 0.00006955756];
/** erfc(a)^⅛ in a, for 1.14 ≤ a ≤ 3.93: erf from it to 2⁻²⁷·². An eighth root is smooth enough, and three products undo it. */
const far = [1.0011847, -0.14634678, -0.059493195, -0.012893308, 0.013584432, -0.00261878, 0.00016360522];
/** Where one polynomial takes over from the other: both err least around here. */
const border = 1.14;
/** From here on erf is 1 in f32. */
const limit = 3.93;

/** erf x = x + x·P(x²) near 0, else 1 − Q(|x|)⁸. */
export function erf(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.abs(x);
  const nearValue = lanes.multiplyAdd(a, lanes.polynomial(lanes.mul(a, a), near), a);
  let rest = lanes.polynomial(lanes.atMost(a, limit), far);
  for (let power = 1; power < 8; power *= 2) rest = lanes.mul(rest, rest);
  const farValue = lanes.sub(lanes.constant("f32", 1), rest);
  return lanes.withSign(lanes.select(lanes.lt(a, border), nearValue, farValue, "f32"), x);
}
