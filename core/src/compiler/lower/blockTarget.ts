import { range, sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import type { Target } from "../../render/target.ts";
import type { RowBlock, RowLoop } from "../scan/rowLoop.ts";
import { termsOf } from "./reducer.ts";

/** Multiply-adds that must be under way at once: two units that take four cycles each. */
const latency = 8;

/** A product of the block's step, as the tiles see it. */
interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/**
 * The machine as one task sees it that computes a block of rows: nobody to share work with, and the register tile, of no more sums
 * than the machine's own, that wastes least on the block's products.
 */
export function blockTarget({ axes }: RowLoop, { body }: RowBlock, target: Target): Target {
  const alone = { ...target, leastTasks: 1 };
  const products = [...body.of].flatMap(([node, made]) =>
    isOp(made, "contract") ? [productOf(made, axes.get(node))] : [],
  );
  if (products.length === 0) return alone;
  const { tile, vectorLanes } = target;
  const sums = (tile.rows * tile.columns) / vectorLanes;
  const tallest = Math.min(tile.rows, Math.max(...products.map(({ rows }) => rows)));
  const tiles = range(tallest).flatMap((row) =>
    range(Math.floor(sums / (row + 1))).map((vector) => ({ rows: row + 1, vectors: vector + 1 })),
  );
  const cost = (shape: { readonly rows: number; readonly vectors: number }): number => {
    // A step of the sum loads a vector for each column of the tile and a number for each row.
    const cycles = Math.max(shape.rows * shape.vectors, shape.rows + shape.vectors, latency);
    const steps = products.map(
      ({ rows, columns, depth }) =>
        Math.ceil(rows / shape.rows) * Math.ceil(columns / (shape.vectors * vectorLanes)) * depth,
    );
    return cycles * steps.reduce((a, b) => a + b);
  };
  // Of equals the one with more rows: it reads each panel less often.
  const best = tiles.reduce((a, b) => (cost(b) < cost(a) || (cost(b) === cost(a) && b.rows > a.rows) ? b : a));
  const shape = { rows: best.rows, columns: best.vectors * vectorLanes };
  const fits = (step: number, size: number): number => Math.ceil(size / step) * step;
  return {
    ...alone,
    tile: shape,
    rowBlock: fits(shape.rows, Math.max(...products.map(({ rows }) => rows), target.rowBlock)),
    columnBlock: fits(shape.columns, Math.max(...products.map(({ columns }) => columns), target.columnBlock)),
  };
}

/** A product with the block's rows (along `axis`), or with its shorter side, as rows. */
function productOf(node: Node<"contract">, axis: number | undefined): Product {
  const { a, b, out } = node.attrs;
  const without = (labels: readonly string[]): number =>
    sizeOf(node.shape.filter((_, index) => !labels.includes(out[index]!)));
  const [left, right] = [without(b), without(a)];
  const isLeft = axis === undefined ? left <= right : a.includes(out[axis]!);
  return { rows: isLeft ? left : right, columns: isLeft ? right : left, depth: termsOf(node) };
}
