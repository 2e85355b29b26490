export * as build from "./build.ts";
export * from "./describe.ts";
export { inferNode, resultsOf, type TensorType } from "./infer.ts";
export * from "./node.ts";
export * from "./primitives.ts";
export { bodiesOf, printGraph } from "./print.ts";
export { regionOf, substitute } from "./substitute.ts";
export { verifyGraph } from "./verify.ts";
export * from "./walk.ts";
