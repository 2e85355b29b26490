import { isFloat, isInteger, rangeOf } from "../base/dtype.ts";
import { build, dtypeError, type Node } from "../graph/index.ts";
import { bitwiseAnd } from "./bitwise.ts";
import { broadcast, type Operand, requireFloat, toNode } from "./broadcast.ts";
import { equal, greater, less, where } from "./compare.ts";
import { floor } from "./rounding.ts";

/** `x + y`. */
export const add = (x: Operand, y: Operand): Node => build.binary("add", ...broadcast("add", [x, y]));

/** `x − y`. */
export const sub = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("sub", [x, y]);
  return build.binary("add", left, build.unary("neg", right));
};

/** `x · y`. */
export const mul = (x: Operand, y: Operand): Node => build.binary("mul", ...broadcast("mul", [x, y]));

/** `x / y` of floats; integers have `floorDivide`. */
export const div = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("div", [x, y]);
  if (isFloat(left.dtype)) return build.binary("div", left, right);
  throw dtypeError(
    `div: ${left.dtype} tensors have no exact quotient`,
    [left, right],
    'use floorDivide, or cast first: cast(x, "f32")',
  );
};

/** The quotient rounded down; integers by zero give 0. */
export const floorDivide = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("floorDivide", [x, y]);
  if (!isFloat(left.dtype)) return build.binary("div", left, right);
  // From the exact remainder, so that x = floorDivide(x, y)·y + mod(x, y) holds where x / y would round up to a whole number.
  const whole = floor(add(div(sub(left, build.binary("mod", left, right)), right), 0.5));
  return where(equal(right, 0), div(left, right), whole);
};

/** The remainder of floor division, with the sign of `y`. */
export const mod = (x: Operand, y: Operand): Node => build.binary("mod", ...broadcast("mod", [x, y]));

/** Whole exponents up to this size are products, which are cheaper than `pow` and exact on integers. */
const largestProductExponent = 16;

/** `x` to the power `y`. Integer tensors take whole, non-negative numbers and integer tensors as exponents. */
export function pow(x: Operand, y: Operand): Node {
  if (typeof y === "number" && typeof x !== "number" && Number.isInteger(y)) {
    if (y >= 0 && (isInteger(x.dtype) || y <= largestProductExponent)) return wholePower(x, y);
    if (y < 0 && isFloat(x.dtype) && -y <= largestProductExponent) return reciprocal(wholePower(x, -y));
  }
  const [base, exponent] = broadcast("pow", [x, y]);
  if (isFloat(base.dtype)) return build.binary("pow", base, exponent);
  if (isInteger(base.dtype) && typeof y !== "number") return integerPower(base, exponent);
  throw dtypeError(
    `pow: a ${base.dtype} tensor needs a whole, non-negative number as exponent`,
    [base, exponent],
    'cast first: cast(x, "f32")',
  );
}

/** Binary exponentiation, from the lowest bit of `exponent` up. */
function wholePower(x: Node, exponent: number): Node {
  let result: Node | undefined;
  let factor = x;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? factor : build.binary("mul", result, factor);
    if (rest > 1) factor = build.binary("mul", factor, factor);
  }
  return result ?? build.fill(1, x);
}

/** The same by a tensor of exponents; a negative one gives `1 / x^|y|` without its fraction, which 1 and −1 alone survive. */
function integerPower(x: Node, y: Node): Node {
  const [lowest, highest] = rangeOf[x.dtype];
  let result = build.fill(1, x);
  let factor = x;
  for (let bit = 1; bit <= highest; bit *= 2) {
    result = where(equal(bitwiseAnd(y, bit), 0), result, build.binary("mul", result, factor));
    factor = build.binary("mul", factor, factor);
  }
  if (lowest === 0) return result;
  return where(less(y, 0), where(equal(abs(x), 1), result, 0), result);
}

/** `−x`. */
export const neg = (x: Operand): Node => build.unary("neg", toNode(x));

/** `|x|`; the derivative at 0 is 0. */
export function abs(x: Operand): Node {
  const node = toNode(x);
  if (node.dtype === "u8" || node.dtype === "u32" || node.dtype === "bool") return node;
  const value = build.binary("max", node, build.unary("neg", node));
  return build.custom("abs", value, [node], (g, { inputs: [, operand] }) => [mul(g, sign(operand!))]);
}

/** −1, 0 or 1; NaN stays NaN. */
export const sign = (x: Operand): Node => {
  const node = build.detach(toNode(x));
  const negative = node.dtype === "u8" || node.dtype === "u32" ? node : where(less(node, 0), -1, node);
  return where(greater(node, 0), 1, negative);
};

/** `x²`. */
export const square = (x: Operand): Node => mul(x, x);

/** `√x`. */
export const sqrt = (x: Operand): Node => build.unary("sqrt", requireFloat("sqrt", toNode(x)));

/** `1 / √x`. */
export const rsqrt = (x: Operand): Node => div(1, sqrt(x));

/** `1 / x`. */
export const reciprocal = (x: Operand): Node => div(1, x);

/** The larger of both; NaN wins. On bool: or. */
export const maximum = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("maximum", [x, y]);
  return left.dtype === "bool" ? build.bits("or", left, right) : build.binary("max", left, right);
};

/** The smaller of both; NaN wins. On bool: and. */
export const minimum = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("minimum", [x, y]);
  return left.dtype === "bool" ? build.bits("and", left, right) : build.binary("min", left, right);
};

/** `x` limited to `low` … `high`, where its derivative is still 1. */
export const clip = (x: Operand, low: Operand, high: Operand): Node => {
  const [value, lowest, highest] = broadcast("clip", [x, low, high]);
  const limited = minimum(maximum(value, lowest), highest);
  return build.custom("clip", limited, [value, lowest, highest], (g, { inputs: [, from, least, most] }) => {
    // Where low is above high, the result is high.
    const [below, above] = [less(from!, least!), less(most!, maximum(from!, least!))];
    return [where(below, 0, where(above, 0, g)), where(above, 0, where(below, g, 0)), where(above, g, 0)];
  });
};

/** `x / y`, and 0 where `y` is 0, with finite derivatives there. */
export const divideNoNaN = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("divideNoNaN", [x, y]);
  const zero = equal(right, 0);
  return where(zero, 0, div(left, where(zero, 1, right)));
};
