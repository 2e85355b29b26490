export { type Cached, dropHold, type EngineStatistics, engineStatistics } from "./cache.ts";
export { type Compiled, call, compileAhead, compiledFor } from "./call.ts";
export { Cell } from "./cell.ts";
export { cutChain } from "./depth.ts";
export { countTensor, discountTensor, holderOf, hostLeaf, isLeaf, resolve } from "./leaf.ts";
export { enqueue } from "./queue.ts";
export { prepare, realize } from "./realize.ts";
export { graphKey } from "./signature.ts";
export { readStorage, readStorageSync, Storage } from "./storage.ts";
export {
  currentTrace,
  inBody,
  outsideTrace,
  type Result,
  readWhileTracing,
  recording,
  refusePromise,
  type Traced,
  trace,
  whileDifferentiating,
} from "./trace.ts";
