import { demandData } from "./functions.ts";
import { damaged, isRecord, type Json, own } from "./json.ts";

// What the rule (options in the other case, functions by their kind) does not say of a layer of Keras.

export interface Row {
  /** Keras's names of options, and ours. */
  readonly rename?: { readonly [keras: string]: string };
  /** Options of Keras that change nothing here. */
  readonly ignored?: readonly string[];
  /** Options that have only one value here. */
  readonly only?: { readonly [keras: string]: unknown };
  /** Changes Keras's values before they are read as ours, and back. */
  readonly read?: (config: Json) => Json;
  readonly write?: (config: Json) => Json;
  /** Keras's name of the class in Python, where it is not the public one: paths of weights hold it. */
  readonly pythonClass?: string;
  /** Our own name of the class. */
  readonly ours?: string;
  /** Options that Keras takes when the layer is called. */
  readonly calls?: { readonly [keras: string]: string };
}

const pair = (key: string): Pick<Row, "read" | "write"> => ({
  read: (config) => {
    const value = own(config, key);
    const plain = Array.isArray(value) && value.length === 2 && value.every((each) => typeof each === "number");
    return plain ? { ...config, [key]: [value] } : config;
  },
  write: (config) => ({ ...config, [key]: (config[key] as readonly unknown[])[0] }), // our field gives pairs
});

const first = (key: string): Pick<Row, "write"> => ({
  write: (config) => ({ ...config, [key]: (config[key] as readonly unknown[])[0] }), // our field gives a list
});

const oneAxis: Pick<Row, "read"> = {
  read: (config) => {
    const axis = own(config, "axis");
    return Array.isArray(axis) && axis.length === 1 ? { ...config, axis: axis[0] } : config;
  },
};

/** Keras's None is a word of ours. */
const noneIs = (word: string, ...keys: readonly string[]): Pick<Row, "read" | "write"> => {
  const changed = (config: Json, from: unknown, to: unknown): Json => ({
    ...config,
    ...Object.fromEntries(keys.filter((key) => key in config && config[key] === from).map((key) => [key, to])),
  });
  return { read: (config) => changed(config, null, word), write: (config) => changed(config, word, null) };
};

const upper = (range: unknown): unknown => (Array.isArray(range) && range[0] <= 0 ? range[1] : range);

const recurrent: Row = { ignored: ["implementation", "unroll", "use_cudnn"], only: { time_major: false } };
// Keras 2 writes all options of a convolution for each of its kinds.
const ungrouped: Row = { only: { groups: 1 } };
const separable: Row = { ...ungrouped, ignored: ["kernel_initializer", "kernel_regularizer", "kernel_constraint"] };

const attention = {
  ignored: ["flash_attention"],
  calls: { use_causal_mask: "useCausalMask", return_attention_scores: "returnAttentionScores" },
} satisfies Row;

/** Options that take one of a few words, which Keras writes in its case. */
export const wordOptions: readonly string[] = ["output_mode", "standardize", "split", "mode", "bounding_box_format"];

const lookup: Row = {
  ignored: ["vocabulary_dtype", "vocabulary_size", "encoding", "sparse", "ragged", "input_vocabulary"],
  only: { oov_method: "floormod" },
};

export const rows: { readonly [keras: string]: Row } = {
  BatchNormalization: {
    ...oneAxis,
    ignored: ["synchronized", "fused", "virtual_batch_size"],
  },
  LayerNormalization: { only: { rms_scaling: false } },
  Cropping1D: pair("cropping"),
  ZeroPadding1D: pair("padding"),
  UpSampling1D: first("size"),
  Conv1DTranspose: ungrouped,
  Conv2DTranspose: ungrouped,
  Conv3DTranspose: ungrouped,
  DepthwiseConv1D: separable,
  DepthwiseConv2D: separable,
  SeparableConv1D: separable,
  SeparableConv2D: separable,
  ThresholdedReLU: { ours: "ReLU", rename: { theta: "threshold" } },
  LeakyReLU: { rename: { alpha: "negativeSlope" } },
  Embedding: { ignored: ["input_length", "weights"] },
  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  SimpleRNNCell: recurrent,
  LSTMCell: recurrent,
  GRUCell: recurrent,
  Bidirectional: {
    read: (config) => (own(config, "merge_mode") === null ? { ...config, merge_mode: "none" } : config),
    write: (config) => (config["merge_mode"] === "none" ? { ...config, merge_mode: null } : config),
  },
  MultiHeadAttention: {
    ...attention,
    ignored: [...attention.ignored, "query_shape", "key_shape", "value_shape"], // of Keras 2, which builds from them
    read: (config) => {
      const shape = own(config, "output_shape");
      return typeof shape === "number" ? { ...config, output_shape: [shape] } : config;
    },
  },
  GroupQueryAttention: { ...attention, pythonClass: "GroupedQueryAttention" },
  Attention: attention,
  AdditiveAttention: attention,
  StringLookup: lookup,
  IntegerLookup: {
    ...lookup,
    read: (config) => ({ ...config, oov_method: own(config, "oov_method") === "farmhash" ? "farmHash" : "floorMod" }),
    write: (config) => ({ ...config, oov_method: config["oov_method"] === "farmHash" ? "farmhash" : "floormod" }),
  },
  // Keras takes back neither a config without n-grams nor bins that are no whole numbers.
  TextVectorization: { ...lookup, write: (config) => ({ ngrams: null, ...config }) },
  Hashing: {
    ...lookup,
    write: (config) => (config["output_mode"] === "int" ? { ...config, dtype: "int64" } : config),
  },
  Discretization: lookup,
  CategoryEncoding: lookup,
  MelSpectrogram: noneIs("rectangular", "window"),
  STFTSpectrogram: noneIs("none", "window", "scaling"),
  Resizing: { only: { fill_mode: "constant" } },
  // Keras does not take back the −f to f that it writes for a factor f.
  RandomShear: {
    write: (config) => ({ ...config, x_factor: upper(config["x_factor"]), y_factor: upper(config["y_factor"]) }),
  },
  Lambda: {
    ignored: ["output_shape", "mask", "module", "function_type", "output_shape_type", "output_shape_module"],
    read: ({ arguments: given, ...config }) => {
      if (isRecord(given) && Object.keys(given).length > 0)
        throw damaged("a Lambda layer has arguments besides its input", "make them part of the function");
      const json = own(config, "function");
      if (isRecord(json)) demandData(json, "the function of a Lambda layer");
      // Keras 2 wrote the code, its defaults and what it closes over.
      if (Array.isArray(json)) demandData({ class_name: "__lambda__" }, "the function of a Lambda layer");
      const name = isRecord(json) ? own(json, "config") : json;
      return { ...config, function: name };
    },
    write: (config) => ({
      ...config,
      function: {
        module: null,
        class_name: "function",
        config: config["function"],
        registered_name: config["function"],
      },
    }),
  },
  GroupedQueryAttention: { ours: "GroupQueryAttention" },
};
