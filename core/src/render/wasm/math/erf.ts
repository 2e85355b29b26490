import type { Lane, Lanes } from "../lanes.ts";
import { expm1Wide } from "./exponential.ts";

/** −log(erfc a) / a for 0 ≤ a ≤ 4: 2⁻²⁹·⁸. The function is smooth, so one polynomial serves small and large arguments. */
const decay = [
  1.1283791658501818, 0.6366198946088011, 0.10277060070411517, -0.019115446729576623, -0.00025345379740693286,
  0.001786699691411185, -0.0007096246102014092, 0.00013117198509404737, 0.0000033474371295971733,
  -0.000009125735967662513, 0.0000026549707069580182, -4.068076752802455e-7, 3.410798959935235e-8,
  -1.237872586181053e-9,
];

/** erf x = 1 − e^(−a·P(a)), a = |x|; from 4 on it is 1 in f32. */
export function erf(lanes: Lanes, x: Lane<"f32">): Lane<"f32"> {
  const a = lanes.widen(lanes.min(lanes.abs(x), 4));
  const exponent = lanes.neg(lanes.mul(a, lanes.polynomial(a, decay)));
  return lanes.copySign(lanes.narrow(lanes.neg(expm1Wide(lanes, exponent))), x);
}
