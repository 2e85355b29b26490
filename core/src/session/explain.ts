import { NdArray, type NumberArray } from "../data/index.ts";
import { type Node, witnessNodes } from "../graph/node.ts";
import { type Op, primitives } from "../graph/primitives.ts";
import { reachable } from "../graph/walk.ts";
import { leavesOf, mapStructure, type Structure } from "../nn/index.ts";
import { watchUpdates } from "../optim/index.ts";
import { measure, type NotFiniteEvent, nonFiniteCount, type TensorReport } from "../record/index.ts";
import { concatenate, jit, Tensor } from "../tensor/index.ts";
import { type Attended, type Batch, wholeState } from "../train/index.ts";
import { upload } from "./examples.ts";

export type Cause = NonNullable<NotFiniteEvent["cause"]>;
type Direction = Cause["direction"];

/** A batch in the host's memory. */
export interface HostBatch {
  readonly x: Structure<NdArray>;
  readonly y?: Structure<NdArray>;
  readonly sampleWeight?: Structure<NdArray>;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const isNdArray = (value: unknown): value is NdArray => value instanceof NdArray;

/** Reads a batch back, before it is given up. */
export async function hostBatch({ x, y, sampleWeight }: Batch): Promise<HostBatch> {
  const read = async (part: Structure<Tensor>): Promise<Structure<NdArray>> => {
    const arrays = new Map<Tensor, NdArray>();
    for (const leaf of leavesOf(part, isTensor))
      arrays.set(leaf, new NdArray((await leaf.data()) as NumberArray, leaf.shape)); // batches are made of such arrays
    return mapStructure(part, isTensor, (leaf) => arrays.get(leaf)!); // all of them were read
  };
  return {
    x: await read(x),
    ...(y === undefined ? {} : { y: await read(y) }),
    ...(sampleWeight === undefined ? {} : { sampleWeight: await read(sampleWeight) }),
  };
}

const onDevice = ({ x, y, sampleWeight }: HostBatch): Batch => ({
  x: mapStructure(x, isNdArray, upload),
  ...(y === undefined ? {} : { y: mapStructure(y, isNdArray, upload) }),
  ...(sampleWeight === undefined ? {} : { sampleWeight: mapStructure(sampleWeight, isNdArray, upload) }),
});

/** The step as a graph, and where its parts were made. */
interface Traced {
  /** Values that a check is worth, inputs before users. */
  nodes: readonly Node[];
  forward: ReadonlySet<Node>;
  sources: ReadonlyMap<Node, string>;
}

/**
 * Does the step again with the present weights, looks at every value on its way, and tells the first operation that makes of
 * finite inputs something that is not. The state of the training stays as it is.
 */
export async function causeOf(training: Attended, given: HostBatch): Promise<Cause | undefined> {
  const state = await Promise.all(
    wholeState(training.model).map(async ([, each]) => [each, await each.bytes()] as const),
  );
  const restore = (): void => {
    for (const [each, bytes] of state) each.assignBytes(bytes);
  };
  try {
    // The way there first: it is shorter, and most often to blame.
    for (const part of ["forward", "all"] as const) {
      const found = await firstBad(training, onDevice(given), part);
      restore();
      if (found === undefined) continue;
      const cause = await describeBad(training, onDevice(given), found);
      return cause;
    }
    return undefined;
  } finally {
    restore();
  }
}

/** Traces a step, and hands its parts to `results`, which says what the program gives. */
function watched<R>(training: Attended, results: (traced: Traced) => R): (batch: Batch) => R {
  return (batch) => {
    const sources = new Map<Node, string>();
    const losses: Node[] = [];
    const ends: Node[] = [];
    const watch = {
      loss: (loss: Tensor) => void losses.push(loss.node),
      gradients: (gradients: readonly Tensor[]) => {
        ends.push(...gradients.map(({ node }) => node));
        return undefined;
      },
      moved: (_target: unknown, _before: Tensor, after: Tensor) => void ends.push(after.node),
    };
    const see = (node: Node): void => {
      const place = userPlace(new Error().stack ?? "");
      if (place !== undefined) sources.set(node, place);
    };
    witnessNodes(see, () => watchUpdates(watch, () => training.body(batch)));
    const forward = new Set(reachable(losses));
    return results({ nodes: reachable([...losses, ...ends]), forward, sources });
  };
}

const isFloat = ({ dtype }: Node): boolean => dtype === "f32" || dtype === "f16" || dtype === "bf16";
/** Values that only show others in another form need no check of their own. */
const isOwn = (node: Node): boolean =>
  node.op === "input" || !["view", "source", "structure"].includes(primitives[node.op].kind);

interface Found {
  /** The place of the bad node among those that are checked. */
  readonly index: number;
  readonly part: "forward" | "all";
}

const checked = ({ nodes, forward }: Traced, part: Found["part"]): Node[] =>
  nodes.filter((node) => isFloat(node) && isOwn(node) && (part === "all" || forward.has(node)));

async function firstBad(training: Attended, batch: Batch, part: Found["part"]): Promise<Found | undefined> {
  const program = jit(
    watched(training, (traced) => {
      const counts = checked(traced, part).map((node) => {
        const bad = new Tensor(node).isFinite().logicalNot().cast("f32");
        return bad.sum().reshape([1]) as Tensor;
      });
      return counts.length === 0 ? undefined : concatenate(counts, 0);
    }) as (batch: Batch) => Tensor,
    { name: "looking for what is not finite" },
  );
  const counts = (await program(batch)?.data()) as Float32Array | undefined;
  program.dispose();
  const index = counts?.findIndex((count) => count > 0) ?? -1;
  return index < 0 ? undefined : { index, part };
}

async function describeBad(training: Attended, batch: Batch, { index, part }: Found): Promise<Cause> {
  let bad: Node | undefined;
  let traced: Traced | undefined;
  const program = jit(
    watched(training, (all) => {
      traced = all;
      bad = checked(all, part)[index]!; // the same trace gives the same nodes
      return [bad, ...bad.inputs].filter(isFloat).map((node) => new Tensor(node).cast("f32") as Tensor);
    }),
    { name: "what is not finite" },
  );
  const values = await Promise.all(
    program(batch).map(async (tensor) => Float32Array.from((await tensor.data()) as ArrayLike<number>)),
  );
  program.dispose();
  const [node, { forward, sources }] = [bad!, traced!]; // the program was traced
  const [output, ...inputs] = values;
  const floats = node.inputs.filter(isFloat);
  const source = sources.get(node);
  const layer = node.scope;
  const direction: Direction = forward.has(node) ? "forward" : /^optimizer(\/|$)/.test(layer) ? "update" : "backward";
  const places: number[] = [];
  output!.forEach((value, at) => {
    if (!Number.isFinite(value) && places.length < mostPlaces) places.push(at);
  });
  return {
    operation: node.op === "input" ? "input" : wordOf(node),
    layer,
    ...(source === undefined ? {} : { source }),
    direction,
    inputs: inputs.map((each, at) => reportOf(nameOf(floats[at]!), floats[at]!.shape, each)),
    output: reportOf(nameOf(node), node.shape, output!),
    places,
    suggestion: suggestionFor(node.op, direction),
  };
}

const mostPlaces = 64;
const wordOf = ({ op, attrs }: Node): string =>
  op === "reduce" || op === "cumulative" ? ((attrs as { readonly reduce?: string }).reduce ?? op) : op;
const nameOf = (node: Node): string =>
  node.op === "input" ? (node.attrs as { readonly name: string }).name : wordOf(node);

function reportOf(name: string, shape: readonly number[], values: Float32Array): TensorReport {
  const { stats } = measure(values);
  const { min, max, zeros, count } = stats;
  return { name, shape, min, max, zeros, count, nonFinite: nonFiniteCount(stats) };
}

/** What most often helps, by the operation that went wrong. */
function suggestionFor(op: Op, direction: Direction): string {
  if (op === "input")
    return "the data or the weights are not finite: look at the data (nanPolicy), or go back to a checkpoint";
  if (direction === "update")
    return "the step is too large: lower the learning rate, or clip gradients (globalClipNorm)";
  const known: { readonly [O in Op]?: string } = {
    log: "the logarithm of 0 or less: add a small number first, or take a loss that works on logits (fromLogits: true)",
    log1p: "the logarithm of 0 or less: keep its input above -1",
    exp: "the exponential grows beyond what f32 holds (88): subtract the maximum first, or use softmax and logSumExp",
    expm1: "the exponential grows beyond what f32 holds (88)",
    div: "a division by 0: add a small number to what divides, or use divideNoNaN",
    sqrt: "the root of a negative number, or its derivative at 0: add a small number first",
    pow: "a power that f32 cannot hold: keep base and exponent small",
  };
  return (
    known[op] ?? "numbers grow beyond what f32 holds: lower the learning rate, clip gradients, or normalize the inputs"
  );
}

/** The folder of our own code. */
const home = new URL("..", import.meta.url).href;

/** The first line of a stack that is not ours: "loss.ts:41". */
function userPlace(stack: string): string | undefined {
  for (const line of stack.split("\n").slice(1)) {
    const match = /((?:file|https?):\/\/[^\s()]+|\/[^\s()]+):(\d+):\d+\)?$/.exec(line);
    if (match === null) continue;
    const [, file = "", row] = match;
    const ours = (file.startsWith(home) || `file://${file}`.startsWith(home)) && !file.includes(".test.");
    if (ours || file.includes("node:internal")) continue;
    return `${file.split("/").at(-1)}:${row}`;
  }
  return undefined;
}
