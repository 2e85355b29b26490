import { Activation } from "./activation.ts";
import { Conv1D, Conv2D, Conv3D } from "./conv.ts";
import { Dense } from "./dense.ts";
import { DropMask } from "./dropMask.ts";
import { Dropout } from "./dropout.ts";
import { Embedding } from "./embedding.ts";
import { Add, Concatenate } from "./merging.ts";
import { BatchNormalization, LayerNormalization } from "./normalization.ts";
import { Operation } from "./operation.ts";
import { AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, MaxPooling2D } from "./pooling.ts";
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
import { Flatten, Reshape } from "./reshaping.ts";

/** The library's layers by the names that files use. */
export const classes = {
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
  Operation,
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
} as const;
