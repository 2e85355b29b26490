export { type DeviceReport, defaultDevice, deviceReport, setDevice, setThreads } from "../device/select.ts";
export { type EngineStatistics, engineStatistics } from "../engine/index.ts";
export * from "./assembling.ts";
export { At, type AtItem } from "./at.ts";
export { type AttentionWatch, attentionWatch, watchAttention } from "./attentionWatch.ts";
export * from "./counted.ts";
export {
  arange,
  asTensor,
  eye,
  full,
  fullLike,
  linspace,
  type NdArrayLike,
  ones,
  onesLike,
  type TensorOptions,
  tensor,
  zeros,
  zerosLike,
} from "./create.ts";
export * from "./elementwise.ts";
export { randomSeed, randomState, setRandomSeed, withKey } from "./generator.ts";
export * from "./images.ts";
export { inspect } from "./inspect.ts";
export { type AnyFunction, type JitOptions, type Jitted, jit } from "./jit.ts";
export * from "./kaiser.ts";
export type { DTypeIn, Fits, ShapeIn, TensorLike } from "./like.ts";
export * from "./linalg.ts";
export * from "./loops.ts";
export * from "./neural.ts";
export * from "./numeric.ts";
export type { Key } from "./random.ts";
export * as random from "./random.ts";
export * from "./reduction.ts";
export * from "./shaping.ts";
export * from "./spectrum.ts";
export { type ReduceOptions, type Source, Tensor } from "./tensor.ts";
export {
  cond,
  customGradient,
  type GradOf,
  type GradOptions,
  type GradsOf,
  grad,
  remat,
  type ScanOptions,
  type Step,
  scan,
  stopGradient,
  type ValueAndGradOptions,
  valueAndGrad,
} from "./transform.ts";
export { type Flat, flatten, type Place } from "./tree.ts";
export type * from "./types.ts";
export { type Initializer, Variable, type VariableOptions, variable } from "./variable.ts";
export { type Vectorized, type VectorizeOptions, vectorize } from "./vectorize.ts";
