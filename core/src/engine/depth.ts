import type { Node } from "../graph/node.ts";
import { isLeaf, resolve } from "./leaf.ts";
import { realize } from "./realize.ts";
import { recording } from "./trace.ts";

/** Pending operations in a row after which a value is computed although nobody asked for it yet. */
const longestChain = 256;

/** Pending operations between a node and the leaves behind it; NaN when an input of a trace is among those. */
const depths = new WeakMap<Node, number>();

/**
 * Computes `node` when the chain of operations behind it has become long: programs stay small, the memory behind the
 * chain is given back, and a loop that nobody reads inside compiles its body once.
 */
export function cutChain(node: Node): void {
  if (node.op !== "input" && !recording() && depthOf(node) > longestChain) realize([node]);
}

/** Looks only at nodes that were made since the last call: all others have a depth. */
function depthOf(node: Node): number {
  const open = [resolve(node)];
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const inputs = top.inputs.map(resolve);
    const unknown = inputs.filter((source) => !depths.has(source));
    if (unknown.length > 0) {
      open.push(...unknown);
      continue;
    }
    open.pop();
    depths.set(top, ownDepth(top, inputs));
  }
  return depths.get(resolve(node))!;
}

function ownDepth(node: Node, inputs: readonly Node[]): number {
  if (node.op === "input") return isLeaf(node) ? 0 : Number.NaN;
  return inputs.length === 0 ? 0 : 1 + Math.max(...inputs.map((source) => depths.get(source)!));
}
