import { range, sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { local } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { KernelBuilder } from "./kernel.ts";
import { type Reducer, reducerOf } from "./reducer.ts";
import type { Work } from "./roots.ts";
import { Values } from "./value.ts";

/** Reducers that agree on rows, and how each root lies over them. */
export interface RowPlan {
  readonly rows: number;
  /** In dependency order; stages of equal `level` do not read each other. */
  readonly reducers: readonly { readonly reducer: Reducer; readonly level: number }[];
  /** For each root the axes that the row runs over; undefined for a root that no reducer and no row concerns. */
  readonly rowAxes: ReadonlyMap<Node, readonly number[] | undefined>;
}

/** A placeholder for a reducer's result while a cluster is only looked at. */
export const placeholder = (node: Node): Expr => local(`result${node.id}`, node.dtype);

/** The plan by which `reducers` and the roots of `work` run row by row, or undefined when they do not agree on rows. */
export function planRows(work: Work, reducers: readonly Node[]): RowPlan | undefined {
  const rows = sizeOf(reducers[0]!.shape);
  if (rows === 0 || reducers.some(({ shape }) => sizeOf(shape) !== rows)) return undefined;

  const levels = new Map<Node, number>();
  for (const node of reducers) {
    const level = levelOf(work, node, rows, levels);
    if (level === undefined) return undefined;
    levels.set(node, level);
  }

  const rowAxes = new Map<Node, readonly number[] | undefined>();
  for (const root of work.roots) {
    const axes = levels.has(root) ? range(root.shape.length) : axesOf(work, root, rows, levels);
    if (axes === "mixed") return undefined;
    rowAxes.set(root, axes);
  }
  return { rows, reducers: reducers.map((node) => ({ reducer: reducerOf(node)!, level: levels.get(node)! })), rowAxes };
}

/** One more than the highest level that a reducer's terms read, or undefined when they read another row. */
function levelOf(work: Work, node: Node, rows: number, levels: ReadonlyMap<Node, number>): number | undefined {
  const builder = new KernelBuilder();
  const row = builder.index("row", rows);
  let level = 0;
  const values = new Values(builder, work, (other, indices) => {
    const known = levels.get(other);
    if (known === undefined) return undefined;
    if (!builder.space.same(builder.space.flatten(indices, other.shape), row)) level = Number.NaN;
    level = Math.max(level, known + 1);
    return placeholder(other);
  });
  const { term, extents } = reducerOf(node)!;
  const inner = extents.map((extent) => builder.index("j", extent));
  try {
    term(values, builder.space.unflatten(row, node.shape), inner);
  } catch {
    return undefined; // reads a reducer that comes later or is not in the plan
  }
  return Number.isNaN(level) ? undefined : level;
}

/** The axes of `root` whose flat index is the row of every reducer that it reads; "mixed" when there are none. */
function axesOf(
  work: Work,
  root: Node,
  rows: number,
  levels: ReadonlyMap<Node, number>,
): readonly number[] | undefined | "mixed" {
  const builder = new KernelBuilder();
  const { space } = builder;
  const requests: Expr[] = [];
  const values = new Values(builder, work, (other, indices) => {
    if (!levels.has(other)) return undefined;
    requests.push(space.flatten(indices, other.shape));
    return placeholder(other);
  });
  const indices = root.shape.map(
    (size, axis) =>
      (size === 1 ? { kind: "number", value: 0, dtype: "i32" } : builder.space.index(`a${axis}`, size)) as Expr,
  );
  try {
    values.at(root, indices);
  } catch {
    return "mixed";
  }
  const [first] = requests;
  if (first === undefined) return leadingAxes(root, rows);
  const axes = range(root.shape.length).filter((axis) => mentions(first, `a${axis}`));
  const flat = space.flatten(
    axes.map((axis) => indices[axis]!),
    axes.map((axis) => root.shape[axis]!),
  );
  const covers = sizeOf(axes.map((axis) => root.shape[axis]!)) === rows;
  return covers && requests.every((request) => space.same(request, flat)) ? axes : "mixed";
}

const mentions = (expr: Expr, name: string): boolean => {
  switch (expr.kind) {
    case "index":
      return expr.name === name;
    case "binary":
      return mentions(expr.x, name) || mentions(expr.y, name);
    default:
      return false;
  }
};

/** The leading axes of a root that reads no reducer, if they make up exactly the rows. */
function leadingAxes(root: Node, rows: number): readonly number[] | undefined {
  for (let count = 0; count <= root.shape.length; count++) {
    if (sizeOf(root.shape.slice(0, count)) === rows) return range(count);
  }
  return undefined;
}
