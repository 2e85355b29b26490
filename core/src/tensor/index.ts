export { defaultDevice, deviceReport, type DeviceReport, setDevice, setThreads } from "../device/select.ts";
export { type EngineStatistics, engineStatistics } from "../engine/index.ts";
export { At, type AtItem } from "./at.ts";
export { arange, asTensor, eye, full, fullLike, linspace, ones, onesLike, tensor, type TensorOptions, zeros, zerosLike } from "./create.ts";
export * from "./elementwise.ts";
export { randomState, setRandomSeed } from "./generator.ts";
export { inspect } from "./inspect.ts";
export { type AnyFunction, jit, type Jitted, type JitOptions } from "./jit.ts";
export type { DTypeIn, Fits, ShapeIn, TensorLike } from "./like.ts";
export * from "./neural.ts";
export * as random from "./random.ts";
export type { Key } from "./random.ts";
export * from "./reduction.ts";
export * from "./shaping.ts";
export { type ReduceOptions, type Source, Tensor } from "./tensor.ts";
export {
  cond,
  customGradient,
  grad,
  type GradOf,
  type GradOptions,
  type GradsOf,
  remat,
  scan,
  type ScanOptions,
  type Step,
  stopGradient,
  valueAndGrad,
  type ValueAndGradOptions,
} from "./transform.ts";
export { type Flat, flatten, type Place } from "./tree.ts";
export type * from "./types.ts";
export { type Initializer, Variable, variable, type VariableOptions } from "./variable.ts";
