import { isOp, type Node } from "../../graph/node.ts";
import { type BinaryOp, kindOf, type UnaryOp } from "../../graph/primitives.ts";
import { binaryIn, bitsIn, castBetween, compareBy, rounded, unaryIn } from "../../kernel/scalar.ts";
import { type Rule, uniform, uniformOf } from "./rule.ts";

/** Maps of known values are known; the result is rounded as a kernel would. */
export const foldConstants: Rule = (node) => {
  if (kindOf(node) !== "map") return undefined;
  const values: number[] = [];
  for (const source of node.inputs) {
    const value = uniformOf(source);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return uniform(rounded[node.dtype](evaluate(node, values)), node);
};

function evaluate(node: Node, values: readonly number[]): number {
  const [x, y, z] = values as [number, number, number];
  if (isOp(node, "cast")) return castBetween(node.inputs[0]!.dtype, node.attrs.dtype)(x);
  if (isOp(node, "compare")) return compareBy[node.attrs.compare](x, y);
  if (isOp(node, "bits")) return bitsIn(node.attrs.bits, node.dtype)(x, y);
  if (isOp(node, "where")) return x !== 0 ? y : z;
  // What is left of the maps has one or two inputs and no attributes.
  if (values.length === 1) return unaryIn(node.op as UnaryOp, node.dtype)(x);
  return binaryIn(node.op as BinaryOp, node.dtype)(x, y);
}

/** One form for known tensors: a scalar constant, reshaped to ones, expanded. */
export const canonicalFill: Rule = (node) => {
  if (kindOf(node) !== "view") return undefined;
  const value = uniformOf(node);
  return value === undefined || isCanonical(node) ? undefined : uniform(value, node);
};

function isCanonical(node: Node): boolean {
  if (isOp(node, "const")) return true;
  const [inner] = node.inputs;
  if (inner === undefined) return false;
  if (isOp(node, "reshape"))
    return isOp(inner, "const") && node.shape.length > 0 && node.shape.every((size) => size === 1);
  return (
    isOp(node, "expand") &&
    isOp(inner, "reshape") &&
    isOp(inner.inputs[0]!, "const") &&
    inner.shape.every((size) => size === 1)
  );
}
