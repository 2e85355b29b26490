import { isFloat } from "../../base/dtype.ts";
import { InternalError } from "../../base/errors.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { cast, int } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { toLinear } from "../../kernel/linear.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { IndexSpace } from "../../kernel/space.ts";
import type { Target } from "../../render/target.ts";
import { KernelBuilder } from "./kernel.ts";
import { convInput, type Pull } from "./reducer.ts";
import type { Work } from "./roots.ts";
import { Values } from "./value.ts";

/** One loop of a contraction. */
export interface Axis {
  readonly name: string;
  readonly extent: number;
}

/** Which index each axis has. */
export type AxisIndex = (axis: Axis) => Expr;

/** A contract or conv as a batch of matrix products: `out[batch, rows, columns] = Σ_sum left[batch, rows, sum] · right[batch, sum, columns]`. */
export interface Contraction {
  readonly node: Node;
  readonly batch: readonly Axis[];
  readonly rows: readonly Axis[];
  readonly columns: readonly Axis[];
  readonly sum: readonly Axis[];
  /** The axes of the node's shape, in order. */
  readonly out: readonly Axis[];
  /** Where an index of an axis lies in the node's shape, when only a part of the node is computed. */
  readonly place?: (space: IndexSpace, axis: Axis) => (index: Expr) => Expr;
  /** Elements of the operands, as f32. */
  readonly left: (pull: Pull, at: AxisIndex) => Expr;
  readonly right: (pull: Pull, at: AxisIndex) => Expr;
}

export const extentOf = (axes: readonly Axis[]): number => axes.reduce((product, { extent }) => product * extent, 1);
export const extentsOf = (axes: readonly Axis[]): number[] => axes.map(({ extent }) => extent);

/** Each axis' index, given one flat index a group of axes (row-major). */
export function indexAxes(pull: Pull, groups: readonly (readonly [readonly Axis[], Expr])[]): AxisIndex {
  const indices = new Map<Axis, Expr>();
  for (const [axes, flat] of groups) {
    for (const [i, index] of pull.space.unflatten(flat, extentsOf(axes)).entries()) indices.set(axes[i]!, index);
  }
  return (axis) => indices.get(axis) ?? int(0);
}

/** The contraction of a node, axes in the order that suits its operands' memory. */
export function contractionOf(work: Work, node: Node): Contraction {
  if (isOp(node, "contract")) return arrange(work, fromContract(node));
  if (isOp(node, "conv")) return arrange(work, fromConv(node));
  throw new InternalError(`lower: ${node.op} is no contraction`);
}

export function fromContract(node: Node<"contract">): Contraction {
  const { a, b, out } = node.attrs;
  const [x, y] = node.inputs as readonly [Node, Node];
  const axes = new Map<string, Axis>();
  for (const [i, label] of b.entries()) axes.set(label, { name: label, extent: y.shape[i]! });
  for (const [i, label] of a.entries()) axes.set(label, { name: label, extent: x.shape[i]! });
  const pick = (labels: readonly string[]): Axis[] => labels.map((label) => axes.get(label)!);
  return {
    node,
    batch: pick(out.filter((label) => a.includes(label) && b.includes(label))),
    rows: pick(out.filter((label) => !b.includes(label))),
    columns: pick(out.filter((label) => !a.includes(label))),
    sum: pick(a.filter((label) => !out.includes(label))),
    out: pick(out),
    left: (pull, at) => cast(pull.at(x, pick(a).map(at)), "f32"),
    right: (pull, at) => cast(pull.at(y, pick(b).map(at)), "f32"),
  };
}

function fromConv(node: Node<"conv">): Contraction {
  const [x, w] = node.inputs as readonly [Node, Node];
  const rank = node.attrs.stride.length;
  const axis = (name: string, extent: number): Axis => ({ name, extent });
  const n = axis("n", x.shape[0]!);
  const spatial = node.shape.slice(1, rank + 1).map((extent, i) => axis(`s${i}`, extent));
  const window = w.shape.slice(0, rank).map((extent, i) => axis(`w${i}`, extent));
  const group = axis("g", x.shape[rank + 1]!);
  const channel = axis("c", x.shape[rank + 2]!);
  const feature = axis("f", w.shape[rank + 2]!);
  return {
    node,
    batch: [group],
    rows: [n, ...spatial],
    columns: [feature],
    sum: [...window, channel],
    out: [n, ...spatial, group, feature],
    left: (pull, at) => {
      const out = [at(n), ...spatial.map(at), at(group), int(0)];
      return cast(convInput(pull, node, out, [...window.map(at), at(channel)]), "f32");
    },
    right: (pull, at) => cast(pull.at(w, [...window.map(at), at(group), at(channel), at(feature)]), "f32"),
  };
}

/** Rows and sums with what is contiguous in the left operand innermost. */
export function arrange(work: Work, contraction: Contraction): Contraction {
  const left = strides(work, contraction, contraction.left);
  const right = strides(work, contraction, contraction.right);
  const byStride = (stride: ReadonlyMap<Axis, number>) => (a: Axis, b: Axis) => stride.get(b)! - stride.get(a)!;
  return {
    ...contraction,
    rows: [...contraction.rows].sort(byStride(left)),
    sum: [...contraction.sum].sort((a, b) => byStride(left)(a, b) || byStride(right)(a, b)),
  };
}

/** Elements between neighbours along each axis in the memory that an operand is read from; 0 where it does not vary. */
export function strides(
  work: Work,
  { batch, rows, columns, sum }: Contraction,
  operand: Contraction["left"],
): Map<Axis, number> {
  const builder = new KernelBuilder();
  const axes = [...batch, ...rows, ...columns, ...sum];
  const variables = new Map(axes.map((axis) => [axis, builder.index("a", axis.extent)]));
  const factors = new Map<string, number>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "load") {
      for (const { atom, factor } of toLinear(expr.at).terms.values()) {
        for (const name of indicesIn(atom)) factors.set(name, Math.max(factors.get(name) ?? 0, Math.abs(factor)));
      }
    }
    operandsOf(expr).forEach(visit);
  };
  visit(operand(new Values(builder, work), (axis) => (axis.extent === 1 ? int(0) : variables.get(axis)!)));
  return new Map(axes.map((axis) => [axis, factors.get((variables.get(axis) as { name: string }).name) ?? 0])); // an index
}

const indicesIn = (expr: Expr): string[] => (expr.kind === "index" ? [expr.name] : operandsOf(expr).flatMap(indicesIn));

/** The product the other way round: (A·B)ᵀ = Bᵀ·Aᵀ. */
export function transpose(work: Work, contraction: Contraction): Contraction {
  const { rows, columns, left, right } = contraction;
  return arrange(work, {
    ...contraction,
    rows: columns,
    columns: inOrder(contraction.out, rows),
    left: right,
    right: left,
  });
}

const inOrder = (order: readonly Axis[], axes: readonly Axis[]): Axis[] => order.filter((axis) => axes.includes(axis));

/** Below this many multiply-adds in all, or in one product of a batch, plain loops are as good. */
const leastProducts = 8192;
const leastProductsEach = 2048;
const leastRows = 4;
const leastDepth = 4;

/** Whether packing and register tiles pay for a contraction. */
export function suitsEngine({ node, batch, rows, columns, sum }: Contraction, { tile }: Target): boolean {
  const [m, n, k] = [extentOf(rows), extentOf(columns), extentOf(sum)];
  const each = m * n * k;
  return (
    isFloat(node.dtype) &&
    Math.min(m, n) >= Math.min(leastRows, tile.rows) &&
    k >= leastDepth &&
    each >= leastProductsEach &&
    each * extentOf(batch) >= leastProducts
  );
}
