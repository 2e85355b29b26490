export { type ApproximateOp, accuracyPoints, approximateOps, ulpsFrom, worstOf } from "./accuracy.ts";
export { fromBytes, type HostArray, hostArray, rounded, roundTo, toBytes } from "./hostArray.ts";
export { evaluate, interpret, reference } from "./interpret.ts";
export { threefry } from "./random.ts";
export type { ReferenceRule } from "./rule.ts";
export {
  assertClose,
  type ConformanceRow,
  conformanceSamples,
  type JoinedSamples,
  joinSamples,
  type Sample,
  samples,
  type Tolerance,
} from "./samples.ts";
