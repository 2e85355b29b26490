import { build, type Node } from "../graph/index.ts";
import { abs, add, div, mul, neg, sign, sqrt, square, sub } from "./arithmetic.ts";
import { broadcast, type Operand, requireFloat, toNode } from "./broadcast.ts";
import { equal, less, logicalAnd, logicalOr, where } from "./compare.ts";

/** The sine of an angle in radians. */
export const sin = (x: Operand): Node => build.unary("sin", requireFloat("sin", toNode(x)));
/** The cosine of an angle in radians. */
export const cos = (x: Operand): Node => build.unary("cos", requireFloat("cos", toNode(x)));
/** The tangent of an angle in radians. */
export const tan = (x: Operand): Node => div(sin(x), cos(x));
/** The angle in −π/2 … π/2 whose tangent is `x`. */
export const atan = (x: Operand): Node => build.unary("atan", requireFloat("atan", toNode(x)));

/** The angle in −π/2 … π/2 whose sine is `x`; NaN outside −1 … 1. */
export function asin(x: Operand): Node {
  const node = requireFloat("asin", toNode(x));
  // Half-angle formula: no cancellation anywhere in −1 … 1.
  const value = mul(2, atan(div(node, add(1, circleHeight(node)))));
  return build.custom("asin", value, [node], (g, { inputs: [, s] }) => [div(g, circleHeight(s!))]);
}

/** The angle in 0 … π whose cosine is `x`; NaN outside −1 … 1. */
export function acos(x: Operand): Node {
  const node = requireFloat("acos", toNode(x));
  const value = mul(2, atan(sqrt(div(sub(1, node), add(1, node)))));
  return build.custom("acos", value, [node], (g, { inputs: [, c] }) => [neg(div(g, circleHeight(c!)))]);
}

/** √(1 − x²), factored so that nothing is lost near ±1. */
const circleHeight = (x: Node): Node => sqrt(mul(sub(1, x), add(1, x)));

/** The angle in −π … π of the point (x, y); signed zeros and infinities as in IEEE 754. The derivative at the origin is 0. */
export function atan2(y: Operand, x: Operand): Node {
  const [height, width] = broadcast("atan2", [y, x]);
  requireFloat("atan2", height);
  const rise = abs(height);
  const run = abs(width);
  // Equal sizes (also 0/0 and ∞/∞) are 45°, or 0° at the origin.
  const acute = atan(where(equal(rise, run), sign(rise), div(rise, run)));
  const upper = where(isNegative(width), sub(Math.PI, acute), acute);
  const value = where(isNegative(height), neg(upper), upper);
  return build.custom("atan2", value, [height, width], (g, { inputs: [, b, a] }) => {
    const squares = add(square(a!), square(b!));
    const scaled = div(g, where(equal(squares, 0), 1, squares));
    return [mul(scaled, a!), neg(mul(scaled, b!))];
  });
}

/** The sign bit of a number, which tells −0 from 0. */
const isNegative = (x: Node): Node => logicalOr(less(x, 0), logicalAnd(equal(x, 0), less(div(1, x), 0)));
