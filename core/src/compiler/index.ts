export type * from "../kernel/plan.ts";
export type { Cluster, LoweredKernel, Temporary } from "./cluster.ts";
export { type CompileOptions, compile } from "./compile.ts";
export { inspectProgram } from "./inspect.ts";
export { verifyPasses } from "./laws.ts";
export { countLaunches, printPlan } from "./print.ts";
export { printGraph } from "./printGraph.ts";
export { verifyPlan } from "./verifyPlan.ts";
