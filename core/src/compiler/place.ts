import { bytesPerElement } from "../base/dtype.ts";
import { range, sizeOf } from "../base/shape.ts";
import { isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import type { Program } from "../kernel/plan.ts";
import type { Cluster, LoweredKernel, Temporary } from "./cluster.ts";
import { copyCluster, copyOf } from "./copy.ts";
import type { Kept } from "./keep.ts";
import type { Block, Call, Work } from "./region.ts";

/** The memory of one value as a part of another's: `start` bytes into it, and further with each iteration of a loop. */
export interface Alias {
  readonly of: Node;
  readonly start: number;
  readonly advance: readonly { readonly loop: number; readonly bytes: number }[];
}

/** A scheduled program in which it is settled which values share memory by meaning, before any offset is chosen. */
export interface Placed {
  readonly program: Program;
  readonly block: Block;
  readonly aliases: ReadonlyMap<Node, Alias>;
  /** The slot of each program input and of each output that is a fresh buffer. */
  readonly slots: ReadonlyMap<Node, number>;
  /** The number of each loop. */
  readonly loops: ReadonlyMap<Node, number>;
  readonly kept?: Kept;
}

export const bytesOf = (value: Node | Temporary): number =>
  "kind" in value ? value.bytes : sizeOf(value.shape) * bytesPerElement[value.dtype];

/**
 * Decides what shares memory: barriers with their input, the values of a scan's body with the arrays outside, the results of
 * the branches of a cond. A new value is written straight over the old one (a replaced input, a carry) when every other
 * reader has run before; otherwise a copy at the end of the block moves it there.
 */
export function place(
  program: Program,
  block: Block,
  lowerCluster: (cluster: Cluster, stored: ReadonlySet<Node>) => LoweredKernel[],
): Placed {
  const aliases = new Map<Node, Alias>();
  const loops = new Map<Node, number>();
  shareOutside(block, aliases, loops);

  const slots = new Map<Node, number>(program.graph.inputs.map((node, index) => [node, index + 1]));
  const destinations = block.graph.outputs.map((output, index): Destination => {
    const replaced = program.replaces[index];
    if (replaced !== undefined) return { over: block.graph.inputs[replaced]! };
    // The memory of a final carry is that of its initial value.
    slots.set(rootOf(output, aliases), slots.size + 1);
    return {};
  });
  const copy = (from: Node): { node: Node; work: Work } => {
    const node = copyOf(from);
    const reason = "the old value is still needed when the new one is ready";
    const kernels = lowerCluster(copyCluster(node, reason), new Set([from, node]));
    return { node, work: { kind: "launch", calls: kernels } };
  };
  return { program, block: settle(block, destinations, { aliases, loops, copy }), aliases, slots, loops };
}

/** Where an output goes: over an older value, into a part of a value outside, or (neither) wherever memory is. */
interface Destination {
  readonly over?: Node;
  readonly into?: Alias;
}

interface Settling {
  readonly aliases: Map<Node, Alias>;
  readonly loops: Map<Node, number>;
  readonly copy: (from: Node) => { node: Node; work: Work };
}

/** Registers what follows from the structure alone. */
function shareOutside(block: Block, aliases: Map<Node, Alias>, loops: Map<Node, number>): void {
  const same = (of: Node): Alias => ({ of, start: 0, advance: [] });
  for (const node of reachable(block.graph.outputs))
    if (isOp(node, "barrier")) aliases.set(node, same(node.inputs[0]!));
  for (const work of block.works) {
    if (work.kind === "loop") {
      const loop = loops.size + 1;
      loops.set(work.node, loop);
      const { carries, sequences, length, reverse, body } = work.node.attrs;
      for (const pick of work.picks)
        if (pick.attrs.index < carries) aliases.set(pick, same(work.node.inputs[pick.attrs.index]!));
      body.inputs.forEach((input, index) => {
        const source = work.node.inputs[index]!;
        const stepped = index >= carries && index < carries + sequences;
        aliases.set(input, stepped ? steps(source, bytesOf(input), { loop, length, reverse }) : same(source));
      });
      shareOutside(work.body, aliases, loops);
    } else if (work.kind === "branch") {
      for (const side of [work.whenTrue, work.whenFalse]) {
        for (const [index, input] of side.graph.inputs.entries())
          aliases.set(input, same(work.node.inputs[index + 1]!));
        shareOutside(side, aliases, loops);
      }
    }
  }
}

/** One step of an array, by iteration of the loop. */
const steps = (
  of: Node,
  bytes: number,
  { loop, length, reverse }: { loop: number; length: number; reverse: boolean },
): Alias => ({
  of,
  start: reverse ? (length - 1) * bytes : 0,
  advance: [{ loop, bytes: reverse ? -bytes : bytes }],
});

/** Settles the outputs of the block and of all blocks inside; returns it with the copies that became necessary. */
function settle(block: Block, destinations: readonly Destination[], settling: Settling): Block {
  const { aliases, copy } = settling;
  const works: Work[] = block.works.map((work) => settleInner(work, settling));
  const touched = block.works.map(accessesOf);
  block.graph.outputs.forEach((output, index) => {
    const { over, into } = destinations[index]!;
    if (into !== undefined) aliases.set(rootOf(output, aliases), into);
    if (over === undefined || bytesOf(output) === 0) return;
    if (mayOverwrite(touched, output, over, aliases)) {
      aliases.set(rootOf(output, aliases), { of: over, start: 0, advance: [] });
    } else {
      const { node, work } = copy(output);
      aliases.set(node, { of: over, start: 0, advance: [] });
      works.push(work);
    }
  });
  return { graph: block.graph, works };
}

function settleInner(work: Work, settling: Settling): Work {
  if (work.kind === "launch") return work;
  const pickAt = (index: number): Node | undefined => work.picks.find((pick) => pick.attrs.index === index);
  if (work.kind === "branch") {
    const destinations = range(work.whenTrue.graph.outputs.length).map((index): Destination => {
      const pick = pickAt(index);
      return pick === undefined ? {} : { into: { of: pick, start: 0, advance: [] } };
    });
    return {
      ...work,
      whenTrue: settle(work.whenTrue, destinations, settling),
      whenFalse: settle(work.whenFalse, destinations, settling),
    };
  }
  const { carries, length, reverse } = work.node.attrs;
  const loop = settling.loops.get(work.node)!;
  const destinations = work.body.graph.outputs.map((output, index): Destination => {
    if (index < carries) return { over: work.body.graph.inputs[index]! };
    const pick = pickAt(index);
    return pick === undefined ? {} : { into: steps(pick, bytesOf(output), { loop, length, reverse }) };
  });
  return { ...work, body: settle(work.body, destinations, settling) };
}

/** Whether all readers of `old` are done before `value` is first written, or read element by element as it is written. */
function mayOverwrite(
  touched: readonly (readonly Access[])[],
  value: Node,
  old: Node,
  aliases: ReadonlyMap<Node, Alias>,
): boolean {
  const [valueRoot, oldRoot] = [rootOf(value, aliases), rootOf(old, aliases)];
  if (bytesOf(valueRoot) !== bytesOf(old) || valueRoot.dtype !== old.dtype) return false;
  const first = touched.findIndex((accesses) =>
    accesses.some(({ node, writes }) => writes && rootOf(node, aliases) === valueRoot),
  );
  if (first < 0) return false;
  return touched.every((accesses, index) =>
    accesses.every(({ node, call }) => {
      if (rootOf(node, aliases) !== oldRoot || index < first) return true;
      return index === first && call?.inPlace.some(([root, read]) => root === valueRoot && read === node) === true;
    }),
  );
}

/** The value whose memory `node` shares in the end. */
export function rootOf(node: Node, aliases: ReadonlyMap<Node, Alias>): Node {
  let root = node;
  for (let alias = aliases.get(root); alias !== undefined; alias = aliases.get(root)) root = alias.of;
  return root;
}

export interface Access {
  readonly node: Node;
  readonly writes: boolean;
  readonly call: Call | undefined;
}

/** Everything that a work (with all that is inside it) reads and writes, temporaries aside. */
export function accessesOf(work: Work): Access[] {
  if (work.kind === "launch") return work.calls.flatMap(accessesOfCall);
  if (work.kind === "loop") return work.body.works.flatMap(accessesOf);
  const when: Access = { node: work.node.inputs[0]!, writes: false, call: undefined };
  return [when, ...work.whenTrue.works.flatMap(accessesOf), ...work.whenFalse.works.flatMap(accessesOf)];
}

const accessesOfCall = (call: Call): Access[] =>
  call.arguments.flatMap((value, index) =>
    "kind" in value ? [] : [{ node: value, writes: call.kernel.buffers[index]!.role !== "read", call }],
  );
