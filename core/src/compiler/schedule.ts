import { bytesPerElement } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { isOp, type Node } from "../graph/node.ts";
import { splitCalls } from "./lower/fixed.ts";
import { readsOf, storedSources } from "./reads.ts";
import type { Block, Call, LoweredRegion, Unit, Work } from "./region.ts";
import { loopOf } from "./scan/loop.ts";

/** The words that tell schedule which kernels may share a launch: equal text, equal code. */
export type Structure = (unit: Unit) => string | undefined;

/**
 * The order of running. Always next: of the units whose inputs are complete, the one that frees most memory; the updates of
 * replaced inputs wait for the end, where all readers of the old values are done and equal updates share one launch.
 */
export function schedule(region: LoweredRegion, updates: ReadonlySet<Node>, structureOf: Structure): Block {
  const plan = dependencies(region);
  const late = lateUnits(plan, updates);
  const waiting = new Map(region.units.map((unit) => [unit, plan.needs.get(unit)!.size]));
  const readers = new Map([...plan.readersOf].map(([node, users]) => [node, users.size]));
  const works: Work[] = [];

  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, missing]) => missing === 0).map(([unit]) => unit);
    if (ready.length === 0) throw new InternalError("schedule: clusters need each other in a circle");
    const early = ready.filter((unit) => !late.has(unit));
    const chosen = early.length > 0 ? [best(early, plan, readers)] : nextUpdates(ready, waiting, structureOf);
    works.push(...worksOf(chosen, structureOf));
    for (const unit of chosen) {
      waiting.delete(unit);
      for (const node of plan.reads.get(unit)!) readers.set(node, readers.get(node)! - 1);
      for (const user of plan.users.get(unit)!) if (waiting.has(user)) waiting.set(user, waiting.get(user)! - 1);
    }
  }
  return { graph: region.graph, works };
}

interface Dependencies {
  readonly needs: ReadonlyMap<Unit, ReadonlySet<Unit>>;
  readonly users: ReadonlyMap<Unit, ReadonlySet<Unit>>;
  /** The stored nodes whose memory a unit reads (through barriers). */
  readonly reads: ReadonlyMap<Unit, ReadonlySet<Node>>;
  readonly readersOf: ReadonlyMap<Node, ReadonlySet<Unit>>;
}

function dependencies({ graph, stored, units }: LoweredRegion): Dependencies {
  const makers = new Map<Node, Unit>();
  for (const unit of units) for (const root of unit.cluster.roots) makers.set(root, unit);
  const needs = new Map<Unit, Set<Unit>>(units.map((unit) => [unit, new Set()]));
  const users = new Map<Unit, Set<Unit>>(units.map((unit) => [unit, new Set()]));
  const reads = new Map<Unit, Set<Node>>(units.map((unit) => [unit, new Set()]));
  const readersOf = new Map<Node, Set<Unit>>([...stored].map((node) => [node, new Set()]));
  const depend = (unit: Unit, node: Node): void => {
    const maker = makers.get(node);
    if (maker === undefined || maker === unit) return;
    needs.get(unit)!.add(maker);
    users.get(maker)!.add(unit);
  };
  for (const unit of units) {
    for (const read of readsOf(unit.cluster, stored)) {
      const { memory, after } = throughBarriers(read, stored);
      for (const node of [memory, ...after]) depend(unit, node);
      reads.get(unit)!.add(memory);
      readersOf.get(memory)?.add(unit);
    }
  }
  for (const output of graph.outputs)
    if (!stored.has(output)) throw new InternalError(`schedule: output ${output.op} is not stored`);
  return { needs, users, reads, readersOf };
}

/** The node whose memory a read touches, and the stored nodes that barriers on the way wait for. */
function throughBarriers(read: Node, stored: ReadonlySet<Node>): { memory: Node; after: Node[] } {
  const after: Node[] = [];
  let memory = read;
  while (isOp(memory, "barrier")) {
    for (const node of memory.inputs.slice(1))
      for (const source of storedSources(node, stored)) after.push(...settled(source, stored));
    memory = memory.inputs[0]!;
  }
  return { memory, after };
}

const settled = (node: Node, stored: ReadonlySet<Node>): Node[] => {
  if (!isOp(node, "barrier")) return [node];
  const { memory, after } = throughBarriers(node, stored);
  return [memory, ...after];
};

/**
 * Units that make nothing but new values of inputs, and that no other unit waits for except such units; norms, which only they
 * need, and the numbers made of norms.
 */
function lateUnits({ needs, users }: Dependencies, updates: ReadonlySet<Node>): Set<Unit> {
  const late = new Set([...needs.keys()].filter(({ cluster }) => cluster.roots.every((root) => updates.has(root))));
  for (let changed = true; changed; ) {
    changed = false;
    for (const unit of late) {
      if ([...users.get(unit)!].every((user) => late.has(user))) continue;
      late.delete(unit);
      changed = true;
    }
  }
  const add = (unit: Unit): void => {
    late.add(unit);
    for (const user of users.get(unit)!)
      if (!late.has(user) && user.cluster.roots.every(({ shape }) => sizeOf(shape) === 1)) add(user);
  };
  for (const unit of needs.keys()) if (unit.cluster.kind === "norm") add(unit);
  return late;
}

/** The unit after which least memory is held; the first made of equals. */
function best(ready: readonly Unit[], plan: Dependencies, readers: ReadonlyMap<Node, number>): Unit {
  const growth = (unit: Unit): number => {
    let bytes = 0;
    for (const root of unit.cluster.roots) bytes += bytesOf(root);
    for (const node of plan.reads.get(unit)!)
      if (readers.get(node) === 1 && !isOp(node, "input")) bytes -= bytesOf(node);
    return bytes;
  };
  return ready.reduce((a, b) => {
    const difference = growth(b) - growth(a);
    return difference < 0 || (difference === 0 && rank(b) < rank(a)) ? b : a;
  });
}

const rank = ({ cluster }: Unit): number => cluster.roots.at(-1)?.id ?? 0;
const bytesOf = (node: Node): number => sizeOf(node.shape) * bytesPerElement[node.dtype];

/** Updates that can run together now; a group waits while members of it are not ready and something else is. */
function nextUpdates(ready: readonly Unit[], waiting: ReadonlyMap<Unit, number>, structureOf: Structure): Unit[] {
  const groups = new Map<string | Unit, Unit[]>();
  for (const unit of ready) {
    const key = structureOf(unit) ?? unit;
    groups.set(key, [...(groups.get(key) ?? []), unit]);
  }
  const remaining = (key: string): number => [...waiting.keys()].filter((unit) => structureOf(unit) === key).length;
  const all = [...groups];
  const whole = all.find(([key, units]) => typeof key !== "string" || remaining(key) === units.length);
  return (whole ?? all[0]!)[1];
}

/** The works of units that run at the same time: one launch a kernel position. */
function worksOf(units: readonly Unit[], structureOf: Structure): Work[] {
  const [first] = units;
  if (first === undefined) return [];
  const node = first.cluster.members[0];
  const picks = first.cluster.roots.filter((root) => isOp(root, "pick"));
  if (node !== undefined && isOp(node, "scan") && first.bodies.length > 0) {
    const nexts = new Set(node.attrs.body.outputs.slice(0, node.attrs.carries));
    return loopOfLaunches(node, picks, schedule(first.bodies[0]!, nexts, structureOf));
  }
  if (node !== undefined && isOp(node, "cond")) {
    const [then, otherwise] = first.bodies.map((body) => schedule(body, new Set(), structureOf));
    return [{ kind: "branch", node, picks, whenTrue: then!, whenFalse: otherwise! }];
  }
  return range(first.kernels.length).map((index) => ({
    kind: "launch",
    calls: units.map(({ kernels }): Call => kernels[index]!),
  }));
}

/** A loop over the launches of a step, after those that are the same in all steps. */
function loopOfLaunches(node: Node<"scan">, picks: readonly Node<"pick">[], body: Block): Work[] {
  const calls = body.works.flatMap((work) => (work.kind === "launch" ? work.calls : []));
  const outside = new Map<Node, Node>(loopOf(node).constants.map(({ inner, outer }) => [inner, outer]));
  const { before, each } = splitCalls(calls, outside);
  const staying = new Set(each);
  const works = body.works.flatMap((work): Work[] => {
    if (work.kind !== "launch") return [work];
    const own = work.calls.filter((call) => staying.has(call));
    return own.length === 0 ? [] : [{ ...work, calls: own }];
  });
  return [
    ...before.map((call): Work => ({ kind: "launch", calls: [call] })),
    { kind: "loop", node, picks, body: { ...body, works } },
  ];
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
