import type { Program } from "../kernel/plan.ts";
import type { Target } from "../render/target.ts";
import { type CompileOptions, compileStages } from "./compile.ts";
import { printPlan, printRegion } from "./print.ts";
import { printGraph } from "./printGraph.ts";

/** The graph, the kernels with the reason of each boundary, and the plan of `program`, as text. */
export function inspectProgram(program: Program, target: Target, options: CompileOptions = {}): string {
  const { simplified, region, plan } = compileStages(program, target, options);
  return [
    `# ${program.name}`,
    `## graph\n${printGraph(simplified.program.graph)}`,
    `## clusters\n${printRegion(region)}`,
    `## plan\n${printPlan(plan)}`,
  ].join("\n\n");
}
