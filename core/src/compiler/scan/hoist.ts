import { type Graph, inScope, isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { mapBodies, rewriteGraph, withInputs } from "../rewrite.ts";
import { uniformOf } from "../simplify/rule.ts";
import { forAllSteps, type Steps } from "./batch.ts";
import { constantPort, type Loop, loopOf, type Port, replaceIn, scanOf, sequencePort } from "./loop.ts";

/**
 * Takes out of loops what needs no loop: values that are the same in every step are computed once before it, and contractions of
 * what does not depend on the carries are computed for all steps at once, as one large contraction (the input projections of a
 * recurrent layer, and in its derivative the recurrent ones too).
 */
export function hoist(graph: Graph): Graph {
  return rewriteGraph(graph, (node) => {
    const inner = mapBodies(node, hoist);
    return isOp(inner, "scan") ? inScope(inner.scope, () => hoistOut(inner)) : inner;
  });
}

function hoistOut(scan: Node<"scan">): Node {
  const loop = loopOf(scan);
  const nodes = reachable([...loop.carries.map(({ next }) => next), ...loop.steps]);
  const outside = stepsOutside(loop, nodes);
  const replaced = new Map<Node, Node>();
  const constants: Port[] = [];
  const sequences: Port[] = [];

  for (const node of nodes) {
    const steps = outside.get(node);
    if (steps === undefined || isOp(node, "input")) continue;
    const fixed = !steps.perStep && isWork(node) && isFrontier(node, nodes, loop, outside);
    if (fixed) {
      const port = constantPort(steps.value);
      constants.push(port);
      replaced.set(node, port.inner);
    } else if (steps.perStep && kindOf(node) === "contract") {
      const port = sequencePort(steps.value);
      sequences.push(port);
      replaced.set(node, port.inner);
    }
  }
  if (replaced.size === 0) return scan;
  const changed = replaceIn(
    { ...loop, constants: [...loop.constants, ...constants], sequences: [...loop.sequences, ...sequences] },
    replaced,
  );
  return scanOf(changed);
}

const isWork = (node: Node): boolean =>
  !["view", "source", "structure"].includes(kindOf(node)) && uniformOf(node) === undefined;

/** Whether something that stays inside reads the node, directly or through views. */
function isFrontier(node: Node, nodes: readonly Node[], loop: Loop, outside: ReadonlyMap<Node, Steps>): boolean {
  const results = [...loop.carries.map(({ next }) => next), ...loop.steps];
  const stays = (user: Node): boolean => {
    const steps = outside.get(user);
    return steps === undefined || steps.perStep;
  };
  const reads = (at: Node): boolean =>
    results.includes(at) ||
    nodes.some((user) => user.inputs.includes(at) && (stays(user) || (!isWork(user) && reads(user))));
  return reads(node);
}

/** The nodes that do not depend on a carry, as they are outside: one value for all steps, or an array of them. */
function stepsOutside(loop: Loop, nodes: readonly Node[]): Map<Node, Steps> {
  const outside = new Map<Node, Steps>();
  for (const { inner, outer } of loop.constants) outside.set(inner, { value: outer, perStep: false });
  for (const { inner, outer } of loop.sequences) outside.set(inner, { value: outer, perStep: true });
  for (const node of nodes) {
    if (outside.has(node) || isOp(node, "input") || isOp(node, "barrier")) continue;
    const inputs: Steps[] = [];
    for (const source of node.inputs) {
      const steps = outside.get(source);
      if (steps !== undefined) inputs.push(steps);
    }
    if (inputs.length < node.inputs.length) continue;
    const perStep = inputs.some((each) => each.perStep);
    const value = inScope(node.scope, () =>
      perStep
        ? forAllSteps(node, inputs, loop.length)
        : withInputs(
            node,
            inputs.map((each) => each.value),
          ),
    );
    if (value !== undefined) outside.set(node, { value, perStep });
  }
  return outside;
}
