import { fill } from "../../graph/build.ts";
import { isOp, type Node } from "../../graph/node.ts";

/** What stands in the place of a node, or undefined when the rule has nothing to say. */
export type Rule = (node: Node) => Node | undefined;

/** The one value that all elements of `node` have, if that is known now. */
export function uniformOf(node: Node): number | undefined {
  if (isOp(node, "const")) return node.attrs.value;
  if (isOp(node, "reshape") || isOp(node, "expand") || isOp(node, "permute") || isOp(node, "slice"))
    return uniformOf(node.inputs[0]!);
  return undefined;
}

/** Every element of the result is `value`; shape and dtype are those of `like`. */
export const uniform = (value: number, like: Node): Node => fill(value, like);
