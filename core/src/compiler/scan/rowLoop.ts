import { bytesPerElement } from "../../base/dtype.ts";
import { range, sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { flopsOf } from "../lower/roots.ts";
import { type BlockBody, bodyForRows } from "./blockBody.ts";
import { loopOf } from "./loop.ts";
import { type RowAxes, type Rows, rowsOf } from "./rowAxes.ts";

/** Tasks of one kernel: `count` blocks of `rows` rows each, from row `first` on, and the body for one block. */
export interface RowBlock {
  readonly first: number;
  readonly rows: number;
  readonly count: number;
  readonly body: BlockBody;
}

/** A scan that runs whole inside of kernels: each task takes some rows through all steps, and never waits for another. */
export interface RowLoop {
  /** Rows in all; 1 where the loop is one task with everything in it. */
  readonly rows: number;
  readonly axes: RowAxes;
  /** Equal blocks, then what is left. */
  readonly blocks: readonly RowBlock[];
}

/** Rows of a block: enough to use each weight several times, few enough that several threads find blocks. */
const [fewestRows, mostRows, wantedBlocks] = [4, 16, 4];
/** Multiply-adds of a step that one thread does in the time in which several could meet at a barrier or two. */
const mostAlone = 2 ** 20;
/** The same where the rows are mixed, so that the loop is one task. */
const mostMixed = 2 ** 17;
/** Bytes of constants (weights) that a core reads at every step from a cache that it has nearly to itself. */
const mostConstantBytes = 4 * 2 ** 20;
/** Bytes of what a task holds for itself. */
const mostScratchBytes = 2 ** 21;

/** How `scan` runs as rows, or undefined where a loop of launches is better, or the only way. */
export function rowLoopOf(scan: Node<"scan">): RowLoop | undefined {
  const { body, length } = scan.attrs;
  const nodes = reachable(body.outputs);
  if (length === 0 || nodes.some((node) => kindOf(node) === "structure" || sizeOf(node.shape) === 0)) return undefined;
  const flops = flopsOf(nodes);
  const rows = rowsOf(scan);
  if (rows === undefined) return flops > mostMixed ? undefined : rowLoop(scan, { count: 1, axes: new Map() }, [1]);
  const constants = loopOf(scan).constants.filter(({ inner }) => !rows.axes.has(inner));
  if (bytesOf(constants.map(({ inner }) => inner)) > mostConstantBytes) return undefined;
  const blocks = blocksOf(rows.count);
  if (blocks.length < wantedBlocks && flops > mostAlone) return undefined;
  return rowLoop(scan, rows, blocks);
}

function rowLoop(
  { attrs: { body } }: Node<"scan">,
  { count, axes }: Rows,
  sizes: readonly number[],
): RowLoop | undefined {
  const blocks: RowBlock[] = [];
  for (const rows of new Set(sizes)) {
    const first = sizes.indexOf(rows);
    blocks.push({
      first: first * sizes[0]!,
      rows,
      count: sizes.filter((size) => size === rows).length,
      body: bodyForRows(body, axes, rows),
    });
  }
  const held = [...blocks[0]!.body.of.values()].filter((node) => !["view", "source"].includes(kindOf(node)));
  return bytesOf(held) > mostScratchBytes ? undefined : { rows: count, axes, blocks };
}

/** The rows of each block: equal ones where the rows can be divided so, else a smaller one at the end. */
function blocksOf(rows: number): number[] {
  const wanted = Math.min(mostRows, Math.max(fewestRows, Math.ceil(rows / wantedBlocks)));
  const even = range(2 * wanted + 1).filter((size) => size * 2 >= wanted && size > 0 && rows % size === 0);
  const best = even.reduce((a, b) => (Math.abs(b - wanted) < Math.abs(a - wanted) ? b : a), even[0] ?? wanted);
  return range(Math.ceil(rows / best)).map((block) => Math.min(best, rows - block * best));
}

const bytesOf = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * bytesPerElement[dtype], 0);
