import { ArgumentError } from "../base/errors.ts";
import { build, type Node } from "../graph/index.ts";
import { abs, pow, square } from "./arithmetic.ts";
import { type Axes, normalizeAxes } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { equal, notEqual, where } from "./compare.ts";
import { max, min, type ReduceOptions, sum } from "./reduce.ts";
import { safeSqrt } from "./safeSqrt.ts";

export interface NormOptions extends ReduceOptions {
  /**
   * The exponent p of `(Σ|x|ᵖ)^(1/p)` along one axis; ∞ is the largest |x|, −∞ the smallest, 0 the count of elements that are not 0.
   * Without it: the root of the sum of squares, along any axes.
   */
  readonly order?: number | undefined;
}

/** The norm of the elements along `axes`, computed in f32; its derivative is 0 at 0. */
export function norm(x: Node, axes?: Axes, { order, ...options }: NormOptions = {}): Node {
  const count = normalizeAxes("norm", axes, x).length;
  if (order === undefined || (count === 1 && typeof order === "number" && !Number.isNaN(order)))
    return powerNorm("norm", x, axes, order ?? 2, options);
  throw new ArgumentError({
    what: `norm: no order ${String(order)} along ${count} axes`,
    hint: "one axis has an order that is a number; matrices have norms by the function norm(x, axes, { order })",
  });
}

/** (Σ|x|ᵖ)^(1/p) along all `axes` together. */
export function powerNorm(op: string, given: Node, axes: Axes, order: number, options: ReduceOptions): Node {
  const x = build.cast(requireFloat(op, given), "f32");
  return build.cast(wideNorm(x, axes, order, options), given.dtype);
}

function wideNorm(x: Node, axes: Axes, order: number, options: ReduceOptions): Node {
  if (order === 2) return safeSqrt(sum(square(x), axes, options));
  const sizes = abs(x);
  if (order === 1) return sum(sizes, axes, options);
  if (order === Infinity) return max(sizes, axes, options);
  if (order === -Infinity) return min(sizes, axes, options);
  if (order === 0) return sum(build.cast(notEqual(x, 0), x.dtype), axes, options);
  // The powers of 0 have no useful derivative for orders below 1, and the root none at 0: both are led around 0.
  const zero = equal(sizes, 0);
  const powers = where(zero, order > 0 ? 0 : Infinity, pow(where(zero, 1, sizes), order));
  const total = sum(powers, axes, options);
  const none = equal(total, 0);
  return where(none, 0, pow(where(none, 1, total), 1 / order));
}
