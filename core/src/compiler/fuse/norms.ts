import { sizeOf } from "../../base/shape.ts";
import { type Graph, isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable, usersOf } from "../../graph/walk.ts";
import { membersOf } from "./members.ts";

/**
 * What updates are scaled by. *Norms* reduce a whole array to one number; *terms* are what is computed for norms alone, *scales*
 * the numbers made of norms. Only updates read these, so norms can wait until all are due, and equal ones share a launch.
 */
export interface Norms {
  readonly norms: ReadonlySet<Node>;
  readonly terms: ReadonlySet<Node>;
  readonly scales: ReadonlySet<Node>;
}

/** The norms and scales of a graph in which the outputs `replacing` are new values of inputs. */
export function normsOf({ outputs }: Graph, replacing: ReadonlySet<Node>): Norms {
  const nodes = reachable(outputs);
  const users = usersOf(nodes);
  const others = new Set(outputs.filter((output) => !replacing.has(output)));
  const kept = keptForUpdates(nodes, replacing);

  // Back from the updates: what serves nothing else.
  const serving = new Set<Node>();
  const norms = new Set<Node>();
  const terms = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    const isNorm = reducesAll(node) && readsOnly(node, kept);
    if (others.has(node) || !(isElementary(node) || isNorm)) continue;
    if (!users.get(node)!.every((user) => serving.has(user))) continue;
    serving.add(node);
    if (replacing.has(node)) continue;
    if (isNorm) norms.add(node);
    else if (users.get(node)!.every((user) => norms.has(user) || terms.has(user))) terms.add(node);
  }
  // Forward from the norms: the numbers made of them.
  const scales = new Set<Node>();
  for (const node of nodes) {
    const numeral = isSmall(node) && isElementary(node) && serving.has(node) && !replacing.has(node);
    if (numeral && node.inputs.some((source) => norms.has(source) || scales.has(source))) scales.add(node);
  }
  return { norms, terms, scales };
}

/** The nodes that updates read, through maps and views: they are in memory until then. */
function keptForUpdates(nodes: readonly Node[], replacing: ReadonlySet<Node>): Set<Node> {
  const kept = new Set<Node>();
  for (const node of [...nodes].reverse())
    if (isElementary(node) && (replacing.has(node) || kept.has(node)))
      for (const source of node.inputs) kept.add(source);
  return kept;
}

/** Whether all that the reduction reads, through maps and views, is kept, given, or small. */
const readsOnly = (reduction: Node, kept: ReadonlySet<Node>): boolean =>
  membersOf([reduction], (node) => !isElementary(node)).every(({ inputs }) =>
    inputs.every((source) => isElementary(source) || isSmall(source) || isOp(source, "input") || kept.has(source)),
  );

const isElementary = (node: Node): boolean => ["map", "view", "source"].includes(kindOf(node));
const isSmall = (node: Node): boolean => sizeOf(node.shape) === 1;

/** Whether the node makes one number of many. Its parts lie in memory as f32. */
const reducesAll = (node: Node): boolean =>
  isOp(node, "reduce") && node.dtype === "f32" && isSmall(node) && sizeOf(node.inputs[0]!.shape) > 1;
