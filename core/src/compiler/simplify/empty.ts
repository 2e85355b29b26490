import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { neutralOf } from "../neutral.ts";
import { type Rule, uniform, uniformOf } from "./rule.ts";

/**
 * Tensors without elements are made of nothing, and what is computed from them is known: kernels never meet a size of 0,
 * by which no index can be divided.
 */
export const empty: Rule = (node) => {
  if (isOp(node, "input") || isOp(node, "scan") || isOp(node, "cond") || uniformOf(node) !== undefined)
    return undefined;
  if (isEmpty(node)) return uniform(0, node);
  if (!node.inputs.some(isEmpty)) return undefined;
  if (isOp(node, "reduce")) return uniform(neutralOf(node.attrs.reduce, node.dtype), node);
  if (isOp(node, "pad")) return uniform(node.attrs.value, node);
  if (isOp(node, "scatter")) return node.inputs[0];
  const adds = kindOf(node) === "contract" || isOp(node, "fold") || isOp(node, "gather");
  return adds ? uniform(0, node) : undefined;
};

const isEmpty = ({ shape }: Node): boolean => sizeOf(shape) === 0;
