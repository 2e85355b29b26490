/** Plain data, as it stands in JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One use of a layer in a model: a node of the network diagram. */
export interface LayerNode {
  /** Unique in the model: the layer's path ("encoder/dense_1"), with "#2" for its second use. */
  readonly id: string;
  readonly name: string;
  /** Class of the layer: "Conv2D". */
  readonly type: string;
  /** The blocks it stands in, outermost first: names of nested models. */
  readonly path: readonly string[];
  /** Nodes whose results it takes. */
  readonly inputs: readonly string[];
  /** Sizes, null where they are open (the batch). */
  readonly inputShapes: readonly (readonly (number | null)[])[];
  readonly outputShapes: readonly (readonly (number | null)[])[];
  /** Its options, as in files. */
  readonly config: Json;
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Of the forward pass of one example; two FLOPs each. 0 where nothing is multiplied. */
  readonly multiplyAdds: number;
  readonly activation?: string;
  readonly variables: readonly VariableNode[];
}

export interface VariableNode {
  /** As in files: "conv2d/kernel". */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly trainable: boolean;
}

export interface ModelGraph {
  readonly name: string;
  readonly type: string;
  /** In an order in which results are there before they are used. */
  readonly layers: readonly LayerNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly multiplyAdds: number;
}

/** A number that may be changed while training goes on. */
export interface ParameterDefinition {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly scale: "linear" | "log";
}

/** What the examples are. */
export interface DataDescription {
  readonly examples: number;
  readonly validationExamples: number;
  /** Of one example. */
  readonly inputShape: readonly number[];
  /** How one example is to be seen. "points" have two numbers. */
  readonly kind: "image" | "points" | "sequence" | "vector";
  /** Names of the classes, where targets are classes. */
  readonly classes?: readonly string[];
  /** Examples of each class. */
  readonly classCounts?: readonly number[];
  /** Of the first batch. */
  readonly mean?: number;
  readonly deviation?: number;
}

/** What does not change in a run. Written once: as the first event of the log, and as `run.json` beside it. */
export interface RunDescription {
  readonly schema: 1;
  readonly id: string;
  /** For people; the id where nobody gave one. */
  readonly name: string;
  readonly project?: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Hyper-parameters of the user, and of `compile` and `fit`: what the table of runs compares. */
  readonly config: { readonly [name: string]: Json };
  readonly seed: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /** Steps of the whole run; the step that it began at, where it went on from a checkpoint. */
  readonly steps: number;
  readonly firstStep: number;
  readonly device: { readonly name: string; readonly description: string };
  readonly versions: { readonly [name: string]: string };
  readonly data: DataDescription;
  /** Undefined for models whose graph is not known. */
  readonly model?: ModelGraph;
  readonly optimizer: { readonly name: string; readonly config: Json };
  readonly loss: readonly string[];
  readonly parameters: readonly ParameterDefinition[];
  /** The run and the step that this one branched off. */
  readonly parent?: { readonly run: string; readonly step: number; readonly checkpoint: string };
}

/** A curve: introduced by a frame of kind "define" before its first value. */
export interface SeriesDefinition {
  readonly define: "series";
  readonly id: number;
  /** "loss", "accuracy", "learningRate", "gradientNorm", "stepMs". */
  readonly name: string;
  readonly split: "train" | "validation" | "none";
  readonly group: "loss" | "metric" | "parameter" | "norm" | "time" | "memory" | "user";
  readonly unit?: "ms" | "bytes" | "1/s";
  readonly layer?: string;
  /** Whether it has a value each step, or each epoch (evaluation). */
  readonly every: "step" | "evaluation";
}

/** A tensor that statistics are taken of; `stream` of those frames is its id. */
export interface TensorDefinition {
  readonly define: "tensor";
  /** From 1 on. */
  readonly id: number;
  /** The variable ("conv2d/kernel"), or the layer where it is its activation. */
  readonly name: string;
  /** The `LayerNode.id` it belongs to. */
  readonly layer: string;
  readonly role: TensorRole;
  readonly shape: readonly number[];
}
export type TensorRole = "weight" | "gradient" | "update" | "activation";

export type Definition = SeriesDefinition | TensorDefinition;
