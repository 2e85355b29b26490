import { isFloat } from "../../base/dtype.ts";
import { build, type Node } from "../../graph/index.ts";
import { none, nothing, type VjpRule } from "../rule.ts";
import { div, equal, greater, isZero, keep, mul, neg, ones, plus, pow, scale, sub } from "../terms.ts";

type ElementwiseOp =
  | "neg"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "sin"
  | "cos"
  | "atan"
  | "tanh"
  | "erf"
  | "gelu"
  | "geluDerivative"
  | "floor"
  | "add"
  | "mul"
  | "div"
  | "mod"
  | "pow"
  | "max"
  | "min"
  | "compare"
  | "where"
  | "bits"
  | "cast";

/** g where x is strictly ahead, half of it where x and y tie, 0 elsewhere. */
const share = (g: Node, xAhead: Node, tie: Node): Node => build.where(xAhead, g, keep(tie, scale(g, 0.5)));

/** y = f(x) element by element. */
export const elementwise: { readonly [K in ElementwiseOp]: VjpRule<K> } = {
  neg: (g) => [neg(g)],
  exp: (g, { output: y }) => [mul(g, y)],
  expm1: (g, { output: y }) => [mul(g, plus(y, 1))],
  log: (g, { inputs: [x] }) => [div(g, x)],
  log1p: (g, { inputs: [x] }) => [div(g, plus(x, 1))],
  // 1/(2√x): infinite at 0, as in the mathematics; norms guard themselves.
  sqrt: (g, { output: y }) => [div(scale(g, 0.5), y)],
  sin: (g, { inputs: [x] }) => [mul(g, build.unary("cos", x))],
  cos: (g, { inputs: [x] }) => [neg(mul(g, build.unary("sin", x)))],
  // 1/(1 + x²)
  atan: (g, { inputs: [x] }) => [div(g, plus(mul(x, x), 1))],
  // 1 − y²
  tanh: (g, { output: y }) => [mul(g, sub(ones(y), mul(y, y)))],
  // 2/√π · exp(−x²)
  erf: (g, { inputs: [x] }) => [mul(g, scale(build.unary("exp", neg(mul(x, x))), 2 / Math.sqrt(Math.PI)))],
  gelu: (g, { inputs: [x] }) => [mul(g, build.unary("geluDerivative", x))],
  // φ(x)·(2 − x²), φ(x) = exp(−x²/2) / √(2π)
  geluDerivative: (g, { inputs: [x] }) => {
    const square = mul(x, x);
    const density = scale(build.unary("exp", scale(square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [mul(g, mul(density, plus(neg(square), 2)))];
  },
  floor: nothing,

  add: (g) => [g, g],
  mul: (g, { inputs: [x, y] }) => [mul(g, y), mul(g, x)],
  // z = x/y:  1/y  and  −x/y² = −z/y
  div: (g, { inputs: [, y], output: z }) => [div(g, y), neg(mul(div(g, y), z))],
  // z = x − y·⌊x/y⌋; the quotient is taken from z itself, so that both always agree on it.
  mod: (g, { inputs: [x, y], output: z }) => [g, neg(mul(g, div(sub(x, z), y)))],
  pow: (g, { inputs: [x, y], output: z }) => {
    // y·x^(y−1) is 0 at x = y = 0, where 0^(−1) would spoil it; z·ln x is 0 at x = 0 (its limit for y > 0).
    const base = build.where(build.bits("and", isZero(x), isZero(y)), ones(x), x);
    const logX = build.unary("log", build.where(isZero(x), ones(x), x));
    return [mul(g, mul(y, pow(base, plus(y, -1)))), build.where(isZero(x), build.fill(0, x), mul(mul(g, z), logX))];
  },
  max: (g, { inputs: [x, y] }) => [share(g, greater(x, y), equal(x, y)), share(g, greater(y, x), equal(x, y))],
  min: (g, { inputs: [x, y] }) => [share(g, greater(y, x), equal(x, y)), share(g, greater(x, y), equal(x, y))],

  compare: nothing,
  where: (g, { inputs: [condition] }) => [none, keep(condition, g), build.where(condition, build.fill(0, g), g)],
  bits: nothing,
  cast: (g, { inputs: [x] }) => [isFloat(x.dtype) ? build.cast(g, x.dtype) : none],
};
