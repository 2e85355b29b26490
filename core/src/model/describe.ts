import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import {
  type Config,
  isSymbolic,
  type Layer,
  leavesOf,
  mapStructure,
  type OpenShape,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";
import { Functional } from "./functional.ts";
import type { Model } from "./model.ts";
import { Sequential } from "./sequential.ts";

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
  | { readonly kind: "sequential"; readonly input: InputDescription; readonly layers: readonly LayerDescription[] }
  | {
      readonly kind: "functional";
      readonly inputs: Structure<InputDescription>;
      readonly layers: readonly LayerDescription[];
      readonly calls: readonly { readonly layer: number; readonly inputs: Structure<TensorReference> }[];
      readonly outputs: Structure<TensorReference>;
    };

/** The description of a sequential or functional model; models of other classes cannot be described. */
export function describeModel(model: Model): ModelDescription {
  if (model instanceof Functional) return describeFunctional(model);
  if (model instanceof Sequential && model.graph !== undefined) {
    return { kind: "sequential", input: describeInput(model.graph.inputs), layers: model.layers.map(describeLayer) };
  }
  if (model instanceof Sequential) {
    throw new ArgumentError({
      what: `${model.name}: the model is not built yet, so there is nothing to save`,
      hint: "train it, call it, or give it an input()",
    });
  }
  throw new ArgumentError({
    what: `${model.name}: a ${model.typeName} is a class of your own, whose architecture a file cannot carry`,
    hint: "save its weights with saveWeights, and load them into a new instance",
  });
}

const describeInput = ({ name, shape, dtype }: SymbolicTensor): InputDescription => ({ name, shape, dtype });

function describeLayer(layer: Layer): LayerDescription {
  const common = { type: layer.typeName, name: layer.name, trainable: layer.trainable, config: layer.config() };
  return layer instanceof Sequential || layer instanceof Functional
    ? { ...common, model: describeModel(layer) }
    : common;
}

function describeFunctional(model: Functional): ModelDescription {
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
