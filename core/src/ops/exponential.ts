import { build, type Node, type UnaryOp } from "../graph/index.ts";
import { abs, add, clip, div, mul, neg, sqrt, square, sub } from "./arithmetic.ts";
import { type Operand, requireFloat, toNode } from "./broadcast.ts";
import { equal, less, where } from "./compare.ts";
import { floor } from "./rounding.ts";

const floatOp =
  (op: UnaryOp) =>
  (x: Operand): Node =>
    build.unary(op, requireFloat(op, toNode(x)));

/** `eˣ`. */
export const exp = floatOp("exp");
/** `eˣ − 1`, exact near 0. */
export const expm1 = floatOp("expm1");
/** The natural logarithm; −∞ at 0, NaN below. */
export const log = floatOp("log");
/** `log(1 + x)`, exact near 0. */
export const log1p = floatOp("log1p");
/** The error function. */
export const erf = floatOp("erf");
/** The hyperbolic tangent. */
export const tanh = floatOp("tanh");

/** The logarithm to base 2. */
export const log2 = (x: Operand): Node => mul(log(x), Math.LOG2E);
/** The logarithm to base 10. */
export const log10 = (x: Operand): Node => mul(log(x), Math.LOG10E);

/** The hyperbolic sine; by expm1 near 0, and by halves of the exponent so that it overflows only where the result does. */
export function sinh(x: Operand): Node {
  const node = requireFloat("sinh", toNode(x));
  const t = expm1(node);
  const near = mul(0.5, add(t, div(t, add(t, 1))));
  const [up, down] = halfExponentials(node);
  const small = less(square(node), 1);
  return build.custom("sinh", where(small, near, sub(up, down)), [node], (g, { inputs: [, operand] }) => [
    mul(g, cosh(operand!)),
  ]);
}

/** The hyperbolic cosine. */
export function cosh(x: Operand): Node {
  const node = requireFloat("cosh", toNode(x));
  return build.custom("cosh", add(...halfExponentials(node)), [node], (g, { inputs: [, operand] }) => [
    mul(g, sinh(operand!)),
  ]);
}

/** eˣ/2 and e⁻ˣ/2. */
function halfExponentials(x: Node): [Node, Node] {
  const up = exp(mul(x, 0.5));
  const down = exp(mul(x, -0.5));
  return [mul(mul(up, 0.5), up), mul(mul(down, 0.5), down)];
}

/** `Σ coefficients[i] · xⁱ` by Horner's rule. */
export function polynomial(x: Node, coefficients: readonly number[]): Node {
  const [highest = 0, ...lower] = [...coefficients].reverse();
  return lower.reduce<Node>((sum, coefficient) => add(mul(sum, x), coefficient), build.fill(highest, x));
}

/**
 * `1 − erf(x)`, exact in the tail: for x ≥ ½ it is exp(−x²) · t · p(2.5t − 1) with t = 2 / (2 + x), where p is the
 * Chebyshev interpolation of exp(x²)·erfc(x)/t at 400 nodes, of degree 14 (relative error 3.4e-12).
 */
export function erfc(x: Operand): Node {
  const node = requireFloat("erfc", toNode(x));
  const t = div(2, add(2, node));
  const tail = mul(mul(gaussian(node), t), polynomial(sub(mul(t, 2.5), 1), erfcTail));
  const value = where(less(node, 0.5), sub(1, erf(node)), tail);
  return build.custom("erfc", value, [node], (g, { inputs: [, operand] }) => [
    mul(g, mul(-2 / Math.sqrt(Math.PI), exp(neg(square(operand!))))),
  ]);
}

const erfcTail = [
  0.447502877955, 0.232150372131, 0.0809695751297, 0.0129594733114, -0.00276118818893, -0.00150845329437,
  0.000163922584912, 0.000178196187711, -2.67296129422e-5, -2.30437742289e-5, 6.67215390457e-6, 2.72849534032e-6,
  -1.450379552e-6, -2.03823011768e-7, 1.81366851569e-7,
];

/** exp(−x²), split at sixteenths, whose squares are exact, because exp magnifies the rounding of x². Zero from x = 30 on. */
function gaussian(x: Node): Node {
  const near = clip(x, 0, 30);
  const high = mul(floor(mul(near, 16)), 1 / 16);
  const rest = mul(sub(near, high), add(near, high));
  return mul(exp(neg(square(high))), exp(neg(rest)));
}

/**
 * The inverse of erf; ±∞ at ±1, NaN beyond. Giles, "Approximating the erfinv function" (GPU Computing Gems 2, 2011), single
 * precision: polynomials in w = −log(1 − x²), here factored so that nothing is lost near ±1.
 */
export function erfinv(x: Operand): Node {
  const node = requireFloat("erfinv", toNode(x));
  const w = neg(log(mul(sub(1, node), add(1, node))));
  const central = polynomial(sub(w, 2.5), erfinvCentral);
  const tail = polynomial(sub(sqrt(w), 3), erfinvTail);
  const value = where(equal(abs(node), 1), mul(node, Infinity), mul(node, where(less(w, 5), central, tail)));
  // dy/dx = √π/2 · exp(y²), from the derivative of erf
  return build.custom("erfinv", value, [node], (g, y) => [mul(g, mul(Math.sqrt(Math.PI) / 2, exp(square(y))))]);
}

const erfinvCentral = [
  1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087, -4.39150654e-6, -3.5233877e-6, 3.43273939e-7,
  2.81022636e-8,
];
const erfinvTail = [
  2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773, -0.00367342844, 0.00134934322, 0.000100950558,
  -0.000200214257,
];
