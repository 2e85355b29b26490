import { barrier } from "./build.ts";
import { inScope, isOp, makeNode, type Node } from "./node.ts";

/**
 * `outputs` as functions of other nodes: everything that depends on a key of `replacements` is made again on its value.
 * The search stops at keys, so a region whose borders are all keys is the only part visited.
 */
export function substitute(outputs: readonly Node[], replacements: ReadonlyMap<Node, Node>): Node[] {
  const made = new Map<Node, Node>(replacements);
  for (const node of regionOf(outputs, (candidate) => made.has(candidate))) {
    const inputs = node.inputs.map((source) => made.get(source) ?? source);
    made.set(node, inputs.every((source, index) => source === node.inputs[index]) ? node : remake(node, inputs));
  }
  return outputs.map((output) => made.get(output) ?? output);
}

/** The nodes that `outputs` need up to, and without, those that are `outside`; inputs before users. */
export function regionOf(outputs: readonly Node[], outside: (node: Node) => boolean): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node) || outside(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

const remake = (node: Node, inputs: readonly Node[]): Node =>
  inScope(node.scope, () => {
    // A copied barrier guards another computation, so it must not be mistaken for the first.
    if (isOp(node, "barrier")) return barrier(inputs[0]!, ...inputs.slice(1));
    return makeNode(node.op, inputs, node.attrs);
  });
