import { range, sizeOf } from "../../base/shape.ts";
import { isOp } from "../../graph/node.ts";
import type { Target } from "../../render/target.ts";
import { type Contraction, extentOf } from "./contraction.ts";

/** How one contraction is cut into tasks, blocks and tiles. All sizes in elements. */
export interface Blocks {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** The register tile: at most the target's rows, and its columns. */
  readonly tile: { readonly rows: number; readonly columns: number };
  /** Rows of one task; of the last one fewer, unless they are `even`. */
  readonly rowBlock: number;
  readonly rowBlocks: number;
  /** Whether all tasks have as many rows: then the last tile of each is as high as what is left, and none is padded. */
  readonly even: boolean;
  /** Rows of the last tile in a whole block. */
  readonly lastRows: number;
  /** Rows that a task computes: `rowBlock`, up to a whole tile when it is padded. */
  readonly height: number;
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
  /** Whether each task packs the panels that it needs for itself, instead of a launch before it for all. */
  readonly own: boolean;
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

/** Which operands must be copied before tiles can read them; "kept": by an earlier run. */
export interface Copies {
  readonly left: boolean;
  readonly right: boolean | "kept";
}

/** Rows, columns and steps from which on a product of matrices is large. */
const leastLarge = 256;

/** The target with the blocks that suit the size of the product. */
export function fitted({ node, rows, columns, sum }: Contraction, target: Target): Target {
  const large = isOp(node, "contract") && [rows, columns, sum].every((axes) => extentOf(axes) >= leastLarge);
  return large ? { ...target, ...target.largeBlocks } : target;
}

/** Blocks for loops `sumDims` over the sum. */
export function chooseBlocks(
  contraction: Contraction,
  sumDims: readonly number[],
  target: Target,
  copies: Copies,
): Blocks {
  const [batch, rows, columns] = [contraction.batch, contraction.rows, contraction.columns].map(extentOf) as [
    number,
    number,
    number,
  ];
  const { leastTasks = usualTasks } = target;
  const sum = blockSum(sumDims, target.depthBlock);
  const depth = sizeOf(sumDims);

  // Too few tasks of full size: smaller ones, or a long sum is split (of a whole node: its parts are added everywhere).
  const whole = batch * Math.ceil(rows / target.rowBlock) * Math.ceil(columns / target.columnBlock);
  const possible = contraction.place === undefined ? Math.floor(sum.count / leastBlocksPerSplit) : 1;
  const most = whole < leastTasks && possible >= 2 ? Math.min(possible, Math.ceil(leastTasks / whole)) : 1;
  const cuts = (most === 1 ? [1] : [1, most]).map((splits) => {
    const size = { batch: batch * splits, rows, columns, depth: depth / splits };
    const { cut, cycles } = cheapestBlocks(size, target, copies);
    return { splits, ...cut, cycles: cycles + (splits === 1 ? 0 : splits * batch * rows * columns * addedCycles) };
  });
  const { splits, rowBlock, columnBlock, own } = cuts.reduce((best, cut) => (cut.cycles < best.cycles ? cut : best));
  const blocksPerSplit = Math.ceil(sum.count / splits);
  const even = rows % rowBlock === 0;
  const tileRows = bestTile(rowBlock, even, target);
  const panelsUp = Math.ceil(rowBlock / tileRows);
  const lastRows = even ? rowBlock - (panelsUp - 1) * tileRows : tileRows;
  return {
    batch,
    rows,
    columns,
    depth,
    tile: { rows: tileRows, columns: target.tile.columns },
    rowBlock,
    rowBlocks: Math.ceil(rows / rowBlock),
    even,
    lastRows,
    height: (panelsUp - 1) * tileRows + lastRows,
    columnBlock,
    columnBlocks: Math.ceil(columns / columnBlock),
    panels: Math.ceil(columns / target.tile.columns),
    sum,
    splits: Math.ceil(sum.count / blocksPerSplit),
    blocksPerSplit,
    own,
  };
}

// What the cuts cost, in cycles: a model that only has to order them.

/** A step of the loop in a tile: its multiply-adds or its loads, two a cycle; never less than a multiply-add's latency. */
const stepCycles = (rows: number, vectors: number): number =>
  Math.max((rows * vectors) / 2, (rows + vectors) / 2, latency) + loopCycles;
const latency = 5;
const loopCycles = 0.75;
/**
 * Vectors a cycle that packing copies for the same core, for others, and for others through memory, where there are so many
 * panels; and that tiles wait for where they are not in the first cache.
 */
const copied = 1 / 12;
const shared = 1 / 20;
const sharedFar = 1 / 32;
const farElements = 2 ** 20;
const streamed = 1 / 2;
/** What a task and a launch cost themselves. */
const taskCycles = 1000;
const launchCycles = 10_000;
/** An element of a part of a sum: written to memory, and read again. */
const addedCycles = 1;
/** Numbers of threads for which tasks should come out even. */
const threadCounts = [2, 4, 8];

/** Cycles a step of the sum, for all tiles above each other in a block of `rowBlock` rows. */
function blockCycles(rowBlock: number, tileRows: number, even: boolean, vectors: number): number {
  const panels = Math.ceil(rowBlock / tileRows);
  const last = even ? rowBlock - (panels - 1) * tileRows : tileRows;
  return (panels - 1) * stepCycles(tileRows, vectors) + stepCycles(last, vectors);
}

/** The rows of the tile, at most the target's, that compute a block soonest. */
function bestTile(rowBlock: number, even: boolean, { tile, vectorLanes }: Target): number {
  const vectors = tile.columns / vectorLanes;
  const heights = range(tile.rows).map((fewer) => tile.rows - fewer);
  const cycles = (rows: number): number => blockCycles(rowBlock, rows, even, vectors);
  return heights.reduce((best, rows) => (cycles(rows) < cycles(best) ? rows : best));
}

interface Size {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

type Cut = Pick<Blocks, "rowBlock" | "columnBlock" | "own">;

/** Cuts tried beyond the fewest possible. */
const mostCuts = 16;

/** The block of a task, within the target's limits, with which the whole is done soonest. */
function cheapestBlocks(size: Size, target: Target, copies: Copies): { readonly cut: Cut; readonly cycles: number } {
  const cuts = target.leastTasks === 1 ? 1 : mostCuts;
  const blocksOf = (extent: number, largest: number, step: number): number[] => {
    const fewest = Math.ceil(extent / Math.max(step, largest));
    const sizes = range(cuts).map((more) => roundUp(Math.ceil(extent / (fewest + more)), step));
    return [...new Set(sizes)];
  };
  const packings = copies.right === true && target.leastTasks !== 1 ? [true, false] : [false];
  const choices = blocksOf(size.rows, target.rowBlock, 1).flatMap((rowBlock) =>
    blocksOf(size.columns, target.columnBlock, target.tile.columns).flatMap((columnBlock) =>
      packings.map((own): Cut => ({ rowBlock, columnBlock, own })),
    ),
  );
  const costs = choices.map((cut) => cyclesOf(size, cut, target, copies));
  const cycles = Math.min(...costs);
  return { cut: choices[costs.indexOf(cycles)]!, cycles };
}

/** Cycles of one thread for a contraction in such blocks, times what is lost when tasks do not come out even. */
function cyclesOf(size: Size, { rowBlock, columnBlock, own }: Cut, target: Target, copies: Copies): number {
  const { batch, rows, columns, depth } = size;
  const { tile, vectorLanes } = target;
  const even = rows % rowBlock === 0;
  const rowBlocks = Math.ceil(rows / rowBlock);
  const columnBlocks = Math.ceil(columns / columnBlock);
  const tasks = batch * rowBlocks * columnBlocks;
  const panels = Math.ceil(columns / tile.columns);
  const tileRows = bestTile(rowBlock, even, target);
  const tiles = rowBlocks * panels * blockCycles(rowBlock, tileRows, even, tile.columns / vectorLanes);
  const left = (rows * columnBlocks) / ((copies.left || !even ? copied : streamed) * vectorLanes);
  const vectors = columns / vectorLanes;
  const again = ((copies.right === "kept" ? rowBlocks : rowBlocks - 1) * vectors) / streamed;
  const far = batch * depth * columns > farElements;
  const packed = copies.right === true ? vectors / (far ? sharedFar : shared) : 0;
  const right = own ? (rowBlocks * vectors) / copied : packed + again;
  const launches = copies.right === true && !own ? 2 : 1;
  const cycles = batch * depth * (tiles + left + right) + tasks * taskCycles + launches * launchCycles;
  const uneven = threadCounts.map((threads) => (Math.ceil(tasks / threads) * threads) / tasks);
  return cycles * (uneven.reduce((sum, each) => sum + each, 0) / threadCounts.length);
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
