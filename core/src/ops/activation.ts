import { rangeOf } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { build, type Node } from "../graph/index.ts";
import { abs, add, clip, div, maximum, mul, neg, square, sub } from "./arithmetic.ts";
import { normalizeAxes, normalizeAxis } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { greater, less, where } from "./compare.ts";
import { exp, expm1, log, log1p, tanh } from "./exponential.ts";
import { max, sum } from "./reduce.ts";

/** `max(x, 0)`; the derivative at 0 is 0. */
export const relu = (x: Node): Node =>
  build.custom("relu", maximum(x, 0), [x], (g, node) => [where(less(0, node), g, 0)]);

/** `min(max(x, 0), 6)`; the derivative at 0 and at 6 is 0. */
export const relu6 = (x: Node): Node =>
  build.custom("relu6", clip(x, 0, 6), [x], (g, node) => [where(less(0, node), where(less(node, 6), g, 0), 0)]);

/** `x`, multiplied by `slope` where it is negative; the derivative at 0 is the slope. */
export const leakyRelu = (x: Node, slope = 0.2): Node => where(greater(x, 0), x, mul(x, slope));

/** `x` where it is not positive, else 0: not by `minimum`, whose derivative at 0 is a half. */
const belowZero = (x: Node): Node => where(greater(x, 0), 0, x);

/** `x`, or `alpha · (eˣ − 1)` where it is negative (Clevert et al. 2015); the derivative at 0 is alpha. */
export const elu = (x: Node, alpha = 1): Node => where(greater(x, 0), x, mul(expm1(belowZero(x)), alpha));

/** The self-normalizing elu (Klambauer et al. 2017, whose two constants these are). */
export const selu = (x: Node): Node => mul(elu(x, 1.6732632423543772), 1.0507009873554805);

/** `max(x, 0) + min(alpha · (e^(x/alpha) − 1), 0)` (Barron 2017). */
export const celu = (x: Node, alpha = 1): Node => where(greater(x, 0), x, mul(expm1(div(belowZero(x), alpha)), alpha));

/** `x · P(normal < x)`, by erf or by the tanh approximation (Hendrycks and Gimpel 2016). */
export function gelu(x: Node, { approximate = false }: { approximate?: boolean } = {}): Node {
  if (!approximate) return build.unary("gelu", requireFloat("gelu", x));
  const inner = mul(mul(x, Math.sqrt(2 / Math.PI)), add(mul(square(x), 0.044715), 1));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** `1 / (1 + e⁻ˣ)`, which stays accurate in both tails; the derivative is y·(1 − y). */
export function sigmoid(x: Node): Node {
  requireFloat("sigmoid", x);
  const value = div(1, add(exp(neg(x)), 1));
  return build.custom("sigmoid", value, [x], (g, y) => [mul(g, mul(y, sub(1, y)))]);
}

/** `x · sigmoid(x)`, also called swish. */
export const silu = (x: Node): Node => mul(x, sigmoid(x));

/** The piecewise linear sigmoid of Keras: `relu6(x + 3) / 6`. */
export const hardSigmoid = (x: Node): Node => div(relu6(add(x, 3)), 6);

/** `x · hardSigmoid(x)`. */
export const hardSilu = (x: Node): Node => mul(x, hardSigmoid(x));

/** `log(1 + eˣ)` without overflow; the derivative is sigmoid(x). */
export function softplus(x: Node): Node {
  requireFloat("softplus", x);
  const value = add(maximum(x, 0), log1p(exp(neg(abs(x)))));
  return build.custom("softplus", value, [x], (g, { inputs: [, operand] }) => [mul(g, sigmoid(operand!))]);
}

/** `x / (1 + |x|)`. */
export const softsign = (x: Node): Node => div(x, add(abs(x), 1));

/** `x · tanh(softplus(x))` (Misra 2019). */
export const mish = (x: Node): Node => mul(x, tanh(softplus(x)));

/** `log(sigmoid(x))` without underflow. */
export const logSigmoid = (x: Node): Node => neg(softplus(neg(x)));

/** `eˣ`, by its name among the activations. */
export const exponential = exp;

/** `eˣ / Σ eˣ` along `axis`; a row of only −∞ (everything masked) gives zeros. */
export function softmax(x: Node, axis: number | readonly number[] = -1): Node {
  const { exponentials, total, axes } = shifted("softmax", x, axis);
  return build.custom("softmax", div(exponentials, total), [x], (g, y) => {
    const weighted = mul(g, y);
    return [sub(weighted, mul(y, sum(weighted, axes, { keepDims: true })))];
  });
}

/** `log(softmax(x))` without underflow; a row of only −∞ gives −∞. */
export function logSoftmax(x: Node, axis: number | readonly number[] = -1): Node {
  const { centered, total, axes } = shifted("logSoftmax", x, axis);
  return build.custom("logSoftmax", sub(centered, log(total)), [x], (g, y) => [
    sub(g, mul(exp(y), sum(g, axes, { keepDims: true }))),
  ]);
}

/** What both need: x − max, its exponentials, and their sum. */
function shifted(op: string, x: Node, axis: number | readonly number[]) {
  requireFloat(op, x);
  const axes = normalizeAxes(op, axis, x);
  // A row of −∞ is shifted by a finite number, so that no ∞ − ∞ arises.
  const isEmpty = axes.some((each) => x.shape[each] === 0); // then there is no largest element
  const highest = isEmpty
    ? sum(x, axes, { keepDims: true })
    : maximum(max(x, axes, { keepDims: true }), rangeOf[x.dtype][0]);
  const centered = sub(x, build.detach(highest));
  const exponentials = exp(centered);
  // The largest element contributes 1: a smaller sum means that there is none, and any divisor will do.
  const total = maximum(sum(exponentials, axes, { keepDims: true }), 0.5);
  return { centered, exponentials, total, axes };
}

/** The first half of `axis` times the sigmoid of the second (Dauphin et al. 2016). */
export function glu(x: Node, axis = -1): Node {
  const place = normalizeAxis("glu", axis, x.shape.length, x);
  const [value, gate] = halves(x, place);
  return mul(value, sigmoid(gate));
}

function halves(x: Node, axis: number): [Node, Node] {
  const size = x.shape[axis]!; // a normalized axis exists
  if (size % 2 !== 0) throw new ArgumentError(`glu: axis ${axis} of size ${size} has no two halves`);
  const half = (start: number): Node =>
    build.slice(
      x,
      x.shape.map((_, other) => (other === axis ? start : 0)),
      x.shape.map((old, other) => (other === axis ? size / 2 : old)),
    );
  return [half(0), half(size / 2)];
}
