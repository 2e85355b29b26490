import type { Target } from "../../render/target.ts";
import type { RowBlock } from "../scan/rowLoop.ts";

/** The machine as one task sees it that computes `block`. */
export const blockTarget = (_block: RowBlock, target: Target): Target => target;
