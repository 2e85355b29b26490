import { type Graph, isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import type { Target } from "../render/target.ts";
import { normsOf } from "./fuse/norms.ts";
import { mapBodies, rewriteGraph } from "./rewrite.ts";
import { hoist } from "./scan/hoist.ts";
import { reuse } from "./scan/reuse.ts";
import { type RowLoop, rowLoopOf } from "./scan/rowLoop.ts";
import { totals } from "./scan/totals.ts";
import { separate } from "./separate.ts";
import { simplifyGraph } from "./simplify.ts";
import type { Source } from "./source.ts";
import { splitConcat } from "./splitConcats.ts";
import { splitReduction } from "./splitReductions.ts";

interface LegalizeOptions {
  readonly target: Target;
  /** "none" keeps all loops loops of launches. */
  readonly fusion: "full" | "none";
}

/** The program in terms of nodes that lowering is good at, with memory of its own for every output. */
export function legalize({ program, taps }: Source, { target, fusion }: LegalizeOptions): Source {
  // A loop reads what another has computed, and sums leave it; what leaves may be equal to something outside.
  const fewer = fusion === "none" ? program.graph : simplifyGraph(totals(simplifyGraph(reuse(program.graph))));
  const hoisted = simplifyGraph(hoist(fewer));
  const replacing = hoisted.outputs.filter((_, index) => fusion === "full" && program.replaces[index] !== undefined);
  // Norms are cut into parts when they are lowered.
  const { norms } = normsOf(hoisted, new Set(replacing));
  const split = (inner: Graph): Graph =>
    rewriteGraph(inner, (node, original) =>
      norms.has(original) ? node : (splitReduction(node, target) ?? splitConcat(node) ?? mapBodies(node, split)),
    );
  const graph = separate(split(hoisted));
  return { program: { ...program, graph }, taps, rowLoops: fusion === "none" ? new Map() : rowLoopsIn(graph) };
}

/** The scans of the graph, and of the bodies in it, that run as rows. */
function rowLoopsIn(graph: Graph, found = new Map<Node, RowLoop>()): Map<Node, RowLoop> {
  for (const node of reachable(graph.outputs)) {
    if (isOp(node, "scan")) {
      const rows = rowLoopOf(node);
      if (rows === undefined) rowLoopsIn(node.attrs.body, found);
      else found.set(node, rows);
    } else if (isOp(node, "cond")) for (const side of [node.attrs.then, node.attrs.else]) rowLoopsIn(side, found);
  }
  return found;
}
