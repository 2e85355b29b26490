import {
  describeLayer,
  type InputDType,
  InputLayer,
  isSymbolic,
  type Layer,
  type LayerCall,
  type LayerDescription,
  leavesOf,
  Masked,
  type MaskedStructure,
  mapStructure,
  type OpenShape,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";

/** Which result of which call a tensor is; inputs are `{ input: i }`. */
export type TensorReference = { readonly input: number } | { readonly call: number; readonly output: number };

/** Stands in JSON for the class Masked: `{ "#masked": [values, mask] }`. */
export const maskedKey = "#masked";
export type References =
  | TensorReference
  | { readonly [maskedKey]: readonly [TensorReference, TensorReference] }
  | readonly References[]
  | { readonly [name: string]: References };

export interface InputDescription {
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: InputDType;
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
      readonly calls: readonly { readonly layer: number; readonly inputs: References }[];
      readonly outputs: References;
    };

export const describeInput = ({ name, shape, dtype }: SymbolicTensor): InputDescription => ({ name, shape, dtype });

interface Graph {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: MaskedStructure<SymbolicTensor>;
  readonly layers: readonly Layer[];
  readonly calls: readonly LayerCall[];
}

/** The graph of a functional model. */
export function describeGraph(model: Graph): ModelDescription {
  const inputs = leavesOf(model.inputs, isSymbolic);
  const layers = model.layers.filter((layer) => !(layer instanceof InputLayer));
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
      inputs: plain(mapStructure(call.inputs, isSymbolic, reference)),
    })),
    outputs: plain(mapStructure(model.outputs, isSymbolic, reference)),
  };
}

/** References with masks written as JSON. */
function plain(structure: MaskedStructure<TensorReference>): References {
  if (structure instanceof Masked) return { [maskedKey]: [structure.values, structure.mask] };
  if (Array.isArray(structure)) return structure.map(plain);
  if ("input" in structure || "call" in structure) return structure as TensorReference;
  return Object.fromEntries(Object.entries(structure).map(([name, part]) => [name, plain(part)]));
}
