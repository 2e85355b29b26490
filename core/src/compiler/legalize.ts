import type { Graph } from "../graph/node.ts";
import type { Target } from "../render/target.ts";
import { mapBodies, rewriteGraph } from "./rewrite.ts";
import { hoist } from "./scan/hoist.ts";
import { separate } from "./separate.ts";
import { simplifyGraph } from "./simplify.ts";
import type { Source } from "./source.ts";
import { splitConcat } from "./splitConcats.ts";
import { splitReduction } from "./splitReductions.ts";

/** The program in terms of nodes that lowering is good at, with memory of its own for every output. */
export function legalize({ program, taps }: Source, target: Target): Source {
  const split = (graph: Graph): Graph =>
    rewriteGraph(graph, (node) => splitReduction(node, target) ?? splitConcat(node) ?? mapBodies(node, split));
  // What leaves a loop may be equal to something outside.
  const hoisted = simplifyGraph(hoist(program.graph));
  return { program: { ...program, graph: separate(split(hoisted)) }, taps };
}
