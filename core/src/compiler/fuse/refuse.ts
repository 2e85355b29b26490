import { range, sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { costOf } from "../../graph/primitives.ts";
import type { Target } from "../../render/target.ts";
import type { Cluster } from "../cluster.ts";
import { loopSize } from "../lower/parts.ts";
import { acceptsLoop, isInline } from "../lower.ts";
import { isBoundary, type Read } from "./flow.ts";
import { type Group, type Groups, roleOf } from "./group.ts";
import { membersOf } from "./members.ts";
import type { Norms } from "./norms.ts";

/** How dear (in multiply-adds an element) a value may be that is computed again for every reader. */
const cheap = 2;
/** How dear the prologue of a contraction may be, times the number of reads of each element. */
const cheapPrologue = 8;
/** Members and roots beyond which one kernel becomes unwieldy (registers, code size). */
const most = { nodes: 64, numbers: 512, roots: 12 };
/** Rows that keep all threads busy when one kernel reduces each of many. */
const enoughRows = 8;

const circular = "another kernel runs between them";

export interface Rules extends Norms {
  readonly groups: Groups;
  readonly target: Target;
  /** Nodes that only make new values of inputs. */
  readonly updates: ReadonlySet<Node>;
}

/** Why the two groups cannot be one cluster, in words; undefined when they can. */
export function refuse(a: Group, b: Group, rules: Rules): string | undefined {
  const { groups, target, updates } = rules;
  if (a.sealed || b.sealed) return "attention keeps its blocks to itself";
  const nodes = [...a.nodes, ...b.nodes].sort((x, y) => x.id - y.id);
  const withRole = (role: string): Node[] => nodes.filter((node) => roleOf(node) === role);
  const [alone] = withRole("alone");
  if (alone !== undefined) return `${alone.op} runs alone`;
  if (nodes.some((node) => updates.has(node)) && !nodes.every((node) => updates.has(node)))
    return "updates run together at the end";
  if (breaksNorm(nodes, rules)) return "norms stay alike, and share a launch";
  if (nodes.length > (nodes.every(isNumber) ? most.numbers : most.nodes) || groups.roots(nodes).length > most.roots)
    return "the kernel is large enough";

  const contractions = withRole("contraction");
  if (contractions.length > 1) return "a kernel holds one contraction";
  const candidate = candidateOf(nodes, groups, [a, b]);
  const reducers = withRole("reducer");
  const long = reducers.filter((node) => !isInline(node));
  if (contractions.length === 1 && long.length > 0) return "a reduction reads whole rows of the contraction";
  // Short reductions may also be written out where they are read.
  const reason =
    contractions.length === 1
      ? refuseContraction(candidate, contractions[0]!)
      : reducers.length === 0
        ? refuseMaps(candidate)
        : refuseRows(candidate, reducers, target) &&
          (long.length > 0 ? refuseRows(candidate, long, target) : refuseMaps(candidate));
  if (reason !== undefined) return reason;
  return groups.circle(a, b) ? circular : undefined;
}

const isNumber = (node: Node): boolean => sizeOf(node.shape) === 1;

/** Whether a norm would stop being like all others: one reduction with its terms, and the numbers made of it alone. */
function breaksNorm(nodes: readonly Node[], { groups, norms, terms, scales }: Rules): boolean {
  const own = nodes.find((node) => norms.has(node));
  const isTerm = (node: Node): boolean => terms.has(node);
  if (own === undefined) return nodes.some(isTerm) && !nodes.every(isTerm);
  if (nodes.some((node) => roleOf(node) === "reducer" && node !== own)) return true;
  const inside = new Set(nodes);
  const readsAnother = (node: Node): boolean =>
    groups.flow.readsOf.get(node)!.some(({ from }) => !inside.has(from) && (norms.has(from) || scales.has(from)));
  return !groups.roots(nodes).every(isNumber) || nodes.some((node) => scales.has(node) && readsAnother(node));
}

/** What a merge would make. */
interface Candidate {
  readonly nodes: readonly Node[];
  readonly roots: readonly Node[];
  /** The ways from one of the nodes to another. */
  readonly inner: readonly Read[];
  /** Multiply-adds for one element of a node, with all that is computed for it (reductions aside). */
  readonly costOf: (node: Node) => number;
  readonly groups: Groups;
  readonly pair: readonly [Group, Group];
}

function candidateOf(nodes: readonly Node[], groups: Groups, pair: Candidate["pair"]): Candidate {
  const inside = new Set(nodes);
  const inner = nodes.flatMap((node) => groups.flow.readsOf.get(node)!.filter(({ from }) => inside.has(from)));
  const costs = new Map<Node, number>();
  for (const node of nodes) {
    let cost = costOfElement(node);
    for (const { from } of groups.flow.readsOf.get(node)!)
      if (inside.has(from) && isMap(from)) cost += costs.get(from) ?? 0;
    costs.set(node, cost);
  }
  return { nodes, roots: groups.roots(nodes), inner, costOf: (node) => costs.get(node) ?? 0, groups, pair };
}

/** Whether the node is computed where it is read: a map, or a reduction so short that it is written out. */
const isMap = (node: Node): boolean => roleOf(node) === "map" || (roleOf(node) === "reducer" && isInline(node));

/** A small reduction is written out: every term counts. */
const costOfElement = (node: Node): number =>
  roleOf(node) === "reducer"
    ? (costOf(node) * sizeOf(node.inputs[0]!.shape)) / Math.max(1, sizeOf(node.shape))
    : costOf(node);

function refuseMaps({ roots, inner, costOf: cost }: Candidate): string | undefined {
  const stored = new Set(roots);
  const [first] = roots;
  if (roots.some((root) => loopSize(root) !== loopSize(first!))) return "the results have different sizes";
  return refuseRepeats(inner, cost, stored);
}

/** Values that are stored are shared element by element; others are computed again, if that is cheap. */
function refuseRepeats(
  inner: readonly Read[],
  cost: (node: Node) => number,
  stored: ReadonlySet<Node>,
): string | undefined {
  for (const read of inner) {
    if (!isMap(read.from)) continue;
    if (stored.has(read.from) && !read.flat) return "the value is stored anyway, and read in another order";
    if (read.repeats > 1 && cost(read.from) > cheap) return "the value is dear and read more than once";
    const readers = inner.filter(({ from }) => from === read.from);
    if (!read.flat && readers.length > 1 && cost(read.from) > cheapPrologue)
      return "the value is dear and read in several orders";
  }
  return undefined;
}

function refuseContraction({ nodes, roots, inner, costOf: cost }: Candidate, contraction: Node): string | undefined {
  const before = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    if (inner.some(({ from, to }) => from === node && (to === contraction || before.has(to)))) before.add(node);
  }
  if (roots.some((root) => before.has(root))) return "operands that others read as well are stored";
  const size = sizeOf(contraction.shape);
  if (roots.some((root) => sizeOf(root.shape) !== size)) return "the results are not one to one with the contraction's";
  for (const { from, to, operand } of inner) {
    if (to !== contraction) continue;
    if (!isMap(from) || cost(from) * packingsOf(contraction, operand) > cheapPrologue)
      return "the operand is too dear to compute while packing";
  }
  const after = inner.filter(({ to }) => to !== contraction && !before.has(to));
  const stored = new Set(roots);
  for (const { from, flat, repeats } of after) {
    if (from === contraction && !flat && (stored.has(from) || repeats !== 1))
      return "the contraction is read in another order";
  }
  return refuseRepeats(after, cost, stored);
}

/** How often the contraction engine reads each element of an operand while packing, blocks aside. */
function packingsOf(contraction: Node, operand: number): number {
  if (!isOp(contraction, "conv") || operand !== 0) return 1;
  const window = contraction.inputs[1]!.shape.slice(0, contraction.attrs.stride.length);
  return sizeOf(window);
}

function refuseRows(candidate: Candidate, reducers: readonly Node[], target: Target): string | undefined {
  const {
    nodes,
    roots,
    inner,
    groups,
    pair: [a, b],
  } = candidate;
  const rows = sizeOf(reducers[0]!.shape);
  if (reducers.some((reducer) => sizeOf(reducer.shape) !== rows)) return "the reductions have different rows";
  const domain = Math.max(...reducers.map((reducer) => sizeOf(reducer.inputs[0]!.shape)));
  const small = domain <= target.elementsPerTask;
  const wide = roots.some((root) => sizeOf(root.shape) > rows);
  if ((wide || reducers.length > 1) && !small) {
    if (!reducers.every(reducesInnermost)) return "columns are reduced in a kernel of their own";
    if (rows < enoughRows) return "there are too few rows to share them among threads";
  }
  const stored = new Set(roots);
  const reduced = dependents(reducers, candidate);
  const within = inner.filter(({ from }) => !reduced.has(from));
  const repeated = refuseRepeats(
    within.map((read) => (stored.has(read.from) ? { ...read, flat: true } : read)),
    candidate.costOf,
    stored,
  );
  if (repeated !== undefined) return repeated;

  // What lower can do is lower's to say. Last, since it is dear.
  if (groups.circle(a, b)) return circular;
  // A map that goes along with what is there already changes nothing.
  if (goesAlong(a, b, inner)) return undefined;
  const inside = new Set(nodes);
  const inMemory = (node: Node): boolean => !inside.has(node) && groups.flow.usersOf.has(node);
  const members = membersOf(roots, inMemory);
  const cluster: Cluster = { kind: "loop", members, roots, reason: "" };
  const needed = new Set(members);
  const memory = new Set<Node>(roots);
  for (const member of members)
    for (const source of member.inputs) if (!needed.has(source) || isBoundary(source)) memory.add(source);
  return acceptsLoop(cluster, memory) ? undefined : "the kernel would not go row by row";
}

/** Whether `b` is one map that reads reductions' neighbours in `a` element by element. */
const goesAlong = (a: Group, b: Group, inner: readonly Read[]): boolean => {
  const [node, another] = b.nodes;
  if (
    node === undefined ||
    another !== undefined ||
    roleOf(node) !== "map" ||
    !a.nodes.some((each) => roleOf(each) === "reducer")
  )
    return false;
  const reads = inner.filter(({ to }) => to === node);
  return reads.length > 0 && reads.every(({ from, flat }) => flat && sizeOf(from.shape) === sizeOf(node.shape));
};

/** Whether the reduction is along the last axes of its input, so that rows lie in memory one after the other. */
function reducesInnermost(reducer: Node): boolean {
  if (!isOp(reducer, "reduce")) return false;
  const { shape } = reducer.inputs[0]!;
  const kept = range(shape.length).filter((axis) => !reducer.attrs.axes.includes(axis) && shape[axis] !== 1);
  const first = reducer.attrs.axes.find((axis) => shape[axis] !== 1) ?? shape.length;
  return kept.every((axis) => axis < first);
}

/** The sources, and what is computed from them. */
function dependents(sources: readonly Node[], { nodes, inner }: Pick<Candidate, "nodes" | "inner">): ReadonlySet<Node> {
  const found = new Set<Node>(sources);
  const reads = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const { from, to } of inner) reads.get(to)!.push(from);
  for (const [node, read] of reads) if (read.some((from) => found.has(from))) found.add(node);
  return found;
}
