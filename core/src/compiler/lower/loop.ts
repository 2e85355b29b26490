import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import type { Expr } from "../../kernel/ir.ts";
import { toLinear } from "../../kernel/linear.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { type ColumnLoops, columnLoops, lowerColumns } from "./columns.ts";
import { KernelBuilder } from "./kernel.ts";
import { groupBySize, lowerMaps } from "./maps.ts";
import { planRows, type RowPlan } from "./plan.ts";
import { neededBy, reducersIn, type Work } from "./roots.ts";
import { lowerRows, probeRow, restOf } from "./rows.ts";

/** The kernels of a cluster of maps, views and reducers, computed by plain loops. */
export function lowerLoop(work: Work, target: Target): LoweredKernel[] {
  const roots = work.roots.filter((root) => sizeOf(root.shape) > 0);
  if (roots.length === 0) return [];
  const nodes = neededBy(roots, work);
  const plan = choosePlan({ ...work, roots }, nodes);
  if (plan === "maps") return groupBySize(roots).map((group) => lowerMaps({ ...work, roots: group }, target));
  if (plan === "separate") return lowerSeparately({ ...work, roots }, nodes, target);

  const apart = roots.filter((root) => plan.rowAxes.get(root) === undefined);
  const together = roots.filter((root) => plan.rowAxes.get(root) !== undefined);
  const rowWork = { ...work, roots: together };
  const columns = columnsIfBetter(rowWork, plan, target);
  const kernel =
    columns === undefined ? lowerRows(rowWork, plan, target) : lowerColumns(rowWork, plan, columns, target);
  return [kernel, ...(apart.length === 0 ? [] : lowerLoop({ ...work, roots: apart }, target))];
}

/** Whether one row-wise (or elementwise) kernel can compute the roots, and by which reducers. */
export function choosePlan(work: Work, nodes: readonly Node[]): RowPlan | "maps" | "separate" {
  const all = reducersIn(nodes, true);
  const large = reducersIn(nodes, false);
  if (all.length === 0) return "maps";
  const plan = planRows(work, all);
  // Small reducers are unrolled, several of them where that lets lanes run over what is contiguous (pooling over channels);
  // those that longer roots read are computed once a row.
  const unrolled =
    large.length === 0 &&
    work.roots.every((root) => sizeOf(root.shape) === sizeOf(all[0]!.shape)) &&
    (all.length === 1 || plan === undefined || keptStreams(work, plan));
  if (plan !== undefined && !unrolled && !isScattered(work, plan)) return plan;
  if (large.length === 0) return "maps";
  const rest = planRows(work, large);
  return rest === undefined || isScattered(work, rest) ? "separate" : rest;
}

/** Fewer rows than this cannot keep several threads busy. */
const fewRows = 8;
/** Roots of fewer elements are written in any order in less time than another launch takes. */
const manyElements = 32_768;

/** Whether writing a root row by row would jump through memory (the row is its innermost axis), or leave threads idle. */
function isScattered(work: Work, plan: RowPlan): boolean {
  return work.roots.some((root) => {
    const axes = plan.rowAxes.get(root);
    if (axes === undefined || sizeOf(root.shape) < manyElements || sizeOf(restOf(root, plan)) === 1) return false;
    const innermost = root.shape.findLastIndex((size) => size > 1);
    return plan.rows < fewRows || axes.includes(innermost);
  });
}

/** Reducers one after the other into temporaries, then the roots: correct for any cluster. */
function lowerSeparately(work: Work, nodes: readonly Node[], target: Target): LoweredKernel[] {
  const kernels: LoweredKernel[] = [];
  const stored = new Set(work.stored);
  const members = new Set(work.members);
  const substitutes = new Map(work.substitutes);
  for (const reducer of reducersIn(nodes, false)) {
    if (!work.roots.includes(reducer)) {
      const bytes = sizeOf(reducer.shape) * bytesPerElement[reducer.dtype];
      const temporary: Temporary = { kind: "temporary", name: "result", bytes };
      substitutes.set(reducer, temporary);
    }
    kernels.push(
      ...lowerLoop(
        { members: new Set(members), stored: new Set(stored), roots: [reducer], substitutes: new Map(substitutes) },
        target,
      ),
    );
    members.delete(reducer);
    stored.add(reducer);
  }
  const roots = work.roots.filter((root) => members.has(root) || !stored.has(root));
  return [...kernels, ...lowerLoop({ members, stored, roots, substitutes }, target)];
}

/** Column loops when the reducers read memory better that way. */
function columnsIfBetter(work: Work, plan: RowPlan, target: Target): ColumnLoops | undefined {
  const [first] = plan.reducers;
  const alike = plan.reducers.every(
    ({ reducer, level }) => level === 0 && reducer.extents.join() === first!.reducer.extents.join(),
  );
  if (!alike || plan.rows === 1 || work.roots.some((root) => sizeOf(restOf(root, plan)) !== 1)) return undefined;
  // Permuted reducers would need a flat row of their own each.
  const loops = columnLoops(work, plan);
  if (loops.kept.length === 0 || loops.reduced.length === 0) return undefined;
  const byRow = strided(work, plan, loops, "reduced");
  const byColumn = strided(work, plan, loops, "kept");
  const rowLength = loops.reduced.at(-1)!;
  const columnLength = loops.kept.at(-1)!;
  const tooShort = rowLength < target.vectorLanes && columnLength > rowLength;
  return byColumn < byRow || (byColumn === byRow && tooShort) ? loops : undefined;
}

/** Whether memory is read better along the innermost kept loop than along the innermost reduced one. */
function keptStreams(work: Work, plan: RowPlan): boolean {
  const shape = plan.reducers[0]!.reducer.extents.join();
  if (plan.reducers.some(({ reducer }) => reducer.extents.join() !== shape)) return false;
  const loops = columnLoops(work, plan);
  if (loops.kept.length === 0 || loops.reduced.length === 0) return false;
  return strided(work, plan, loops, "kept") < strided(work, plan, loops, "reduced");
}

/** How many loads of the terms jump when the innermost reduced or kept loop steps. */
function strided(work: Work, plan: RowPlan, { kept, reduced }: ColumnLoops, which: "kept" | "reduced"): number {
  const builder = new KernelBuilder();
  const { space } = builder;
  const outer = kept.map((extent) => builder.index("o", extent));
  const inner = reduced.map((extent) => builder.index("k", extent));
  const variable = (which === "kept" ? outer : inner).at(-1)!;
  const probe = probeRow(work, plan, (values) =>
    plan.reducers.map(({ reducer }) => {
      const at = space.unflatten(space.flatten(outer, kept), reducer.node.shape);
      return reducer.term(values, at, space.unflatten(space.flatten(inner, reduced), reducer.extents));
    }),
  );
  return stridedLoads(probe(builder, []), (variable as Extract<Expr, { kind: "index" }>).name); // `index` makes that kind
}

/** The number of distinct loads whose address moves by more than one element (or irregularly) with the index `name`. */
export function stridedLoads(exprs: readonly Expr[], name: string): number {
  const seen = new Set<Expr>();
  let count = 0;
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "load") {
      for (const { atom, factor } of toLinear(expr.at).terms.values()) {
        if (atom.kind === "index" ? atom.name === name && Math.abs(factor) !== 1 : mentions(atom, name)) count++;
      }
    }
    for (const child of operandsOf(expr)) visit(child);
  };
  for (const expr of exprs) visit(expr);
  return count;
}

const mentions = (expr: Expr, name: string): boolean =>
  expr.kind === "index" ? expr.name === name : operandsOf(expr).some((child) => mentions(child, name));
