import type { Node } from "../graph/index.ts";
import { sqrt } from "./arithmetic.ts";
import { equal, where } from "./compare.ts";

/** `√x` with derivative 0 (not ∞) at 0: both branches of the outer choice stay finite. */
export const safeSqrt = (x: Node): Node => {
  const zero = equal(x, 0);
  return where(zero, 0, sqrt(where(zero, 1, x)));
};
