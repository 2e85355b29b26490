import { isFloat, rangeOf } from "../base/dtype.ts";
import { build, type Node } from "../graph/index.ts";
import { abs, add, clip, div, maximum, minimum, mod, mul, neg, pow, sign, sqrt, square, sub } from "./arithmetic.ts";
import { broadcast, type Operand, requireFloat, toNode } from "./broadcast.ts";
import {
  equal,
  isFinite as finite,
  greater,
  isInfinite,
  less,
  lessEqual,
  logicalAnd,
  logicalOr,
  isNaN as notANumber,
  where,
} from "./compare.ts";
import { exp, log1p } from "./exponential.ts";
import { all } from "./reduce.ts";
import { scan } from "./scan.ts";
import { sin } from "./trigonometric.ts";

// Elementwise functions of NumPy that are made of others.

/** The number whose hyperbolic sine is `x`; odd, and without cancellation: sign(x) · log(1 + |x| + x² / (1 + √(1 + x²))). */
export function asinh(x: Operand): Node {
  const node = requireFloat("asinh", toNode(x));
  const size = abs(node);
  // Beyond this x² would lose what it adds, or overflow: log(2x) = log1p(x − 1) + log 2.
  const large = greater(size, 1e9);
  const near = where(large, 1, size);
  const small = log1p(add(near, div(square(near), add(1, sqrt(add(1, square(near)))))));
  const value = mul(sign(node), where(large, add(log1p(where(large, sub(size, 1), 0)), Math.LN2), small));
  return build.custom("asinh", value, [node], (g, { inputs: [, s] }) => [div(g, sqrt(add(1, square(s!))))]);
}

/** The number of at least 0 whose hyperbolic cosine is `x`; NaN below 1. */
export function acosh(x: Operand): Node {
  const node = requireFloat("acosh", toNode(x));
  const large = greater(node, 1e9);
  const rest = where(large, 0, sub(node, 1)); // t + √(2t + t²) with t = x − 1 keeps its digits near 1
  const small = log1p(add(rest, sqrt(mul(rest, add(rest, 2)))));
  const value = where(large, add(log1p(where(large, sub(node, 1), 0)), Math.LN2), small);
  return build.custom("acosh", value, [node], (g, { inputs: [, c] }) => [div(g, sqrt(mul(sub(c!, 1), add(c!, 1))))]);
}

/** The number whose hyperbolic tangent is `x`; ±∞ at ±1, NaN beyond. */
export function atanh(x: Operand): Node {
  const node = requireFloat("atanh", toNode(x));
  const value = mul(0.5, sub(log1p(node), log1p(neg(node))));
  return build.custom("atanh", value, [node], (g, { inputs: [, t] }) => [div(g, mul(sub(1, t!), add(1, t!)))]);
}

/** The cube root, of negative numbers too; its derivative at 0 is 0. */
export function cbrt(x: Operand): Node {
  const node = requireFloat("cbrt", toNode(x));
  const zero = equal(node, 0);
  const safe = where(zero, 1, node);
  return where(zero, node, mul(sign(safe), pow(abs(safe), 1 / 3)));
}

/** `2ˣ`. */
export const exp2 = (x: Operand): Node => exp(mul(requireFloat("exp2", toNode(x)), Math.LN2));
/** Degrees as radians. */
export const degToRad = (x: Operand): Node => mul(x, Math.PI / 180);
/** Radians as degrees. */
export const radToDeg = (x: Operand): Node => mul(x, 180 / Math.PI);
/** sin(πx) / (πx), and 1 at 0. */
export const sinc = (x: Operand): Node => {
  const node = requireFloat("sinc", toNode(x));
  const zero = equal(node, 0);
  const angle = mul(where(zero, 1, node), Math.PI);
  return where(zero, 1, div(sin(angle), angle));
};

/** √(x² + y²) without overflow; its derivative at the origin is 0. */
export const hypot = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("hypot", [x, y]).map(abs) as [Node, Node]; // two in, two out
  const [low, high] = [minimum(a, b), maximum(a, b)];
  const zero = logicalOr(equal(high, 0), equal(high, Infinity));
  const safe = where(zero, 1, high);
  return where(zero, high, mul(safe, sqrt(add(1, square(div(where(zero, 0, low), safe))))));
};

/** log(eˣ + eʸ) without overflow. */
export const logAddExp = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("logAddExp", [x, y]);
  requireFloat("logAddExp", a);
  const high = maximum(a, b);
  const same = equal(a, b); // also where both are infinite and their difference is none
  return add(high, where(same, Math.LN2, log1p(exp(neg(abs(sub(where(same, 0, a), where(same, 0, b))))))));
};
/** log₂(2ˣ + 2ʸ) without overflow. */
export const logAddExp2 = (x: Operand, y: Operand): Node =>
  mul(logAddExp(mul(x, Math.LN2), mul(y, Math.LN2)), Math.LOG2E);

/** The larger of both; a number wins over NaN. */
export const fmax = (x: Operand, y: Operand): Node => preferNumbers("fmax", maximum, x, y);
/** The smaller of both; a number wins over NaN. */
export const fmin = (x: Operand, y: Operand): Node => preferNumbers("fmin", minimum, x, y);
const preferNumbers = (op: string, choose: (a: Node, b: Node) => Node, x: Operand, y: Operand): Node => {
  const [a, b] = broadcast(op, [x, y]);
  return where(notANumber(a), b, where(notANumber(b), a, choose(a, b)));
};
/** The remainder of division towards 0, with the sign of `x`. */
export const fmod = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("fmod", [x, y]);
  return mul(sign(a), mod(abs(a), abs(b)));
};
/** `x · 2ʸ`. */
export const ldexp = (x: Operand, y: Operand): Node => mul(asFloat(toNode(x)), exp2(build.cast(toNode(y), "f32")));

/** Whole numbers as f32. */
const asFloat = (x: Node): Node => (isFloat(x.dtype) ? x : build.cast(x, "f32"));
/** 0 below 0, 1 above, `y` at 0. */
export const heaviside = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("heaviside", [x, y]);
  return where(notANumber(a), a, where(equal(a, 0), b, where(less(a, 0), build.fill(0, a), build.fill(1, a))));
};

/** bool: `x` is −∞. */
export const isNegInf = (x: Operand): Node => logicalAnd(isInfinite(x), less(x, 0));
/** bool: `x` is ∞. */
export const isPosInf = (x: Operand): Node => logicalAnd(isInfinite(x), greater(x, 0));
/** bool: `x` is below 0, or −0. */
export const signBit = (x: Operand): Node => {
  const node = toNode(x);
  if (!isFloat(node.dtype)) return less(node, 0);
  return logicalOr(less(node, 0), logicalAnd(equal(node, 0), less(div(1, node), 0)));
};

export interface ClosenessOptions {
  readonly relative?: number;
  readonly absolute?: number;
  readonly equalNaN?: boolean;
}

/** bool: |x − y| ≤ absolute + relative · |y|; infinities are close to themselves. */
export const isClose = (x: Operand, y: Operand, options: ClosenessOptions = {}): Node => {
  const { relative = 1e-5, absolute = 1e-8, equalNaN = false } = options;
  const [a, b] = broadcast("isClose", [x, y]).map(asFloat) as [Node, Node]; // two in, two out
  const near = lessEqual(abs(sub(a, b)), add(mul(abs(b), relative), absolute));
  const close = where(logicalAnd(finite(a), finite(b)), near, equal(a, b));
  return equalNaN ? logicalOr(close, logicalAnd(notANumber(a), notANumber(b))) : close;
};
/** bool scalar: all elements are close. */
export const allClose = (x: Operand, y: Operand, options: ClosenessOptions = {}): Node => all(isClose(x, y, options));

export interface NumberOptions {
  readonly nan?: number;
  /** For ∞; the largest finite number unless given. */
  readonly high?: number;
  /** For −∞. */
  readonly low?: number;
}
/** `x` with numbers in place of NaN and the infinities. */
export const nanToNum = (x: Operand, { nan = 0, high, low }: NumberOptions = {}): Node => {
  const node = toNode(x);
  if (!isFloat(node.dtype)) return node;
  const [lowest, highest] = rangeOf[node.dtype];
  const top = where(isPosInf(node), high ?? highest, where(isNegInf(node), low ?? lowest, node));
  return where(notANumber(node), nan, top);
};
/** `x` in another dtype, limited to what it holds. */
export const saturateCast = (x: Operand, dtype: Node["dtype"]): Node => {
  const node = toNode(x);
  if (dtype === "bool" || isFloat(node.dtype)) return build.cast(node, dtype);
  const [lowest, highest] = rangeOf[dtype];
  const [least, most] = rangeOf[node.dtype];
  return build.cast(clip(node, Math.max(lowest, least), Math.min(highest, most)), dtype);
};

/** The greatest common divisor of integers, by Euclid's algorithm. */
export const gcd = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("gcd", [x, y]).map(abs) as [Node, Node]; // two in, two out
  // Fibonacci's numbers take the longest: 46 steps reach beyond 2³¹.
  const { carry } = scan(
    ([m, n]) => {
      const done = equal(n!, 0);
      return { carry: [where(done, m!, n!), where(done, 0, mod(m!, where(done, 1, n!)))], out: [] };
    },
    [a, b],
    [],
    { length: 46 },
  );
  return carry[0]!;
};
/** The least common multiple of integers; 0 where one is 0. */
export const lcm = (x: Operand, y: Operand): Node => {
  const [a, b] = broadcast("lcm", [x, y]).map(abs) as [Node, Node]; // two in, two out
  const divisor = maximum(gcd(a, b), 1);
  return mul(build.binary("div", a, divisor), b);
};
