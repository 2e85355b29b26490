import type { Plan, Program } from "../kernel/plan.ts";

/** A program on its way through the graph passes. Taps are outputs beyond the program's own. */
export interface Source {
  readonly program: Program;
  readonly taps: Plan["taps"];
}
