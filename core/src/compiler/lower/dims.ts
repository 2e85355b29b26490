import { type Shape, sizeOf } from "../../base/shape.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import type { Target } from "../../render/target.ts";
import { KernelBuilder } from "./kernel.ts";

/** The expressions of a loop body, for given indices into the iteration shape. */
export type Probe = (builder: KernelBuilder, indices: readonly Expr[]) => readonly Expr[];

/** The indices into `shape` at the loop variables of `dims`, which factor the same elements in the same order. */
export function indicesOf(space: IndexSpace, variables: readonly Expr[], dims: Shape, shape: Shape): Expr[] {
  return space.unflatten(space.flatten(variables, dims), shape);
}

/**
 * Loop sizes for `shape`, outermost first: axes that a reshape cuts are split, so that addresses need no division, and
 * neighbours are merged wherever that brings none back. Contiguous elementwise work becomes one loop.
 */
export function chooseLoops(shape: Shape, probe: Probe): number[] {
  let dims = shape.filter((size) => size !== 1);
  if (sizeOf(shape) === 0) return dims;
  const divisions = (candidate: readonly number[]): Map<string, Expr> => {
    const builder = new KernelBuilder();
    const variables = candidate.map((extent) => builder.index("i", extent));
    return divisionsOf(probe(builder, indicesOf(builder.space, variables, candidate, shape)));
  };

  let found = divisions(dims);
  for (let round = 0; round < 4 && found.size > 0; round++) {
    const split = splitAt(dims, found);
    if (split === undefined) break;
    const rest = divisions(split);
    if (rest.size >= found.size) break;
    [dims, found] = [split, rest];
  }
  for (let axis = dims.length - 1; axis >= 1; axis--) {
    const merged = [...dims.slice(0, axis - 1), dims[axis - 1]! * dims[axis]!, ...dims.slice(axis + 1)];
    if (divisions(merged).size <= found.size) dims = merged;
  }
  return dims;
}

/** The quotients and remainders of indices in `exprs`, by key. */
function divisionsOf(exprs: readonly Expr[]): Map<string, Expr> {
  const found = new Map<string, Expr>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "binary" && (expr.op === "div" || expr.op === "mod") && isIndex(expr.x))
      found.set(keyOf(expr), expr);
    for (const child of operandsOf(expr)) visit(child);
  };
  for (const expr of exprs) visit(expr);
  return found;
}

const isIndex = (expr: Expr): boolean =>
  expr.kind === "index" || (expr.kind === "binary" && expr.dtype === "i32" && (isIndex(expr.x) || isIndex(expr.y)));

/** The sizes with one axis split in two, where a single loop variable is divided by a divisor of its size. */
function splitAt(dims: readonly number[], divisions: ReadonlyMap<string, Expr>): number[] | undefined {
  const names = dims.map((_, i) => (i === 0 ? "i" : `i${i}`));
  for (const expr of divisions.values()) {
    if (expr.kind !== "binary" || expr.x.kind !== "index" || expr.y.kind !== "number") continue;
    const axis = names.indexOf(expr.x.name);
    const by = expr.y.value;
    if (axis < 0 || by >= dims[axis]! || dims[axis]! % by !== 0) continue;
    return [...dims.slice(0, axis), dims[axis]! / by, by, ...dims.slice(axis + 1)];
  }
  return undefined;
}

/** Tasks over nested loops: all axes before `axis` and `chunks` ranges of it are tasks; the rest loops inside. */
export interface TaskSplit {
  readonly axis: number;
  readonly chunk: number;
  readonly chunks: number;
  readonly tasks: number;
}

/**
 * Splits loops into tasks of about `elements` elements; equal parts, at most one short tail along the split axis. Parts of the
 * innermost axis are multiples of `lanes`.
 */
export function splitTasks(dims: readonly number[], elements: number, lanes = 1): TaskSplit {
  if (dims.length === 0) return { axis: 0, chunk: 1, chunks: 1, tasks: 1 };
  let axis = dims.length - 1;
  let inner = 1;
  while (axis > 0 && inner * dims[axis]! < elements) inner *= dims[axis--]!;
  const size = dims[axis]!;
  const chunks = Math.ceil(size / Math.max(1, Math.min(size, Math.floor(elements / inner))));
  const step = axis === dims.length - 1 ? lanes : 1;
  const chunk = Math.min(size, Math.ceil(Math.ceil(size / chunks) / step) * step);
  const used = Math.ceil(size / chunk);
  return { axis, chunk, chunks: used, tasks: sizeOf(dims.slice(0, axis)) * used };
}

/** Elements of work for one task when an element costs `cost` multiply-adds: a power of two, so that tasks start aligned. */
export const elementsPerTask = (target: Target, cost: number): number =>
  2 ** Math.max(0, Math.round(Math.log2(target.elementsPerTask / Math.min(16, Math.max(1, cost / 16)))));
