export { type Cached, dropHold, type EngineStatistics, engineStatistics } from "./cache.ts";
export { call, type Compiled, compiledFor } from "./call.ts";
export { Cell } from "./cell.ts";
export { countTensor, discountTensor, holderOf, hostLeaf, isLeaf, resolve } from "./leaf.ts";
export { drained, enqueue } from "./queue.ts";
export { prepare, realize } from "./realize.ts";
export { graphKey } from "./signature.ts";
export { readStorage, Storage } from "./storage.ts";
export {
  currentTrace,
  inBody,
  outsideTrace,
  readWhileTracing,
  recording,
  refusePromise,
  type Result,
  trace,
  type Traced,
  whileDifferentiating,
} from "./trace.ts";
