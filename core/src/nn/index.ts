import { Activation } from "./activation.ts";
import type { Activation as ActivationFunction, ActivationName } from "./activations.ts";
import { Conv1D, Conv2D, Conv3D, type ConvOptions } from "./conv.ts";
import { Dense, type DenseOptions } from "./dense.ts";
import { DropMask } from "./dropMask.ts";
import { Dropout } from "./dropout.ts";
import { Embedding, type EmbeddingOptions } from "./embedding.ts";
import { input } from "./input.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import { Add, Concatenate, type ConcatenateOptions } from "./merging.ts";
import {
  BatchNormalization,
  type BatchNormalizationOptions,
  LayerNormalization,
  type NormalizationOptions,
} from "./normalization.ts";
import {
  AveragePooling2D,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  type GlobalPoolingOptions,
  MaxPooling2D,
  type PoolingOptions,
} from "./pooling.ts";
import {
  Bidirectional,
  type BidirectionalOptions,
  type Cell,
  GRU,
  GRUCell,
  type GRUCellOptions,
  type GRUOptions,
  LSTM,
  LSTMCell,
  type LSTMCellOptions,
  type LSTMOptions,
  type RecurrentPattern,
  RNN,
  type RNNOptions,
  SimpleRNN,
  SimpleRNNCell,
  type SimpleRNNCellOptions,
  type SimpleRNNOptions,
  StackedRNNCells,
  TimeDistributed,
} from "./recurrent/index.ts";
import { Flatten, Reshape } from "./reshaping.ts";

type Sizes = number | readonly number[];

/** Every layer by its Keras name: `layers.dense(64, { activation: "relu" })`. */
export const layers = {
  input,
  dense: <Units extends number>(units: Units, options?: DenseOptions) => new Dense(units, options),
  conv1d: (filters: number, kernelSize: Sizes, options?: ConvOptions) => new Conv1D(filters, kernelSize, options),
  conv2d: (filters: number, kernelSize: Sizes, options?: ConvOptions) => new Conv2D(filters, kernelSize, options),
  conv3d: (filters: number, kernelSize: Sizes, options?: ConvOptions) => new Conv3D(filters, kernelSize, options),
  maxPooling2d: (poolSize?: Sizes, options?: PoolingOptions) => new MaxPooling2D(poolSize, options),
  averagePooling2d: (poolSize?: Sizes, options?: PoolingOptions) => new AveragePooling2D(poolSize, options),
  globalAveragePooling2d: (options?: GlobalPoolingOptions) => new GlobalAveragePooling2D(options),
  globalMaxPooling2d: (options?: GlobalPoolingOptions) => new GlobalMaxPooling2D(options),
  flatten: (options?: LayerOptions) => new Flatten(options),
  reshape: (targetShape: readonly number[], options?: LayerOptions) => new Reshape(targetShape, options),
  activation: (activation: ActivationName | ActivationFunction, options?: LayerOptions) =>
    new Activation(activation, options),
  dropout: (rate: number, options?: LayerOptions) => new Dropout(rate, options),
  batchNormalization: (options?: BatchNormalizationOptions) => new BatchNormalization(options),
  layerNormalization: (options?: NormalizationOptions) => new LayerNormalization(options),
  embedding: <Mask extends boolean = false>(inputDim: number, outputDim: number, options?: EmbeddingOptions<Mask>) =>
    new Embedding<Mask>(inputDim, outputDim, options),
  dropMask: (options?: LayerOptions) => new DropMask(options),
  rnn: <Sequences extends boolean = false, State extends boolean = false>(
    cell: Cell,
    options?: RNNOptions<Sequences, State>,
  ) => new RNN<Sequences, State>(cell, options),
  simpleRnn: <Sequences extends boolean = false, State extends boolean = false>(
    units: number,
    options?: SimpleRNNOptions<Sequences, State>,
  ) => new SimpleRNN<Sequences, State>(units, options),
  lstm: <Sequences extends boolean = false, State extends boolean = false>(
    units: number,
    options?: LSTMOptions<Sequences, State>,
  ) => new LSTM<Sequences, State>(units, options),
  gru: <Sequences extends boolean = false, State extends boolean = false>(
    units: number,
    options?: GRUOptions<Sequences, State>,
  ) => new GRU<Sequences, State>(units, options),
  simpleRnnCell: (units: number, options?: SimpleRNNCellOptions) => new SimpleRNNCell(units, options),
  lstmCell: (units: number, options?: LSTMCellOptions) => new LSTMCell(units, options),
  gruCell: (units: number, options?: GRUCellOptions) => new GRUCell(units, options),
  stackedRnnCells: (cells: readonly Cell[], options?: LayerOptions) => new StackedRNNCells(cells, options),
  bidirectional: (layer: RecurrentPattern, options?: BidirectionalOptions) => new Bidirectional(layer, options),
  timeDistributed: (layer: Layer, options?: LayerOptions) => new TimeDistributed(layer, options),
  add: (options?: LayerOptions) => new Add(options),
  concatenate: (options?: ConcatenateOptions) => new Concatenate(options),
} as const;

export * from "./activations.ts";
export type { Described } from "./catalogue.ts";
export { classes } from "./classes.ts";
export { type Constraint, type ConstraintName, constraints } from "./constraints.ts";
export { type CallContext, contextNow, inContext } from "./context.ts";
export { describeLayer, type LayerDescription } from "./describe.ts";
export * as fields from "./fieldKinds.ts";
export { type Field, type Fields, field, type GivenOf, shorten, type ValuesOf } from "./fields.ts";
export { heldBy } from "./held.ts";
export * from "./initializers.ts";
export { entry, InputLayer, type InputOptions, input } from "./input.ts";
export {
  type Config,
  type Inputs,
  Layer,
  type LayerClass,
  type LayerOptions,
  type Masking,
  type Outputs,
  type Variables,
} from "./layer.ts";
export * from "./losses/index.ts";
export { Masked, masked, maskOf, valuesOf } from "./masked.ts";
export * from "./metrics/index.ts";
export { clearSession, uniqueName } from "./names.ts";
export * from "./recurrent/index.ts";
export { fromConfig, makeLayer, registerFunction, registerLayer } from "./registry.ts";
export { type Regularizer, type RegularizerName, regularizers } from "./regularizers.ts";
export * from "./structure.ts";
export { isSymbolic, type LayerCall, type OpenShape, printOpenShape, SymbolicTensor } from "./symbolic.ts";
export { callSymbolically } from "./symbolicCall.ts";
export type { ConvOptions, EmbeddingOptions, NormalizationOptions, PoolingOptions };
export {
  Activation,
  Add,
  AveragePooling2D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv2D,
  Conv3D,
  Dense,
  DropMask,
  Dropout,
  Embedding,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  LayerNormalization,
  MaxPooling2D,
  Reshape,
};
