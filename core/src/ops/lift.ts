import { build, type Graph, kindOf, type Node, reachable, substitute } from "../graph/index.ts";

/** A body traced on fresh inputs: what it returned may still read nodes from outside. */
export interface Traced {
  readonly inputs: readonly Node<"input">[];
  readonly outputs: readonly Node[];
}

/** Bodies that read nothing from outside: `lifted` are the outer values that their last inputs stand for. */
export interface Closed {
  readonly graphs: readonly Graph[];
  readonly lifted: readonly Node[];
}

/**
 * Closes bodies over the outer nodes that they read, with the same additional inputs for all of them. Of the nodes that
 * depend on no body input, `isOuter` says which are computed outside; constants and index arrays are copied instead.
 */
export function close(bodies: readonly Traced[], isOuter: (node: Node) => boolean): Closed {
  const lifted = new Map<Node, Node<"input">>();
  for (const { inputs, outputs } of bodies) {
    for (const node of frontier(outputs, insideOf(inputs, outputs, isOuter))) {
      if (!lifted.has(node)) lifted.set(node, build.input(node.op, node.shape, node.dtype));
    }
  }
  const graphs = bodies.map(({ inputs, outputs }) => ({
    inputs: [...inputs, ...lifted.values()],
    outputs: substitute(outputs, lifted),
  }));
  return { graphs, lifted: [...lifted.keys()] };
}

/** The nodes that belong into the body: what depends on its inputs, what is not outer, and constants, which cost nothing. */
function insideOf(inputs: readonly Node[], outputs: readonly Node[], isOuter: (node: Node) => boolean): Set<Node> {
  const own = new Set<Node>(inputs);
  const dependent = new Set<Node>(inputs);
  const constant = new Set<Node>();
  const inside = new Set<Node>(inputs);
  for (const node of reachable(outputs)) {
    if (own.has(node)) continue;
    const scalar = node.op === "const" || node.op === "iota";
    const view = kindOf(node) === "view" && node.inputs.every((source) => constant.has(source));
    if (node.inputs.some((source) => dependent.has(source))) dependent.add(node);
    else if (scalar || view) constant.add(node);
    if (dependent.has(node) || constant.has(node) || (node.op !== "input" && !isOuter(node))) inside.add(node);
  }
  return inside;
}

/** The outer nodes that are read by a node inside, or returned. */
function frontier(outputs: readonly Node[], inside: ReadonlySet<Node>): Set<Node> {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (inside.has(node)) pending.push(...node.inputs);
    else found.add(node);
  }
  return new Set([...found].sort((a, b) => a.id - b.id));
}
