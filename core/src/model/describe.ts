import type { DType } from "../base/dtype.ts";
import {
  type Config,
  isSymbolic,
  type Layer,
  type LayerCall,
  leavesOf,
  mapStructure,
  type OpenShape,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";

/** A layer as plain JSON: enough to make an equal, untrained one. */
export interface LayerDescription {
  readonly type: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly config: Config;
  /** Only for models. */
  readonly model?: ModelDescription;
}

/** Which result of which call a tensor is; inputs are `{ input: i }`. */
export type TensorReference = { readonly input: number } | { readonly call: number; readonly output: number };

export interface InputDescription {
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: DType;
}

/** A model's architecture as plain JSON. Layers are listed once; calls name them by index, so that sharing survives. */
export type ModelDescription =
  | {
      readonly kind: "sequential";
      readonly input: InputDescription;
      /** True when the input was given by the user; false when the first data decided it, and other sizes may follow. */
      readonly declared: boolean;
      readonly layers: readonly LayerDescription[];
    }
  | {
      readonly kind: "functional";
      readonly inputs: Structure<InputDescription>;
      readonly layers: readonly LayerDescription[];
      readonly calls: readonly { readonly layer: number; readonly inputs: Structure<TensorReference> }[];
      readonly outputs: Structure<TensorReference>;
    };

export const describeInput = ({ name, shape, dtype }: SymbolicTensor): InputDescription => ({ name, shape, dtype });

/** A layer, with its architecture where it is a model that has one. */
export function describeLayer(layer: Layer): LayerDescription {
  const common = { type: layer.typeName, name: layer.name, trainable: layer.trainable, config: layer.config() };
  const model = isModel(layer) ? layer.describe() : undefined;
  return model === undefined ? common : { ...common, model };
}

/** Tells models, without importing their class. */
const isModel = (layer: Layer): layer is Layer & { describe(): ModelDescription | undefined } => "describe" in layer;

interface Graph {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: Structure<SymbolicTensor>;
  readonly layers: readonly Layer[];
  readonly calls: readonly LayerCall[];
}

/** The graph of a functional model. */
export function describeGraph(model: Graph): ModelDescription {
  const inputs = leavesOf(model.inputs, isSymbolic);
  const layers = model.layers;
  const reference = (tensor: SymbolicTensor): TensorReference => {
    const input = inputs.indexOf(tensor);
    if (input >= 0) return { input };
    const call = model.calls.findIndex(({ outputs }) => outputs.includes(tensor));
    return { call, output: model.calls[call]!.outputs.indexOf(tensor) };
  };
  return {
    kind: "functional",
    inputs: mapStructure(model.inputs, isSymbolic, describeInput),
    layers: layers.map(describeLayer),
    calls: model.calls.map((call) => ({
      layer: layers.indexOf(call.layer),
      inputs: mapStructure(call.inputs, isSymbolic, reference),
    })),
    outputs: mapStructure(model.outputs, isSymbolic, reference),
  };
}
