// The public API. Layers, initializers, losses, metrics and optimizers are grouped under one name each; tensors and
// operations are at the top, as in NumPy.

export type { DType } from "./base/dtype.ts";
export {
  ArgumentError,
  ChainruleError,
  DataError,
  DeviceError,
  DTypeError,
  InternalError,
  ShapeError,
  TraceError,
} from "./base/errors.ts";
export { type EventName, type Events, on } from "./base/events.ts";
export type { Shape } from "./base/shape.ts";
export { type DataLike, Dataset, type Examples, type NanPolicy, NdArray, ndarray } from "./data/index.ts";
export { datasets, type KnownOptions, padSequences, type Split, type Splits } from "./datasets/index.ts";
export * from "./model/index.ts";
export {
  type Activation,
  AnyLayer,
  accumulate,
  activations,
  type CallContext,
  type Constraint,
  clearSession,
  constraints,
  fields,
  fromConfig,
  InputLayer,
  type Inputs,
  initializers,
  input,
  Layer,
  type LayerOptions,
  Loss,
  type LossFunction,
  type LossOptions,
  layers,
  losses,
  Masked,
  Mean,
  Metric,
  type MetricFunction,
  type MetricOptions,
  maskOf,
  metrics,
  type Outputs,
  type Reduction,
  type Regularizer,
  registerFunction,
  registerLayer,
  registerLoss,
  registerMetric,
  regularizers,
  type rules,
  type Shaped,
  SymbolicTensor,
  sumOf,
  type Total,
  type Variables,
  valuesOf,
} from "./nn/index.ts";
export {
  type LbfgsOptions,
  type LbfgsResult,
  lbfgs,
  type Next,
  Optimizer,
  type OptimizerOptions,
  optimizers,
  type Present,
  registerOptimizer,
  registerSchedule,
  Schedule,
  type SlotRule,
  schedules,
} from "./optim/index.ts";
export * from "./tensor/index.ts";
export {
  type Callback,
  type CallbackState,
  type CompileOptions,
  callbacks,
  earlyStopping,
  type FitOptions,
  History,
  type Logs,
  type Position,
  type TrainingControl,
  terminateOnNaN,
} from "./train/index.ts";
