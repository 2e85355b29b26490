import type { Node } from "../graph/node.ts";
import type { Temporary } from "./cluster.ts";
import { aligned } from "./pack.ts";
import { bytesOf, type Placed, rootOf } from "./place.ts";
import type { Block, Call, Work } from "./region.ts";
import { steadyInputs } from "./steady.ts";

type Value = Node | Temporary;
type Launch = Extract<Work, { kind: "launch" }>;

/** What a program computes from steady inputs alone: once, and again when one of these inputs has changed. */
export interface Kept {
  /** The first so many works of the block compute it. */
  readonly works: number;
  /** Offsets in memory of its own of the values that the other works read. */
  readonly offsets: ReadonlyMap<Value, number>;
  readonly bytes: number;
  /** Slots: of the flag that says whether the values must be computed, and of their memory. */
  readonly flag: number;
  readonly memory: number;
}

/**
 * Moves the launches that only need steady inputs to the front: weights packed in panels, or folded with the statistics of
 * a normalization, are then made once for many predictions. What they hand on gets memory that nothing else uses.
 */
export function keep(placed: Placed): Placed {
  const { program, block, aliases, slots } = placed;
  const steady = new Set<Value>(steadyInputs(program));
  if (steady.size === 0) return placed;

  const memoryOf = (value: Value): Value => ("kind" in value ? value : rootOf(value, aliases));
  const chosen = new Set(block.works.filter((work): work is Launch => work.kind === "launch"));
  const writers = writersIn(block, memoryOf);
  const made = (value: Value): boolean => writers.get(value)?.every((work) => chosen.has(work as Launch)) ?? false; // others are not in the set
  const suits = (call: Call): boolean => {
    const reads = valuesOf(call, "read").map(memoryOf);
    const writes = valuesOf(call, "write");
    return (
      reads.length > 0 &&
      reads.length + writes.length === call.arguments.length &&
      reads.every((value) => steady.has(value) || made(value)) &&
      writes.every((value) => "kind" in value || !(aliases.has(value) || slots.has(value)))
    );
  };
  for (let size = -1; size !== chosen.size; ) {
    size = chosen.size;
    for (const work of chosen) if (!work.calls.every(suits)) chosen.delete(work);
  }

  const isChosen = (work: Work): boolean => chosen.has(work as Launch); // others are not in the set
  const offsets = new Map<Value, number>();
  let bytes = 0;
  for (const value of readBy(block, (work) => !isChosen(work)).map(memoryOf)) {
    if (offsets.has(value) || steady.has(value) || !made(value)) continue;
    offsets.set(value, bytes);
    bytes += aligned(bytesOf(value));
  }
  if (offsets.size === 0) return placed;
  const works = [...block.works.filter(isChosen), ...block.works.filter((work) => !isChosen(work))];
  const kept: Kept = { works: chosen.size, offsets, bytes, flag: slots.size + 1, memory: slots.size + 2 };
  return { ...placed, block: { ...block, works }, kept };
}

/** The values that the call binds to buffers of one role. */
const valuesOf = (call: Call, role: "read" | "write"): Value[] =>
  call.arguments.filter((_, index) => call.kernel.buffers[index]!.role === role);

/** Who writes each memory, bodies of loops and branches included. */
function writersIn(block: Block, memoryOf: (value: Value) => Value): Map<Value, Work[]> {
  const writers = new Map<Value, Work[]>();
  const visit = (work: Work, outer: Work): void => {
    if (work.kind === "loop") for (const inner of work.body.works) visit(inner, outer);
    else if (work.kind === "branch")
      for (const inner of [...work.whenTrue.works, ...work.whenFalse.works]) visit(inner, outer);
    else
      for (const call of work.calls)
        call.arguments.forEach((value, index) => {
          if (call.kernel.buffers[index]!.role === "read") return;
          const memory = memoryOf(value);
          writers.set(memory, [...(writers.get(memory) ?? []), outer]);
        });
  };
  for (const work of block.works) visit(work, work);
  return writers;
}

/** What works bind at all. */
function readBy(block: Block, which: (work: Work) => boolean): Value[] {
  const valuesIn = (work: Work): Value[] => {
    if (work.kind === "launch") return work.calls.flatMap((call) => [...call.arguments]);
    const bodies = work.kind === "loop" ? [work.body] : [work.whenTrue, work.whenFalse];
    return [...work.node.inputs, ...bodies.flatMap(({ works }) => works.flatMap(valuesIn))];
  };
  return block.works.filter(which).flatMap(valuesIn);
}
