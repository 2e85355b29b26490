import { type Graph, isOp, type Node } from "../graph/node.ts";
import { kindOf } from "../graph/primitives.ts";
import { copyOf } from "./copy.ts";
import { cloneGraph, mapBodies, rewriteGraph, withInputs } from "./rewrite.ts";

/**
 * The graph with memory of its own for every output and for every initial carry of a scan: an output that is an input, a
 * source, a barrier or a second use of one node becomes a copy; the initial carries become copies that only their scan reads,
 * so that the loop may overwrite them. (Fusion lets producers write straight into these copies.) Bodies are treated alike and
 * share no nodes with each other.
 */
export function separate(graph: Graph): Graph {
  const { inputs, outputs } = rewriteGraph(graph, (node) => {
    const inner = mapBodies(node, (body) => separate(cloneGraph(body)));
    if (!isOp(inner, "scan")) return inner;
    const { carries } = inner.attrs;
    return withInputs(
      inner,
      inner.inputs.map((source, index) => (index < carries ? copyOf(source) : source)),
    );
  });
  const taken = new Set<Node>();
  const own = (node: Node): Node => {
    const result = taken.has(node) || !isComputed(node) ? copyOf(node) : node;
    taken.add(result);
    return result;
  };
  return { inputs, outputs: outputs.map(own) };
}

/** Whether a kernel or a loop computes the node, so that it can be written anywhere. */
const isComputed = (node: Node): boolean => kindOf(node) !== "source" && !isOp(node, "barrier");
