import { bytesPerElement, type DType } from "../../base/dtype.ts";
import { InternalError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { interpretTask, type KernelMemory } from "../../kernel/interpret.ts";
import { verifyKernel } from "../../kernel/verify.ts";
import { fromBytes, type HostArray, toBytes } from "../../reference/hostArray.ts";
import type { Target } from "../../render/target.ts";
import type { Cluster, LoweredKernel, Temporary } from "../cluster.ts";
import { lower } from "../lower.ts";
import { isTemporary } from "./kernel.ts";

// For tests: clusters made by hand, lowered and run through the kernel interpreter.

/** A machine so small that tiny tensors meet blocks, tails and several tasks. */
export const smallTarget: Target = {
  name: "kernel",
  vectorLanes: 4,
  vectorRegisters: 16,
  fusedMultiplyAdd: false,
  threads: 2,
  tile: { rows: 2, columns: 4 },
  depthBlock: 8,
  rowBlock: 4,
  columnBlock: 8,
  elementsPerTask: 16,
};

/** Sizes as an AVX2 machine has them. */
export const largeTarget: Target = {
  ...smallTarget,
  vectorLanes: 8,
  tile: { rows: 6, columns: 16 },
  depthBlock: 256,
  rowBlock: 96,
  columnBlock: 256,
  elementsPerTask: 16384,
};

export interface Clustering {
  readonly clusters: readonly Cluster[];
  readonly stored: ReadonlySet<Node>;
}

const clusterKind = (node: Node): Cluster["kind"] => {
  const kind = kindOf(node);
  return kind === "contract" ? "contract" : kind === "opaque" || kind === "cumulative" ? "opaque" : "loop";
};

/** Every node but inputs is a cluster of its own, and stored. */
export function everyNode({ inputs, outputs }: Graph): Clustering {
  const nodes = reachable(outputs).filter(({ op }) => op !== "input");
  return {
    clusters: nodes.map((node) => ({ kind: clusterKind(node), members: [node], roots: [node], reason: "test" })),
    stored: new Set([...inputs, ...nodes]),
  };
}

/** Sources and views are pulled through; every other node (and every output) is a cluster of its own. */
export function viewsInside({ inputs, outputs }: Graph): Clustering {
  const nodes = reachable(outputs).filter(({ op }) => op !== "input");
  const isFree = (node: Node): boolean =>
    !outputs.includes(node) && (kindOf(node) === "view" || kindOf(node) === "source");
  const roots = nodes.filter((node) => !isFree(node));
  return {
    clusters: roots.map((root) => ({
      kind: clusterKind(root),
      members: [...nodes.filter(isFree), root],
      roots: [root],
      reason: "test",
    })),
    stored: new Set([...inputs, ...roots]),
  };
}

/** One cluster for the whole graph. */
export function wholeGraph({ inputs, outputs }: Graph, kind: Cluster["kind"] = "loop"): Clustering {
  const members = reachable(outputs).filter(({ op }) => op !== "input");
  const roots = [...new Set(outputs)].filter(({ op }) => op !== "input");
  return { clusters: [{ kind, members, roots, reason: "test" }], stored: new Set([...inputs, ...roots]) };
}

const views: { readonly [D in DType]: (buffer: ArrayBuffer) => KernelMemory } = {
  f32: (buffer) => new Float32Array(buffer),
  f16: (buffer) => new Uint16Array(buffer),
  bf16: (buffer) => new Uint16Array(buffer),
  i32: (buffer) => new Int32Array(buffer),
  u32: (buffer) => new Uint32Array(buffer),
  i8: (buffer) => new Int8Array(buffer),
  u8: (buffer) => new Uint8Array(buffer),
  bool: (buffer) => new Uint8Array(buffer),
};

/** The graph's outputs, computed by lowering and interpreting `clustering`. Tasks run backwards if asked: nothing may change. */
export function runClusters(
  graph: Graph,
  inputs: readonly HostArray[],
  { clusters, stored }: Clustering,
  target: Target,
  order: "forward" | "backward" = "forward",
): HostArray[] {
  const memory = new Map<Node | Temporary, ArrayBuffer>();
  for (const [i, node] of graph.inputs.entries()) memory.set(node, toBytes(inputs[i]!).slice().buffer as ArrayBuffer); // slice() makes a plain one
  for (const cluster of clusters) {
    for (const lowered of lower(cluster, stored, target)) runLowered(lowered, memory, order);
  }
  return graph.outputs.map((node) => fromBytes(new Uint8Array(bufferOf(memory, node)), node.shape, node.dtype));
}

function bufferOf(memory: Map<Node | Temporary, ArrayBuffer>, argument: Node | Temporary): ArrayBuffer {
  let buffer = memory.get(argument);
  if (buffer === undefined) {
    const bytes = isTemporary(argument) ? argument.bytes : sizeOf(argument.shape) * bytesPerElement[argument.dtype];
    buffer = new ArrayBuffer(bytes);
    // What was never written must not look like a result.
    new Uint8Array(buffer).fill(255);
    memory.set(argument, buffer);
  }
  return buffer;
}

function runLowered(
  lowered: LoweredKernel,
  memory: Map<Node | Temporary, ArrayBuffer>,
  order: "forward" | "backward",
): void {
  verifyKernel(lowered.kernel);
  const bound = lowered.kernel.buffers.filter(({ role }) => role !== "scratch");
  if (bound.length !== lowered.arguments.length)
    throw new InternalError(`${lowered.kernel.name}: arguments do not match buffers`);
  const buffers = lowered.arguments.map((argument) => bufferOf(memory, argument));
  const before = buffers.map((buffer) => buffer.slice(0));
  runTasks(lowered, buffers, order);
  for (const [root, source] of lowered.inPlace) checkInPlace(lowered, buffers, before, [root, source], order);
}

/** Each pair may share memory: running with the root in the source's place must give the same bytes. */
function checkInPlace(
  lowered: LoweredKernel,
  after: readonly ArrayBuffer[],
  before: readonly ArrayBuffer[],
  [root, source]: readonly [Node, Node],
  order: "forward" | "backward",
): void {
  const [written, read] = [lowered.arguments.indexOf(root), lowered.arguments.indexOf(source)];
  const copies = before.map((buffer) => buffer.slice(0));
  copies[written] = copies[read]!;
  runTasks(lowered, copies, order);
  lowered.arguments.forEach((_, i) => {
    const expected = i === read ? after[written]! : after[i]!;
    if (Buffer.compare(Buffer.from(copies[i]!), Buffer.from(expected)) === 0) return;
    throw new InternalError(`${lowered.kernel.name}: ${root.op} cannot be computed in place of ${source.op}`);
  });
}

function runTasks(
  { kernel, params, tasks }: LoweredKernel,
  buffers: readonly ArrayBuffer[],
  order: "forward" | "backward",
): void {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  const task = interpretTask(
    kernel,
    bound.map(({ dtype }, i) => views[dtype](buffers[i]!)),
    params,
  );
  for (let i = 0; i < tasks; i++) task(order === "forward" ? i : tasks - 1 - i);
}
