import { range, sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import type { Target } from "../../render/target.ts";
import type { RowBlock, RowLoop } from "../scan/rowLoop.ts";
import { termsOf } from "./reducer.ts";

/** Multiply-adds that must be under way at once: two units that take four cycles each. */
const latency = 8;

/**
 * The machine as one task sees it that computes a block of rows: nobody to share work with, and the register tile, of no more sums
 * than the machine's own, that wastes least on the block's products.
 */
export function blockTarget({ axes }: RowLoop, { rows, body }: RowBlock, target: Target): Target {
  const alone = { ...target, leastTasks: 1 };
  const products = [...axes].flatMap(([node, axis]) => {
    const made = body.of.get(node)!;
    return isOp(made, "contract") ? [{ columns: columnsOf(made, axis), depth: termsOf(made) }] : [];
  });
  if (products.length === 0) return alone;
  const { tile, vectorLanes } = target;
  const sums = (tile.rows * tile.columns) / vectorLanes;
  const tiles = range(Math.min(rows, tile.rows)).flatMap((row) =>
    range(Math.floor(sums / (row + 1))).map((vector) => ({ rows: row + 1, vectors: vector + 1 })),
  );
  const cost = (shape: { readonly rows: number; readonly vectors: number }): number => {
    // A step of the sum loads a vector for each column of the tile and a number for each row.
    const cycles = Math.max(shape.rows * shape.vectors, shape.rows + shape.vectors, latency);
    const panels = products.map(({ columns, depth }) => Math.ceil(columns / (shape.vectors * vectorLanes)) * depth);
    return Math.ceil(rows / shape.rows) * cycles * panels.reduce((a, b) => a + b);
  };
  // Of equals the one with more rows: it reads each panel less often.
  const best = tiles.reduce((a, b) => (cost(b) < cost(a) || (cost(b) === cost(a) && b.rows > a.rows) ? b : a));
  const shape = { rows: best.rows, columns: best.vectors * vectorLanes };
  const fits = (step: number, size: number): number => Math.ceil(size / step) * step;
  return {
    ...alone,
    tile: shape,
    rowBlock: fits(shape.rows, Math.max(rows, target.rowBlock)),
    columnBlock: fits(shape.columns, Math.max(...products.map(({ columns }) => columns), target.columnBlock)),
  };
}

/** Columns of a product whose result has its rows along `axis`: what the operand without rows adds. */
function columnsOf(node: Node<"contract">, axis: number): number {
  const { a, b, out } = node.attrs;
  const other = a.includes(out[axis]!) ? a : b;
  return sizeOf(node.shape.filter((_, index) => !other.includes(out[index]!)));
}
