import { type Selection, selection } from "../device/select.ts";
import { isOp, type Node } from "../graph/node.ts";
import { hostArray, toBytes } from "../reference/hostArray.ts";
import { cached } from "./cache.ts";
import { closedGraph } from "./closed.ts";
import { type Holder, holderOf, isLeaf, makeLeaf, markRealised, resolve } from "./leaf.ts";
import { enqueueRun } from "./run.ts";
import { graphKey } from "./signature.ts";
import { moved, Storage } from "./storage.ts";
import { varyingNumbers } from "./varying.ts";

/** A value to compute and the storage that receives it. */
interface Target {
  readonly node: Node;
  readonly storage: Storage;
}

/**
 * Leaf nodes for `nodes`. What is not computed yet is compiled as one program and enqueued; the graphs behind the nodes
 * are no longer needed then.
 */
export function realize(nodes: readonly Node[]): Node[] {
  const known = nodes.map(resolve);
  if (known.every(isLeaf)) return known;
  const pending = [...new Set(known.filter((node) => !isLeaf(node)))];
  const targets = pending.map((node) => ({ node, storage: new Storage(node) }));
  compute(targets, selection());
  for (const { node, storage } of targets) markRealised(node, makeLeaf(storage, node.op));
  return known.map(resolve);
}

/** The storages behind `holders`, computed and on the device `on`; those with a pending source make one program. */
export function prepare(holders: readonly Holder[], on: Selection): Storage[] {
  if (holders.some(({ storage }) => storage.source !== undefined)) {
    const targets = new Map<Storage, Target>();
    for (const { storage } of holders) {
      if (storage.source !== undefined) targets.set(storage, { node: storage.source, storage });
    }
    compute([...targets.values()], on);
  }
  return holders.map((holder) => bring(holder, on));
}

/** The holder's storage, exchanged for a copy on the device `on` when it lives on another. */
function bring(holder: Holder, on: Selection): Storage {
  const { storage } = holder;
  if (storage.on !== undefined && storage.on !== on) {
    holder.storage = moved(storage, on);
    storage.release();
  }
  return holder.storage;
}

/** Enqueues the program that computes `targets` from the leaves behind them. */
function compute(targets: readonly Target[], on: Selection): void {
  const sources = targets.map(({ node }) => resolve(node));
  for (const { storage } of targets) storage.source = undefined;
  const { order, leaves } = pendingGraph(sources);
  const given = prepare(leaves.map(holderOf), on);

  const exact = closedGraph(sources, order, leaves);
  const varying = varyingNumbers(exact.graph, order);
  const { graph, numbers } = varying.size === 0 ? exact : closedGraph(sources, order, leaves, varying);
  const scalars = numbers.map(
    ({ value, dtype }) => new Storage({ shape: [], dtype }, { host: toBytes(hostArray([], dtype, value)) }),
  );

  const replaces = targets.map(() => undefined);
  const entry = cached(on, graphKey(graph), () => ({ name: nameOf(targets), graph, replaces }));
  const results = targets.map(({ storage }) => storage);
  enqueueRun(entry, [...given, ...scalars], results);
  for (const storage of scalars) storage.release();
}

const nameOf = (targets: readonly Target[]): string =>
  targets.length === 1 ? targets[0]!.node.op : `${targets.length} values`;

/** The nodes to compute, inputs before users, and the leaves that they start from. */
function pendingGraph(outputs: readonly Node[]): { readonly order: Node[]; readonly leaves: Node[] } {
  const seen = new Set<Node>();
  const order: Node[] = [];
  const leaves = new Set<Node>();
  const open = [...outputs];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (isOp(node, "input")) {
      leaves.add(node);
    } else {
      order.push(node);
      open.push(...node.inputs.map(resolve));
    }
  }
  order.sort((a, b) => a.id - b.id);
  return { order, leaves: [...leaves].sort((a, b) => a.id - b.id) };
}
