import { sizeOf } from "../../base/shape.ts";
import { type Graph, isOp, type Node } from "../../graph/node.ts";
import { costOf, type Kind, kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { isJoin } from "../lower/parts.ts";
import type { RowLoop } from "../scan/rowLoop.ts";
import { uniformOf } from "../simplify/rule.ts";

/** One way in which a computing node reads another, through any number of views. */
export interface Read {
  readonly from: Node;
  readonly to: Node;
  /** How often each element of `from` is read; below 1 where views drop elements. */
  readonly repeats: number;
  /** Whether element i is read for element i, in row-major order: only reshapes lie on the way. */
  readonly flat: boolean;
  /** Which operand of `to`. */
  readonly operand: number;
}

/**
 * The graph reduced to what takes memory or time. *Computing* nodes are all but inputs, barriers and the views and sources that are
 * made again wherever they are read; `reads` are the ways between them.
 */
export interface Flow {
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly computing: readonly Node[];
  readonly readsOf: ReadonlyMap<Node, readonly Read[]>;
  readonly usersOf: ReadonlyMap<Node, readonly Read[]>;
  /** Computing nodes that must be complete before a node starts, because of a barrier that it reads. */
  readonly waitsFor: ReadonlyMap<Node, readonly Node[]>;
  /** Nodes that must be in memory, whatever fusion would like. */
  readonly demanded: ReadonlySet<Node>;
}

/** `more` names nodes to keep in memory beyond those that must be; `rowLoops` are the scans that become kernels. */
export function flowOf(graph: Graph, rowLoops: ReadonlyMap<Node, RowLoop>, more: Iterable<Node> = []): Flow {
  const nodes = reachable(graph.outputs);
  const demanded = new Set([...demandedOf(graph, nodes, rowLoops), ...more]);
  const isComputing = (node: Node): boolean => !isBoundary(node) && (demanded.has(node) || !isFree(node));
  const computing = nodes.filter(isComputing);
  const readsOf = new Map<Node, Read[]>();
  const usersOf = new Map<Node, Read[]>(computing.map((node) => [node, []]));
  const waitsFor = new Map<Node, Node[]>();
  for (const node of computing) {
    const reads: Read[] = [];
    const waits = new Set<Node>();
    const walk = (source: Node, way: Omit<Read, "from" | "to">, elements: number): void => {
      if (isComputing(source))
        reads.push({ from: source, to: node, ...way, repeats: elements / Math.max(1, sizeOf(source.shape)) });
      else if (isOp(source, "barrier")) for (const made of settled(source, isComputing)) waits.add(made);
      else if (!isOp(source, "input")) {
        const flat = way.flat && isOp(source, "reshape");
        for (const inner of source.inputs) walk(inner, { ...way, flat }, elementsRead(source, inner, elements));
      }
    };
    node.inputs.forEach((source, operand) => {
      // Gathering reads an element of the table for each of its own.
      const elements = isOp(node, "gather") && operand === 0 ? sizeOf(node.shape) : sizeOf(source.shape);
      walk(source, { repeats: 1, flat: isElementwise(node), operand }, elements);
    });
    readsOf.set(node, reads);
    for (const read of reads) usersOf.get(read.from)!.push(read);
    if (waits.size > 0) waitsFor.set(node, [...waits]);
  }
  return { graph, nodes, computing, readsOf, usersOf, waitsFor, demanded };
}

const freeKinds: readonly Kind[] = ["view", "source"];
/** Random bits are a source by kind, but dear: they count as computing. */
const dear = 8;
const isFree = (node: Node): boolean => freeKinds.includes(kindOf(node)) && costOf(node) < dear;

/** Nodes whose memory is there without a kernel. */
export const isBoundary = (node: Node): boolean => isOp(node, "input") || isOp(node, "barrier");

/** Whether each element of the result (of each of its parts) reads the operands' elements at the same place. */
const isElementwise = (node: Node): boolean => kindOf(node) === "map" || isOp(node, "reshape") || isJoin(node);

/** How many elements of `inner` are read when `elements` of the view of it are. */
function elementsRead(view: Node, inner: Node, elements: number): number {
  const whole = sizeOf(view.shape);
  const own = sizeOf(inner.shape);
  if (whole === 0) return 0;
  // Padding and joining read each element of an operand once; the other views read one element for each of theirs.
  const reading = isOp(view, "pad") || isOp(view, "concat") ? Math.min(own, whole) : whole;
  return (elements * reading) / whole;
}

/** All computing nodes that stand behind a barrier: those of its value and those it waits for. */
function settled(barrier: Node, isComputing: (node: Node) => boolean): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const pending = [...barrier.inputs];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (isComputing(node)) found.add(node);
    else pending.push(...node.inputs);
  }
  return [...found];
}

/** Outputs, and what barriers, loops and branches take: they read memory. */
function demandedOf(graph: Graph, nodes: readonly Node[], rowLoops: ReadonlyMap<Node, RowLoop>): Set<Node> {
  const demanded = new Set<Node>(graph.outputs);
  for (const node of nodes) {
    if (isOp(node, "barrier")) demanded.add(node.inputs[0]!);
    if (isOp(node, "scan") || isOp(node, "cond"))
      for (const [index, source] of node.inputs.entries()) if (!isFilled(node, index, rowLoops)) demanded.add(source);
    // Every task of a scatter reads all indices.
    if (isOp(node, "scatter")) demanded.add(node.inputs[1]!);
  }
  return demanded;
}

/** Whether an input of a scan is a carry that its kernel fills with a known value. */
const isFilled = (node: Node, index: number, rowLoops: ReadonlyMap<Node, RowLoop>): boolean =>
  isOp(node, "scan") &&
  rowLoops.has(node) &&
  index < node.attrs.carries &&
  uniformOf(node.inputs[index]!) !== undefined;
