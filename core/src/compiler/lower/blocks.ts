import { sizeOf } from "../../base/shape.ts";
import type { Target } from "../../render/target.ts";
import { type Contraction, extentOf } from "./contraction.ts";

/** How one contraction is cut into tasks, blocks and tiles. All sizes in elements. */
export interface Blocks {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** Rows of one task, a multiple of the tile's. */
  readonly rowBlock: number;
  readonly rowBlocks: number;
  /** Columns of one task, a multiple of the tile's. */
  readonly columnBlock: number;
  readonly columnBlocks: number;
  /** Panels of the right operand in all. */
  readonly panels: number;
  readonly sum: SumBlocks;
  /** Parts of the sum that are tasks of their own and are added afterwards; 1 when the sum is whole. */
  readonly splits: number;
  /** Depth blocks in each part. */
  readonly blocksPerSplit: number;
}

/** Depth blocks: `chunk` steps of loop `axis` and all of the loops inside it; the loops outside it count blocks. */
export interface SumBlocks {
  readonly dims: readonly number[];
  readonly axis: number;
  readonly chunk: number;
  readonly chunks: number;
  /** Product of the loops inside `axis`. */
  readonly inner: number;
  /** Depth blocks in all. */
  readonly count: number;
}

/** Tasks that a contraction should have at least, where the target says nothing; independent of how many threads there are. */
const usualTasks = 8;
/** A sum is only split into parts of at least this many depth blocks. */
const leastBlocksPerSplit = 2;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Blocks for loops `sumDims` over the sum. */
export function chooseBlocks(contraction: Contraction, sumDims: readonly number[], target: Target): Blocks {
  const [batch, rows, columns] = [contraction.batch, contraction.rows, contraction.columns].map(extentOf) as [
    number,
    number,
    number,
  ];
  const { tile, leastTasks = usualTasks } = target;
  const sum = blockSum(sumDims, target.depthBlock);
  let rowBlock = evenBlock(rows, target.rowBlock, tile.rows);
  let columnBlock = evenBlock(columns, target.columnBlock, tile.columns);
  const tasksOf = (): number => batch * Math.ceil(rows / rowBlock) * Math.ceil(columns / columnBlock);

  // Too few tasks: a long sum is split (of a whole node: its parts are added everywhere), else the blocks shrink.
  const possible = contraction.place === undefined ? Math.floor(sum.count / leastBlocksPerSplit) : 1;
  const splits = tasksOf() < leastTasks && possible >= 2 ? Math.min(possible, Math.ceil(leastTasks / tasksOf())) : 1;
  const blocksPerSplit = Math.ceil(sum.count / splits);
  if (splits === 1) {
    while (tasksOf() < leastTasks && rowBlock > 2 * tile.rows) rowBlock = roundUp(rowBlock / 2, tile.rows);
    while (tasksOf() < leastTasks && columnBlock > 2 * tile.columns)
      columnBlock = roundUp(columnBlock / 2, tile.columns);
  }
  return {
    batch,
    rows,
    columns,
    depth: sizeOf(sumDims),
    rowBlock,
    rowBlocks: Math.ceil(rows / rowBlock),
    columnBlock,
    columnBlocks: Math.ceil(columns / columnBlock),
    panels: Math.ceil(columns / tile.columns),
    sum,
    splits: Math.ceil(sum.count / blocksPerSplit),
    blocksPerSplit,
  };
}

/** The block size, at most `largest` and a multiple of `tile`, that cuts `size` into equal parts. */
function evenBlock(size: number, largest: number, tile: number): number {
  const count = Math.ceil(size / Math.max(tile, largest));
  return roundUp(Math.ceil(size / count), tile);
}

function blockSum(dims: readonly number[], depthBlock: number): SumBlocks {
  let axis = dims.length - 1;
  let inner = 1;
  while (axis > 0 && inner * dims[axis]! <= depthBlock) inner *= dims[axis--]!;
  const size = dims[axis]!;
  const chunks = Math.ceil(size / Math.max(1, Math.min(size, Math.floor(depthBlock / inner))));
  const chunk = Math.ceil(size / chunks);
  const used = Math.ceil(size / chunk);
  return { dims, axis, chunk, chunks: used, inner, count: sizeOf(dims.slice(0, axis)) * used };
}
