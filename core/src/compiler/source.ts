import type { Node } from "../graph/node.ts";
import type { Plan, Program } from "../kernel/plan.ts";
import type { RowLoop } from "./scan/rowLoop.ts";

/** A program on its way through the graph passes. Taps are outputs beyond the program's own. */
export interface Source {
  readonly program: Program;
  readonly taps: Plan["taps"];
  /** The scans that run whole inside of kernels; the others become loops of launches. */
  readonly rowLoops: ReadonlyMap<Node, RowLoop>;
}
