import { Activation } from "./activation.ts";
import { ELU, LeakyReLU, PReLU, ReLU, Softmax } from "./activationLayers.ts";
import {
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
} from "./adaptivePooling.ts";
import {
  AdditiveAttention,
  Attention,
  GroupQueryAttention,
  MultiHeadAttention,
  RotaryEmbedding,
} from "./attention/index.ts";
import { BatchNormalization } from "./batchNormalization.ts";
import { Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D } from "./borders.ts";
import { Conv1D, Conv2D, Conv3D } from "./conv.ts";
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from "./convTranspose.ts";
import { Dense } from "./dense.ts";
import { DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D } from "./depthwise.ts";
import { Dot } from "./dot.ts";
import { DropMask } from "./dropMask.ts";
import { Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from "./dropout.ts";
import { EinsumDense } from "./einsumDense.ts";
import { Embedding } from "./embedding.ts";
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
} from "./globalPooling.ts";
import { Identity, Lambda } from "./lambda.ts";
import { Masking } from "./masking.ts";
import { Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract } from "./merging.ts";
import { withNames } from "./names.ts";
import { ActivityRegularization, AlphaDropout, GaussianDropout, GaussianNoise } from "./noise.ts";
import { GroupNormalization, LayerNormalization, RMSNormalization, UnitNormalization } from "./normalization.ts";
import { Operation } from "./operation.ts";
import {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
} from "./pooling.ts";
import {
  CategoryEncoding,
  Discretization,
  Hashing,
  IntegerLookup,
  Normalization,
  Rescaling,
  StringLookup,
  TextVectorization,
} from "./preprocessing/index.ts";
import {
  Bidirectional,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  SimpleRNN,
  SimpleRNNCell,
  StackedRNNCells,
  TimeDistributed,
} from "./recurrent/index.ts";
import { Flatten, Permute, RepeatVector, Reshape } from "./reshaping.ts";
import { ReversibleEmbedding } from "./reversibleEmbedding.ts";
import { SpectralNormalization } from "./spectralNormalization.ts";
import { UpSampling1D, UpSampling2D, UpSampling3D } from "./upSampling.ts";

/** The library's layers by the names that files use. */
export const classes = withNames({
  Activation,
  ActivityRegularization,
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
  Add,
  AlphaDropout,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Conv3D,
  Conv3DTranspose,
  Cropping1D,
  Cropping2D,
  Cropping3D,
  Dense,
  DepthwiseConv1D,
  DepthwiseConv2D,
  Dot,
  DropMask,
  Dropout,
  ELU,
  EinsumDense,
  Embedding,
  Flatten,
  GaussianDropout,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  GroupNormalization,
  Identity,
  Lambda,
  LayerNormalization,
  LeakyReLU,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  Maximum,
  Minimum,
  Multiply,
  Operation,
  PReLU,
  Permute,
  RMSNormalization,
  ReLU,
  RepeatVector,
  Reshape,
  Bidirectional,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  RNN,
  SimpleRNN,
  SimpleRNNCell,
  StackedRNNCells,
  TimeDistributed,
  ReversibleEmbedding,
  SeparableConv1D,
  SeparableConv2D,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  SpectralNormalization,
  Subtract,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  AdditiveAttention,
  Attention,
  GroupQueryAttention,
  MultiHeadAttention,
  RotaryEmbedding,
  CategoryEncoding,
  Discretization,
  Hashing,
  IntegerLookup,
  Normalization,
  Rescaling,
  StringLookup,
  TextVectorization,
} as const);
