import type { Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import type { Program } from "../kernel/plan.ts";

/** The inputs that are likely to be the same in the next run. */
export function steadyInputs({ graph, replaces, steady = [] }: Program): Set<Node> {
  return new Set(steady.filter((index) => !replaces.includes(index)).map((index) => graph.inputs[index]!));
}

/** The nodes that depend on steady inputs alone: what a run makes of them, the next one can use. */
export function steadyNodes(program: Program): Set<Node> {
  const steady = steadyInputs(program);
  if (steady.size === 0) return steady;
  for (const node of reachable(program.graph.outputs)) {
    if (node.inputs.length > 0 && node.inputs.every((input) => steady.has(input))) steady.add(node);
  }
  return steady;
}
