export * from "./activation.ts";
export * from "./arithmetic.ts";
export * from "./assembling.ts";
export * from "./associative.ts";
export * from "./attention.ts";
export type { Axes } from "./axes.ts";
export * from "./bitwise.ts";
export { broadcast, broadcastShape, type Operand, requireFloat, strengthen, toNode } from "./broadcast.ts";
export * from "./compare.ts";
export * from "./cond.ts";
export * from "./conv.ts";
export * from "./create.ts";
export * from "./crossentropy.ts";
export * from "./diagonal.ts";
export * as distributions from "./distributions.ts";
export * from "./einsum.ts";
export * from "./elementary.ts";
export {
  cosh,
  erf,
  erfc,
  erfinv,
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sinh,
  tanh,
} from "./exponential.ts";
export * from "./framing.ts";
export * from "./image.ts";
export {
  gather,
  oneHot,
  scatterAdd,
  scatterMax,
  scatterSet,
  segmentSum,
  take,
  takeAlongAxis,
} from "./indexing.ts";
export { concatenate, repeat, roll, split, stack, tile, unstack } from "./joining.ts";
export * from "./linalg/index.ts";
export * from "./linear.ts";
export * from "./movement.ts";
export { type NormOptions, norm } from "./norm.ts";
export * from "./normalization.ts";
export * from "./order.ts";
export * from "./padding.ts";
export * from "./patches.ts";
export * from "./pool.ts";
export * as random from "./random.ts";
export * from "./reduce.ts";
export * from "./rounding.ts";
export * from "./sampling.ts";
export * from "./scan.ts";
export * from "./segments.ts";
export * from "./shrink.ts";
export * from "./slice.ts";
export type { Padding } from "./spatial.ts";
export * from "./statistics.ts";
export * from "./trigonometric.ts";
