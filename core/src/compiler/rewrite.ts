import { type Graph, inScope, isOp, makeNode, type Node } from "../graph/node.ts";
import type { AttrsOf } from "../graph/primitives.ts";
import { reachable } from "../graph/walk.ts";

/** `node` over other inputs, in its own scope; the node itself when nothing changes. */
export const withInputs = (node: Node, inputs: readonly Node[]): Node =>
  inputs.every((source, index) => source === node.inputs[index])
    ? node
    : inScope(node.scope, () => makeNode(node.op, inputs, node.attrs));

/** What stands in the place of `original`: `node` is it over rebuilt inputs; `rebuilt` answers for all nodes before it. */
export type Visit = (node: Node, original: Node, rebuilt: (original: Node) => Node) => Node;

/**
 * The graph rebuilt from the inputs up: `visit` receives each node over its already rebuilt inputs and returns what stands in its
 * place. Nodes that nobody needs any more are gone.
 */
export function rewriteGraph(graph: Graph, visit: Visit): Graph {
  const replaced = new Map<Node, Node>(graph.inputs.map((node) => [node, node]));
  const rebuilt = (node: Node): Node => replaced.get(node)!;
  for (const node of reachable(graph.outputs)) {
    if (replaced.has(node)) continue;
    replaced.set(node, visit(withInputs(node, node.inputs.map(rebuilt)), node, rebuilt));
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(rebuilt) };
}

/** `node` with its bodies replaced by what `change` makes of them; other nodes unchanged. */
export function mapBodies(node: Node, change: (body: Graph) => Graph): Node {
  if (isOp(node, "scan")) {
    const body = change(node.attrs.body);
    return body === node.attrs.body ? node : remake(node, { ...node.attrs, body });
  }
  if (isOp(node, "cond")) {
    const [then, otherwise] = [change(node.attrs.then), change(node.attrs.else)];
    const same = then === node.attrs.then && otherwise === node.attrs.else;
    return same ? node : remake(node, { then, else: otherwise });
  }
  return node;
}

const remake = <K extends "scan" | "cond">(node: Node<K>, attrs: AttrsOf<K>): Node =>
  inScope(node.scope, () => makeNode(node.op, node.inputs, attrs));

/** The graph made of new nodes only, so that two users of one body never share a node. */
export function cloneGraph(graph: Graph): Graph {
  const copies = new Map<Node, Node>();
  const copied = (node: Node): Node => copies.get(node)!;
  const clone = (node: Node): Node => inScope(node.scope, () => makeNode(node.op, node.inputs.map(copied), node.attrs));
  const nodes = new Set([...graph.inputs, ...reachable(graph.outputs)]);
  for (const node of nodes) copies.set(node, clone(node));
  // The clone of an input is an input: makeNode keeps the op.
  return { inputs: graph.inputs.map(copied) as Node<"input">[], outputs: graph.outputs.map(copied) };
}

/** The nodes over other leaves: `replaced` says what stands for some, and learns the others; `share` may return an equal node. */
export function substitute(
  nodes: readonly Node[],
  replaced: Map<Node, Node>,
  share: (node: Node) => Node = (node) => node,
): Node[] {
  const of = (node: Node): Node => replaced.get(node)!;
  for (const node of reachable(nodes))
    if (!replaced.has(node)) replaced.set(node, share(withInputs(node, node.inputs.map(of))));
  return nodes.map(of);
}
