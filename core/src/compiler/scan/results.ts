import { type Graph, inScope, isOp, makeNode, type Node } from "../../graph/node.ts";
import { mapBodies, rewriteGraph } from "../rewrite.ts";

/** The results of a scan one by one, in the order of its picks. */
export type Results = readonly Node[];

/** All results of a scan, by `pick`. */
export const picksOf = (scan: Node<"scan">): Node[] =>
  scan.attrs.body.outputs.map((_, index) => makeNode("pick", [scan], { index }));

/** The graph, and the bodies in it, with other values in the places of the results of scans; undefined leaves a scan as it is. */
export function replaceResults(graph: Graph, change: (scan: Node<"scan">) => Results | undefined): Graph {
  const known = new Map<Node, Results | undefined>();
  const resultsOf = (scan: Node<"scan">): Results | undefined => {
    if (!known.has(scan))
      known.set(
        scan,
        inScope(scan.scope, () => change(scan)),
      );
    return known.get(scan);
  };
  return rewriteGraph(graph, (node) => {
    const inner = mapBodies(node, (body) => replaceResults(body, change));
    const [scan] = inner.inputs;
    if (!isOp(inner, "pick") || scan === undefined || !isOp(scan, "scan")) return inner;
    return resultsOf(scan)?.[inner.attrs.index] ?? inner;
  });
}
