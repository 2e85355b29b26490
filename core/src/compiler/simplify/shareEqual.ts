import { isOp, type Node } from "../../graph/node.ts";
import { attrsKey } from "./attrsKey.ts";

/**
 * A function that returns the first node it saw which computes the same as the given one (hash-consing): equal operation,
 * attributes and inputs. Inputs and barriers are only equal to themselves; their keys say so.
 */
export function shareEqual(): (node: Node) => Node {
  const known = new Map<string, Node>();
  return (node) => {
    if (isOp(node, "input")) return node;
    const key = `${node.op}(${node.inputs.map(({ id }) => id).join(",")})${attrsKey(node)}`;
    const first = known.get(key);
    if (first !== undefined) return first;
    known.set(key, node);
    return node;
  };
}
