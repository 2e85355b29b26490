import { InternalError } from "../base/errors.ts";
import { heard } from "../base/events.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { type Graph, inScope, isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { mapBodies, rewriteGraph } from "./rewrite.ts";
import { tidyScans } from "./scan/tidy.ts";
import { rules } from "./simplify/rules.ts";
import { shareEqual } from "./simplify/shareEqual.ts";
import type { Source } from "./source.ts";

/**
 * The same values by fewer and cheaper nodes. Custom and detach have done their work once derivatives are taken, and are replaced
 * by their value; taps become outputs when somebody listens. What is rewritten keeps the scope of the node it replaces.
 */
export function simplify({ program, taps, rowLoops }: Source): Source {
  const tapped = heard("tap") ? reachable(program.graph.outputs).filter((node) => isOp(node, "tap")) : [];
  const count = program.graph.outputs.length;
  const graph = simplifyGraph({ inputs: program.graph.inputs, outputs: [...program.graph.outputs, ...tapped] });
  return {
    program: { ...program, graph, replaces: [...program.replaces, ...tapped.map(() => undefined)] },
    taps: [...taps, ...tapped.map(({ attrs: { name } }, index) => ({ name, output: count + index }))],
    rowLoops,
  };
}

/** Rewrites until nothing changes; a few rounds, since each round works from the inputs up. */
export function simplifyGraph(graph: Graph): Graph {
  let current = graph;
  for (let round = 0; round < maximalRounds; round++) {
    const next = tidyScans(simplifyOnce(current));
    if (sameOutputs(next, current)) return current;
    current = next;
  }
  return current;
}

const maximalRounds = 8;

const sameOutputs = (a: Graph, b: Graph): boolean => a.outputs.every((output, index) => output === b.outputs[index]);

function simplifyOnce(graph: Graph): Graph {
  const share = shareEqual();
  return rewriteGraph(graph, (node) => {
    const withBodies = mapBodies(node, simplifyGraph);
    let current = share(withBodies);
    for (const rule of rules) {
      const better: Node | undefined = inScope(node.scope, () => rule(current));
      if (better === undefined) continue;
      if (better.dtype !== current.dtype || !sameShape(better.shape, current.shape))
        throw new InternalError(
          `simplify: a rule turned ${current.op} ${printShape(current.shape)} into ${better.op} ${printShape(better.shape)}`,
        );
      current = share(better);
    }
    return current;
  });
}
