import { type DType, isFloat } from "../base/dtype.ts";
import { build, type Node } from "../graph/index.ts";
import { broadcast, broadcastShape, expandTo, type Operand, strengthen, toNode } from "./broadcast.ts";

/** bool: `x = y`. */
export const equal = (x: Operand, y: Operand): Node => build.compare("eq", ...broadcast("equal", [x, y]));

/** bool: `x ≠ y`; true when one is NaN. */
export const notEqual = (x: Operand, y: Operand): Node =>
  logicalNot(build.compare("eq", ...broadcast("notEqual", [x, y])));

/** bool: `x < y`. */
export const less = (x: Operand, y: Operand): Node => build.compare("lt", ...broadcast("less", [x, y]));

/** bool: `x > y`. */
export const greater = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("greater", [x, y]);
  return build.compare("lt", right, left);
};

/** bool: `x ≤ y`; false when one is NaN. */
export const lessEqual = (x: Operand, y: Operand): Node => orEqual(...broadcast("lessEqual", [x, y]));

/** bool: `x ≥ y`; false when one is NaN. */
export const greaterEqual = (x: Operand, y: Operand): Node => {
  const [left, right] = broadcast("greaterEqual", [x, y]);
  return orEqual(right, left);
};

/** Integers have no NaN, so one comparison is enough. */
const orEqual = (x: Node, y: Node): Node =>
  isFloat(x.dtype)
    ? build.bits("or", build.compare("lt", x, y), build.compare("eq", x, y))
    : logicalNot(build.compare("lt", y, x));

/** bool: `x` itself, or `x ≠ 0` for numbers. */
export const truth = (x: Operand): Node => build.cast(toNode(x), "bool");

/** bool: both are true (numbers: not 0). */
export const logicalAnd = (x: Operand, y: Operand): Node =>
  build.bits("and", ...broadcast("logicalAnd", [truth(x), truth(y)]));

/** bool: at least one is true. */
export const logicalOr = (x: Operand, y: Operand): Node =>
  build.bits("or", ...broadcast("logicalOr", [truth(x), truth(y)]));

/** bool: exactly one is true. */
export const logicalXor = (x: Operand, y: Operand): Node =>
  build.bits("xor", ...broadcast("logicalXor", [truth(x), truth(y)]));

/** bool: `x` is false (numbers: 0). */
export const logicalNot = (x: Operand): Node => {
  const condition = truth(x);
  return build.bits("xor", condition, build.fill(1, condition));
};

/** `x` where the condition holds (numbers: is not 0), otherwise `y`. */
export function where(condition: Operand, x: Operand, y: Operand): Node {
  const flag = truth(condition);
  const [left, right] = strengthen("where", [x, y]);
  const nodes = [flag, left, right];
  const shape = broadcastShape(
    "where",
    nodes.map((node) => node.shape),
    nodes,
  );
  return build.where(expandTo(flag, shape), expandTo(left, shape), expandTo(right, shape));
}

/** bool: `x` is NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the field's word; users import it from here or as a method
export const isNaN = (x: Operand): Node => {
  const node = toNode(x);
  return isFloat(node.dtype) ? logicalNot(build.compare("eq", node, node)) : flagLike(node, 0);
};

/** bool: `x` is neither infinite nor NaN. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: as isNaN
export const isFinite = (x: Operand): Node => {
  const node = toNode(x);
  return isFloat(node.dtype) ? logicalAnd(less(node, Infinity), less(-Infinity, node)) : flagLike(node, 1);
};

/** bool: `x` is ∞ or −∞. */
export const isInfinite = (x: Operand): Node => {
  const node = toNode(x);
  return isFloat(node.dtype) ? logicalOr(equal(node, Infinity), equal(node, -Infinity)) : flagLike(node, 0);
};

const flagLike = (node: Node, value: 0 | 1): Node => build.fill(value, { shape: node.shape, dtype: "bool" });

/** `x` in another dtype: floats truncate and saturate to integers (NaN to 0), integers wrap, bool is `x ≠ 0`. */
export const cast = (x: Operand, dtype: DType): Node => build.cast(toNode(x), dtype);

/** `x` as a constant: no derivative flows through. */
export const stopGradient = (x: Operand): Node => build.detach(toNode(x));

/** Another word for `stopGradient`. */
export const detach = stopGradient;
