export * as build from "./build.ts";
export { interpretTask, type KernelMemory, runKernel } from "./interpret.ts";
export type * from "./ir.ts";
export { keyOf, structureOf } from "./key.ts";
export { printExpr, printKernel } from "./print.ts";
export { IndexSpace, type Interval } from "./space.ts";
export { verifyKernel } from "./verify.ts";
