import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { load } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import { type Axis, type Contraction, extentOf, fromContract } from "./contraction.ts";
import { KernelBuilder } from "./kernel.ts";
import { placeholder, planRows, type RowPlan } from "./plan.ts";
import { neededBy, reducersIn, type Work } from "./roots.ts";
import { type Sources, Values } from "./value.ts";
import { type Visible, visibleColumns } from "./visible.ts";

/**
 * Contractions whose result no memory need hold: *scores*, [batch, rows, columns], are made from two small operands, go through
 * maps and reductions of their rows, and are contracted again by *closings*, over columns or over rows. Attention forward is one
 * score and one closing (softmax(q·kᵀ)·v); backward two scores (q·kᵀ again, and g·vᵀ) and three closings (for q, k and v).
 */
export interface AttentionPlan {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  /** The innermost axis of the rows: blocks are ranges of it. */
  readonly rowAxis: number;
  readonly scores: readonly Contraction[];
  readonly closings: readonly Closing[];
  /** What closings contract: values of the scores' size, each kept for a block of rows at a time. */
  readonly wide: readonly Node[];
  /** How the reductions of a row follow each other. */
  readonly rowPlan: RowPlan;
  /** The maps and reductions between scores and closings. */
  readonly rowWork: Work;
  /** Which columns a row sees, where the graph shows that the others count for nothing. */
  readonly visible: Visible | undefined;
}

/** A contraction of a wide value (its left operand) with a small one. */
export interface Closing {
  readonly contraction: Contraction;
  readonly wide: Node;
  /** Which axes of the scores it sums over. The result has the other ones. */
  readonly over: "columns" | "rows";
}

/** How the cluster's members are attention, or undefined when they are not. */
export function planAttention(work: Work): AttentionPlan | undefined {
  const nodes = neededBy(work.roots, work);
  const contractions = nodes.filter((node): node is Node<"contract"> => isOp(node, "contract"));
  if (contractions.length !== nodes.filter((node) => kindOf(node) === "contract").length) return undefined;
  const inner = new Set<Node>();
  for (const node of nodes)
    if (isOp(node, "contract") || node.inputs.some((input) => inner.has(input))) inner.add(node);
  const closes = (node: Node): boolean => node.inputs.some((input) => inner.has(input));
  const scores = contractions.filter((node) => !closes(node)).map(scoreOf);
  const [first] = scores;
  if (first === undefined) return undefined;
  const [batch, rows, columns] = [first.batch, first.rows, first.columns].map(extentOf) as [number, number, number];
  const size = { batch, rows, columns };
  const alike = scores.every((score) => agrees(score, size));
  const closings = contractions.filter(closes).map((node) => closingOf(node, inner, size));
  if (!alike || closings.length === 0 || !closings.every((closing) => closing !== undefined)) return undefined;

  const wide = [...new Set(closings.map((closing) => closing.wide))];
  const scoreNodes = new Set<Node>(scores.map(({ node }) => node));
  const rowWork: Work = {
    members: new Set([...work.members].filter((node) => !isOp(node, "contract"))),
    stored: new Set([...work.stored, ...scoreNodes]),
    roots: wide,
    substitutes: work.substitutes,
  };
  const reducers = reducersIn(neededBy(wide, rowWork), true);
  const empty: RowPlan = { rows: batch * rows, reducers: [], rowAxes: new Map() };
  const rowPlan = reducers.length === 0 ? empty : planRows(rowWork, reducers);
  if (rowPlan === undefined || rowPlan.rows !== batch * rows) return undefined;
  if (rowPlan.reducers.some(({ reducer }) => sizeOf(reducer.extents) !== columns)) return undefined;
  if (!staysInRow(rowWork, rowPlan, scoreNodes, size)) return undefined;

  const rowAxis = first.rows.findLast(({ extent }) => extent > 1)?.extent ?? 1;
  const shape = { ...size, rowAxis };
  const visible = visibleColumns({ ...shape, nodes: neededBy(wide, rowWork), wide });
  return {
    ...shape,
    rowAxis: visible === undefined ? rows : rowAxis,
    scores,
    closings,
    wide,
    rowPlan,
    rowWork,
    visible,
  };
}

export interface ScoreSize {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
}

/** The contraction with the operand whose axes come first in the result on the left. */
function scoreOf(node: Node<"contract">): Contraction {
  const contraction = fromContract(node);
  const first = contraction.out.find((axis) => axis.extent > 1 && !contraction.batch.includes(axis));
  return first !== undefined && contraction.columns.includes(first) ? turned(contraction) : contraction;
}

const turned = ({ rows, columns, left, right, ...rest }: Contraction): Contraction => ({
  ...rest,
  rows: columns,
  columns: rows,
  left: right,
  right: left,
});

/** Whether the result is [batch, rows, columns] of these sizes, its axes in that order. */
function agrees({ out, batch, rows, columns }: Contraction, size: ScoreSize): boolean {
  const order = [...batch, ...rows, ...columns].filter(({ extent }) => extent > 1);
  const axes = out.filter(({ extent }) => extent > 1);
  return (
    extentOf(batch) === size.batch &&
    extentOf(rows) === size.rows &&
    extentOf(columns) === size.columns &&
    axes.every((axis, i) => axis === order[i])
  );
}

/** The contraction of a wide value, or undefined when it is not one over all columns or all rows of each batch. */
function closingOf(node: Node<"contract">, inner: ReadonlySet<Node>, size: ScoreSize): Closing | undefined {
  const [x, y] = node.inputs as readonly [Node, Node];
  if (inner.has(x) && inner.has(y)) return undefined;
  const plain = fromContract(node);
  const contraction = inner.has(x) ? plain : turned(plain);
  const [wide, labels] = inner.has(x) ? [x, node.attrs.a] : [y, node.attrs.b];
  const axes = [...contraction.batch, ...contraction.rows, ...contraction.sum];
  const own = labels.map((label) => axes.find(({ name }) => name === label)!);
  // The wide value's axes, in the order of its memory.
  const [batch, rows, columns] = split(own, size) ?? [];
  if (batch === undefined || rows === undefined || columns === undefined) return undefined;
  const isSum = (axis: Axis): boolean => contraction.sum.includes(axis) || axis.extent === 1;
  const isFree = (axis: Axis): boolean => contraction.rows.includes(axis) || axis.extent === 1;
  if (!batch.every((axis) => contraction.batch.includes(axis) || axis.extent === 1)) return undefined;
  if (rows.every(isFree) && columns.every(isSum))
    return { contraction: { ...contraction, batch, rows, sum: columns }, wide, over: "columns" };
  if (rows.every(isSum) && columns.every(isFree))
    return { contraction: { ...contraction, batch, rows: columns, sum: rows }, wide, over: "rows" };
  return undefined;
}

/** `axes` cut into those of batch, rows and columns; undefined when a cut falls inside an axis. */
function split(axes: readonly Axis[], { batch, rows, columns }: ScoreSize): [Axis[], Axis[], Axis[]] | undefined {
  const parts: Axis[][] = [];
  let at = 0;
  for (const size of [batch, rows, columns]) {
    const start = at;
    while (at < axes.length && extentOf(axes.slice(start, at)) < size) at++;
    if (extentOf(axes.slice(start, at)) !== size) return undefined;
    parts.push(axes.slice(start, at));
  }
  const rest = axes.slice(at);
  return rest.every(({ extent }) => extent === 1) ? [parts[0]!, parts[1]!, [...parts[2]!, ...rest]] : undefined;
}

/** Whether every reduction and every wide value reads scores of its own row only, wide values those of their own column. */
function staysInRow(
  work: Work,
  plan: RowPlan,
  scores: ReadonlySet<Node>,
  { batch, rows, columns }: ScoreSize,
): boolean {
  const reducers = new Set(plan.reducers.map(({ reducer }) => reducer.node));
  const builder = new KernelBuilder();
  const { space } = builder;
  const row = builder.index("row", batch * rows);
  const column = builder.index("column", columns);
  let fits = true;
  const values = new Values(builder, withScores(work, scores), (node, indices) => {
    if (!scores.has(node) && !reducers.has(node)) return undefined;
    const flat = scores.has(node) ? flatten(space, row, column, columns) : row;
    fits &&= space.same(space.flatten(indices, node.shape), flat);
    return scores.has(node) ? builder.safe(load("scores", flat, node.dtype)) : placeholder(node);
  });
  try {
    for (const { reducer } of plan.reducers)
      reducer.term(values, space.unflatten(row, reducer.node.shape), space.unflatten(column, reducer.extents));
    for (const node of work.roots) values.at(node, space.unflatten(flatten(space, row, column, columns), node.shape));
  } catch {
    return false; // a value that is computed elsewhere
  }
  return fits;
}

/** Where the scores are no memory, but known. */
export const withScores = ({ members, stored }: Sources, scores: Iterable<Node>): Sources => ({
  members: new Set([...members, ...scores]),
  stored,
});

const flatten = (space: IndexSpace, row: Expr, column: Expr, columns: number): Expr =>
  space.add(space.mul(row, columns), column);

/** Whether the node is a contraction big enough for register tiles, of which every score of an attention must be one. */
export function isScore(node: Node): boolean {
  if (!isOp(node, "contract")) return false;
  const score = scoreOf(node);
  const [rows, columns, depth] = [score.rows, score.columns, score.sum].map(extentOf) as [number, number, number];
  const size = { batch: extentOf(score.batch), rows, columns };
  // Each batch has operands of its own: they are small, and many batches keep all threads busy.
  return (
    size.batch > 1 &&
    rows >= least &&
    columns >= least &&
    depth >= least &&
    rows * columns * depth >= leastEach &&
    agrees(score, size)
  );
}

/** Sizes below which plain loops are as good. */
const least = 4;
const leastEach = 2048;

/** Batch, rows and columns of a score. */
export function scoreSize(node: Node<"contract">): ScoreSize {
  const { batch, rows, columns } = scoreOf(node);
  return { batch: extentOf(batch), rows: extentOf(rows), columns: extentOf(columns) };
}
