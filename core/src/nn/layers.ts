import type { Tensor } from "../tensor/index.ts";
import { Activation } from "./activation.ts";
import * as activation from "./activationLayers.ts";
import type { Activation as ActivationFunction, ActivationName } from "./activations.ts";
import * as adaptive from "./adaptivePooling.ts";
import * as attention from "./attention/index.ts";
import { BatchNormalization, type BatchNormalizationOptions } from "./batchNormalization.ts";
import * as borders from "./borders.ts";
import * as conv from "./conv.ts";
import * as transpose from "./convTranspose.ts";
import { Dense, type DenseOptions } from "./dense.ts";
import * as depthwise from "./depthwise.ts";
import { Dot, type DotOptions } from "./dot.ts";
import { DropMask } from "./dropMask.ts";
import * as dropout from "./dropout.ts";
import { EinsumDense, type EinsumDenseOptions } from "./einsumDense.ts";
import { Embedding, type EmbeddingOptions } from "./embedding.ts";
import type { TensorFunction } from "./functions.ts";
import * as global from "./globalPooling.ts";
import type { Sizes } from "./images.ts";
import { input } from "./input.ts";
import { Identity, Lambda } from "./lambda.ts";
import type { Layer, LayerOptions } from "./layer.ts";
import { Masking, type MaskingOptions } from "./masking.ts";
import * as merging from "./merging.ts";
import * as noise from "./noise.ts";
import * as normalization from "./normalization.ts";
import * as pooling from "./pooling.ts";
import * as preprocessing from "./preprocessing/index.ts";
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
import * as reshaping from "./reshaping.ts";
import { ReversibleEmbedding, type ReversibleEmbeddingOptions } from "./reversibleEmbedding.ts";
import { SpectralNormalization, type SpectralNormalizationOptions } from "./spectralNormalization.ts";
import type { SymbolicTensor } from "./symbolic.ts";
import * as upSampling from "./upSampling.ts";

/** A maker of merging layers that also takes the tensors at once, as Keras's lower-case functions do. */
interface Merge<L, Options> {
  (options?: Options): L;
  (xs: readonly SymbolicTensor[], options?: Options): SymbolicTensor;
  (xs: readonly Tensor[], options?: Options): Tensor;
}

const merge = <L extends { invoke(xs: unknown): unknown }, Options>(
  make: (options?: Options) => L,
): Merge<L, Options> =>
  ((first?: Options | readonly unknown[], second?: Options): unknown =>
    Array.isArray(first) ? make(second).invoke(first) : make(first as Options | undefined)) as Merge<L, Options>; // as declared

type Border = ConstructorParameters<typeof borders.ZeroPadding2D>[0];

/** Every layer by its Keras name: `layers.dense(64, { activation: "relu" })`. */
export const layers = {
  input,

  // Core.
  dense: <Units extends number>(units: Units, options?: DenseOptions) => new Dense(units, options),
  einsumDense: (equation: string, outputShape: number | readonly (number | null)[], options?: EinsumDenseOptions) =>
    new EinsumDense(equation, outputShape, options),
  embedding: <Mask extends boolean = false>(inputDim: number, outputDim: number, options?: EmbeddingOptions<Mask>) =>
    new Embedding<Mask>(inputDim, outputDim, options),
  reversibleEmbedding: (inputDim: number, outputDim: number, options?: ReversibleEmbeddingOptions) =>
    new ReversibleEmbedding(inputDim, outputDim, options),
  lambda: (apply: TensorFunction | string, options?: LayerOptions) => new Lambda(apply, options),
  identity: (options?: LayerOptions) => new Identity(options),
  masking: (options?: MaskingOptions) => new Masking(options),
  dropMask: (options?: LayerOptions) => new DropMask(options),

  // Activations.
  activation: (activation: ActivationName | ActivationFunction, options?: LayerOptions) =>
    new Activation(activation, options),
  leakyRelu: (options?: activation.LeakyReLUOptions) => new activation.LeakyReLU(options),
  prelu: (options?: activation.PReLUOptions) => new activation.PReLU(options),
  elu: (options?: activation.ELUOptions) => new activation.ELU(options),
  relu: (options?: activation.ReLUOptions) => new activation.ReLU(options),
  softmax: (options?: activation.SoftmaxOptions) => new activation.Softmax(options),

  // Convolutions.
  conv1d: (filters: number, kernelSize: Sizes, options?: conv.ConvOptions) =>
    new conv.Conv1D(filters, kernelSize, options),
  conv2d: (filters: number, kernelSize: Sizes, options?: conv.ConvOptions) =>
    new conv.Conv2D(filters, kernelSize, options),
  conv3d: (filters: number, kernelSize: Sizes, options?: conv.ConvOptions) =>
    new conv.Conv3D(filters, kernelSize, options),
  conv1dTranspose: (filters: number, kernelSize: Sizes, options?: transpose.ConvTransposeOptions) =>
    new transpose.Conv1DTranspose(filters, kernelSize, options),
  conv2dTranspose: (filters: number, kernelSize: Sizes, options?: transpose.ConvTransposeOptions) =>
    new transpose.Conv2DTranspose(filters, kernelSize, options),
  conv3dTranspose: (filters: number, kernelSize: Sizes, options?: transpose.ConvTransposeOptions) =>
    new transpose.Conv3DTranspose(filters, kernelSize, options),
  depthwiseConv1d: (kernelSize: Sizes, options?: depthwise.DepthwiseConvOptions) =>
    new depthwise.DepthwiseConv1D(kernelSize, options),
  depthwiseConv2d: (kernelSize: Sizes, options?: depthwise.DepthwiseConvOptions) =>
    new depthwise.DepthwiseConv2D(kernelSize, options),
  separableConv1d: (filters: number, kernelSize: Sizes, options?: depthwise.SeparableConvOptions) =>
    new depthwise.SeparableConv1D(filters, kernelSize, options),
  separableConv2d: (filters: number, kernelSize: Sizes, options?: depthwise.SeparableConvOptions) =>
    new depthwise.SeparableConv2D(filters, kernelSize, options),

  // Pooling.
  maxPooling1d: (poolSize?: Sizes, options?: pooling.PoolingOptions) => new pooling.MaxPooling1D(poolSize, options),
  maxPooling2d: (poolSize?: Sizes, options?: pooling.PoolingOptions) => new pooling.MaxPooling2D(poolSize, options),
  maxPooling3d: (poolSize?: Sizes, options?: pooling.PoolingOptions) => new pooling.MaxPooling3D(poolSize, options),
  averagePooling1d: (poolSize?: Sizes, options?: pooling.PoolingOptions) =>
    new pooling.AveragePooling1D(poolSize, options),
  averagePooling2d: (poolSize?: Sizes, options?: pooling.PoolingOptions) =>
    new pooling.AveragePooling2D(poolSize, options),
  averagePooling3d: (poolSize?: Sizes, options?: pooling.PoolingOptions) =>
    new pooling.AveragePooling3D(poolSize, options),
  globalMaxPooling1d: (options?: global.GlobalPoolingOptions) => new global.GlobalMaxPooling1D(options),
  globalMaxPooling2d: (options?: global.GlobalPoolingOptions) => new global.GlobalMaxPooling2D(options),
  globalMaxPooling3d: (options?: global.GlobalPoolingOptions) => new global.GlobalMaxPooling3D(options),
  globalAveragePooling1d: (options?: global.GlobalPoolingOptions) => new global.GlobalAveragePooling1D(options),
  globalAveragePooling2d: (options?: global.GlobalPoolingOptions) => new global.GlobalAveragePooling2D(options),
  globalAveragePooling3d: (options?: global.GlobalPoolingOptions) => new global.GlobalAveragePooling3D(options),
  adaptiveMaxPooling1d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveMaxPooling1D(outputSize, options),
  adaptiveMaxPooling2d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveMaxPooling2D(outputSize, options),
  adaptiveMaxPooling3d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveMaxPooling3D(outputSize, options),
  adaptiveAveragePooling1d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveAveragePooling1D(outputSize, options),
  adaptiveAveragePooling2d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveAveragePooling2D(outputSize, options),
  adaptiveAveragePooling3d: (outputSize: Sizes, options?: LayerOptions) =>
    new adaptive.AdaptiveAveragePooling3D(outputSize, options),

  // Normalization.
  batchNormalization: (options?: BatchNormalizationOptions) => new BatchNormalization(options),
  layerNormalization: (options?: normalization.LayerNormalizationOptions) =>
    new normalization.LayerNormalization(options),
  groupNormalization: (options?: normalization.GroupNormalizationOptions) =>
    new normalization.GroupNormalization(options),
  rmsNormalization: (options?: normalization.RMSNormalizationOptions) => new normalization.RMSNormalization(options),
  unitNormalization: (options?: normalization.UnitNormalizationOptions) => new normalization.UnitNormalization(options),
  spectralNormalization: (layer: Layer, options?: SpectralNormalizationOptions) =>
    new SpectralNormalization(layer, options),

  // Regularization.
  dropout: (rate: number, options?: dropout.DropoutOptions) => new dropout.Dropout(rate, options),
  spatialDropout1d: (rate: number, options?: dropout.SpatialDropoutOptions) =>
    new dropout.SpatialDropout1D(rate, options),
  spatialDropout2d: (rate: number, options?: dropout.SpatialDropoutOptions) =>
    new dropout.SpatialDropout2D(rate, options),
  spatialDropout3d: (rate: number, options?: dropout.SpatialDropoutOptions) =>
    new dropout.SpatialDropout3D(rate, options),
  gaussianDropout: (rate: number, options?: noise.GaussianDropoutOptions) => new noise.GaussianDropout(rate, options),
  gaussianNoise: (stddev: number, options?: noise.GaussianNoiseOptions) => new noise.GaussianNoise(stddev, options),
  alphaDropout: (rate: number, options?: noise.AlphaDropoutOptions) => new noise.AlphaDropout(rate, options),
  activityRegularization: (options?: noise.ActivityRegularizationOptions) => new noise.ActivityRegularization(options),

  // Reshaping.
  flatten: (options?: LayerOptions) => new reshaping.Flatten(options),
  reshape: (targetShape: readonly number[], options?: LayerOptions) => new reshaping.Reshape(targetShape, options),
  permute: (dims: readonly number[], options?: LayerOptions) => new reshaping.Permute(dims, options),
  repeatVector: (n: number, options?: LayerOptions) => new reshaping.RepeatVector(n, options),
  cropping1d: (cropping?: Border, options?: LayerOptions) => new borders.Cropping1D(cropping, options),
  cropping2d: (cropping?: Border, options?: LayerOptions) => new borders.Cropping2D(cropping, options),
  cropping3d: (cropping?: Border, options?: LayerOptions) => new borders.Cropping3D(cropping, options),
  zeroPadding1d: (padding?: Border, options?: LayerOptions) => new borders.ZeroPadding1D(padding, options),
  zeroPadding2d: (padding?: Border, options?: LayerOptions) => new borders.ZeroPadding2D(padding, options),
  zeroPadding3d: (padding?: Border, options?: LayerOptions) => new borders.ZeroPadding3D(padding, options),
  upSampling1d: (size?: Sizes, options?: LayerOptions) => new upSampling.UpSampling1D(size, options),
  upSampling2d: (size?: Sizes, options?: upSampling.UpSampling2DOptions) => new upSampling.UpSampling2D(size, options),
  upSampling3d: (size?: Sizes, options?: LayerOptions) => new upSampling.UpSampling3D(size, options),

  // Attention.
  multiHeadAttention: (numHeads: number, keyDim: number, options?: attention.MultiHeadAttentionOptions) =>
    new attention.MultiHeadAttention(numHeads, keyDim, options),
  groupQueryAttention: (
    headDim: number,
    numQueryHeads: number,
    numKeyValueHeads: number,
    options?: attention.GroupQueryAttentionOptions,
  ) => new attention.GroupQueryAttention(headDim, numQueryHeads, numKeyValueHeads, options),
  attention: (options?: attention.AttentionOptions) => new attention.Attention(options),
  additiveAttention: (options?: attention.AdditiveAttentionOptions) => new attention.AdditiveAttention(options),
  rotaryEmbedding: (options?: attention.RotaryEmbeddingOptions) => new attention.RotaryEmbedding(options),

  // Recurrent.
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

  // Preprocessing.
  normalization: (options?: preprocessing.NormalizationOptions) => new preprocessing.Normalization(options),
  rescaling: (scale: number | readonly number[], options?: preprocessing.RescalingOptions) =>
    new preprocessing.Rescaling(scale, options),
  discretization: (options?: preprocessing.DiscretizationOptions) => new preprocessing.Discretization(options),
  categoryEncoding: (numTokens: number, options?: preprocessing.CategoryEncodingOptions) =>
    new preprocessing.CategoryEncoding(numTokens, options),
  hashing: (numBins: number, options?: preprocessing.HashingOptions) => new preprocessing.Hashing(numBins, options),
  stringLookup: (options?: preprocessing.StringLookupOptions) => new preprocessing.StringLookup(options),
  integerLookup: (options?: preprocessing.IntegerLookupOptions) => new preprocessing.IntegerLookup(options),
  textVectorization: (options?: preprocessing.TextVectorizationOptions) => new preprocessing.TextVectorization(options),

  // Merging: layers, or at once what they make of a list, `layers.add([x, y])`.
  add: merge((options?: LayerOptions) => new merging.Add(options)),
  subtract: merge((options?: LayerOptions) => new merging.Subtract(options)),
  multiply: merge((options?: LayerOptions) => new merging.Multiply(options)),
  average: merge((options?: LayerOptions) => new merging.Average(options)),
  maximum: merge((options?: LayerOptions) => new merging.Maximum(options)),
  minimum: merge((options?: LayerOptions) => new merging.Minimum(options)),
  concatenate: merge((options?: merging.ConcatenateOptions) => new merging.Concatenate(options)),
  dot: (axes: number | readonly number[], options?: DotOptions) => new Dot(axes, options),
} as const;
