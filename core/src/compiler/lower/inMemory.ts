import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { toLinear } from "../../kernel/linear.ts";
import type { Target } from "../../render/target.ts";
import type { Temporary } from "../cluster.ts";
import { type Axis, type Contraction, extentOf, indexAxes } from "./contraction.ts";
import { KernelBuilder } from "./kernel.ts";
import type { LeftLayout } from "./leftBlock.ts";
import type { Work } from "./roots.ts";
import { Values } from "./value.ts";

/**
 * The right operand as tiles read it: panels that a launch packed before, panels that each task packs for itself, or its own
 * memory with `step` elements between the steps of the sum.
 */
export type Right =
  | { readonly kind: "panels"; readonly panels: Temporary }
  | { readonly kind: "own" }
  | { readonly kind: "memory"; readonly step: number };

/** Panels side by side in memory that may be read unpacked: further apart, steps of the sum compete for places in the cache. */
const mostPanelsUnpacked = 2;
/** Elements between the steps of the sum (two cache lines) that are near for narrow panels, too. */
const alwaysNear = 32;

/** How tiles may read the right operand where it lies, or undefined: it must be whole panels wide, contiguous and unguarded. */
export function rightInMemory(work: Work, contraction: Contraction, { tile }: Target): Right | undefined {
  const { batch, sum, columns } = contraction;
  if (extentOf(columns) % tile.columns !== 0) return undefined;
  const strides = linearIn(work, contraction.right, [batch, sum, columns]);
  if (strides === undefined) return undefined;
  const [, step, contiguous] = strides as [number, number, number]; // three groups
  const near = step > 0 && step <= Math.max(mostPanelsUnpacked * tile.columns, alwaysNear);
  return contiguous === 1 && near ? { kind: "memory", step } : undefined;
}

/** Multiples of this distance, in elements, put all rows of a tile into few places of the first cache. */
const crowded = 512;
/** Elements between rows for which the addresses in a tile are surely small enough. */
const farthestRows = 1 << 20;

/** How tiles may read the left operand where it lies, where they read no row too many, or undefined: contiguous along the sum and unguarded. */
export function leftInMemory(work: Work, contraction: Contraction): LeftLayout | undefined {
  const { batch, rows, sum } = contraction;
  const strides = linearIn(work, contraction.left, [batch, rows, sum]);
  if (strides === undefined) return undefined;
  const [, row, step] = strides as [number, number, number]; // three groups
  const spread = row > 0 && row % crowded !== 0 && row <= farthestRows;
  return step === 1 && spread ? { row, step, rowDims: [] } : undefined;
}

/** Elements between neighbours along the flat index of each group, where the operand is a plain f32 load that is linear in them. */
function linearIn(
  work: Work,
  operand: Contraction["left"],
  groups: readonly (readonly Axis[])[],
): readonly number[] | undefined {
  const builder = new KernelBuilder(work.substitutes);
  const values = new Values(builder, work);
  const flat = groups.map((axes): Expr => builder.index("a", extentOf(axes)));
  const element = operand(
    values,
    indexAxes(
      values,
      groups.map((axes, i) => [axes, flat[i]!] as const),
    ),
  );
  if (element.kind !== "load" || element.dtype !== "f32") return undefined;
  const { terms } = toLinear(element.at);
  const factors = flat.map((variable) => terms.get(keyOf(variable))?.factor ?? 0);
  return terms.size === factors.filter((factor) => factor !== 0).length ? factors : undefined;
}
