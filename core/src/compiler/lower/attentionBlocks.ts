import type { Target } from "../../render/target.ts";
import type { AttentionPlan } from "./attentionPlan.ts";

/** How an attention is cut into tasks and blocks. All sizes in elements. */
export interface AttentionBlocks {
  /** Rows of a block, a multiple of the tile's. */
  readonly rowBlock: number;
  /** Blocks along the row axis, and in all. */
  readonly perAxis: number;
  readonly count: number;
  /** Tasks for one batch. */
  readonly parts: number;
  /** Elements between rows of a block in scratch memory. */
  readonly pitch: number;
}

/** Tasks that an attention should have at least, so that several threads find work; independent of how many there are. */
export const leastTasks = 8;
/** Bytes of scores and of what they become that a block of rows should not exceed: the share of them in the L2 cache. */
const blockBytes = 256 * 1024;
/** Rows of a block beyond which tiles gain little, and scores leave caches that are smaller than the usual. */
const mostRows = 64;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

export function attentionBlocks(plan: AttentionPlan, { tile, vectorLanes }: Target): AttentionBlocks {
  const { batch, rows, columns, rowAxis, scores, wide } = plan;
  const pitch = roundUp(Math.max(roundUp(columns, tile.columns), roundUp(columns, tile.rows)), vectorLanes);
  const fitting = Math.floor(blockBytes / (4 * pitch * (scores.length + wide.length)));
  const most = Math.max(tile.rows, Math.min(mostRows, fitting));
  const perAxis = Math.ceil(rowAxis / most);
  const rowBlock = roundUp(Math.ceil(rowAxis / perAxis), tile.rows);
  const blocksPerAxis = Math.ceil(rowAxis / rowBlock);
  const count = (rows / rowAxis) * blocksPerAxis;
  const parts = Math.min(count, Math.ceil(leastTasks / batch));
  return { rowBlock, perAxis: blocksPerAxis, count, parts: Math.ceil(count / Math.ceil(count / parts)), pitch };
}
