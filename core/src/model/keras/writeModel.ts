import { ArgumentError } from "../../base/errors.ts";
import { DropMask } from "../../nn/dropMask.ts";
import {
  type AnyLayer,
  FunctionCall,
  InputLayer,
  isSymbolic,
  type LayerCall,
  type LayerClass,
  leavesOf,
  Masked,
  type MaskedStructure,
  Operation,
  type SymbolicTensor,
} from "../../nn/index.ts";
import { Cell } from "../../nn/recurrent/cell.ts";
import { StackedRNNCells } from "../../nn/recurrent/stackedCells.ts";
import type { Functional } from "../functional.ts";
import type { AnyModel } from "../model.ts";
import type { Sequential } from "../sequential.ts";
import { writeFree } from "./freeOperations.ts";
import { flat, losing } from "./graph.ts";
import { isRecord, type Json } from "./json.ts";
import { moduleOf, writeOperation } from "./operations.ts";
import { isModel, layersOf } from "./order.ts";
import { writtenTypes } from "./types.ts";
import { float32, writeLayer } from "./writeLayer.ts";

// Models in Keras's words.

// Told without importing their classes, which save by what stands here.
const isSequential = (layer: object): layer is Sequential => "pop" in layer && "graph" in layer;
const isFunctional = (layer: object): layer is Functional => "calls" in layer && "graph" in layer;

/** What Keras says of the model. */
export function writeModel(model: AnyModel, compiled: Json | undefined): Json {
  return writeNested(model, compiled, sharedIn(model));
}

/** Layers that stand in several models, and the numbers by which Keras tells that they are one. */
type Shared = ReadonlyMap<AnyLayer, number>;

function sharedIn(model: AnyModel): Shared {
  const holders = new Map<AnyLayer, number>();
  const visit = (layer: AnyLayer): void => {
    const count = holders.get(layer) ?? 0;
    holders.set(layer, count + 1);
    if (count === 0) for (const inner of layer.layers) visit(inner);
  };
  visit(model as unknown as AnyLayer);
  const several = [...holders].filter(([, count]) => count > 1);
  return new Map(several.map(([layer], index) => [layer, index + 1]));
}

function writeNested(model: AnyModel, compiled: Json | undefined, shared: Shared): Json {
  const config = configOf(model, shared);
  const sequential = isSequential(model);
  return {
    module: sequential ? "keras" : "keras.src.models.functional",
    class_name: sequential ? "Sequential" : "Functional",
    config,
    registered_name: sequential ? null : "Functional",
    ...(compiled === undefined ? {} : { compile_config: compiled }),
  };
}

function configOf(model: AnyModel, shared: Shared): Json {
  if (isSequential(model)) return sequentialConfig(model, shared);
  if (isFunctional(model)) return functionalConfig(model, shared);
  throw new ArgumentError({
    what: `${model.name}: a ${model.typeName} is a class of your own, whose architecture a file cannot carry`,
    hint: "save its weights with saveWeights, and load them into a new instance",
  });
}

/** Any layer, and what Keras takes when it is called. */
function writeAny(layer: AnyLayer, shared: Shared): { readonly description: Json; readonly calls: Json } {
  const ownGraph = isModel(layer) && (isSequential(layer) || isFunctional(layer));
  const { description, calls } = ownGraph
    ? { description: writeNested(layer, undefined, shared), calls: {} }
    : writeLayer(layer, (inner) => writeAny(inner, shared).description);
  const id = shared.get(layer);
  return { calls, description: id === undefined ? description : { ...description, shared_object_id: id } };
}

const writeInput = ({ name, shape, dtype }: SymbolicTensor): Json => ({
  module: "keras.layers",
  class_name: "InputLayer",
  config: { batch_shape: shape, dtype: writtenTypes[dtype], sparse: false, ragged: false, name, optional: false },
  registered_name: null,
});

function sequentialConfig(model: Sequential, shared: Shared): Json {
  if (model.graph === undefined)
    throw new ArgumentError({
      what: `${model.name}: the model is not built yet, so there is nothing to save`,
      hint: "train it, call it, or give it an input()",
    });
  const { inputs } = model.graph;
  const layers = model.layers.flatMap((layer, index) => {
    if (!(layer instanceof DropMask)) return [writeAny(layer, shared).description];
    demandPlain(layer, model.layers[index + 1]);
    return [];
  });
  return {
    name: model.name,
    trainable: model.trainable,
    dtype: float32,
    layers: [writeInput(inputs), ...layers],
    build_input_shape: inputs.shape,
  };
}

/** Keras has no layer that ends a mask: only before layers that know of no masks is there nothing to say. */
function demandPlain(drop: AnyLayer, next: AnyLayer | undefined): void {
  const masking = (next?.constructor as unknown as LayerClass | undefined)?.masking ?? "refuse"; // statics belong to the constructor
  if (next === undefined || masking === "refuse" || losing.includes(next.typeName)) return;
  throw new ArgumentError({
    what: `${drop.name}: Keras cannot drop a mask before "${next.name}", a ${next.typeName}, which would see it`,
    hint: "save the model as .safetensors",
  });
}

/** The place of a tensor: layer, call of it, result of that. */
type Place = readonly [layer: string, call: number, result: number];

function functionalConfig(model: Functional, shared: Shared): Json {
  const places = new Map<SymbolicTensor, Place>();
  const inputs = leavesOf(model.inputs, isSymbolic);
  for (const input of inputs) places.set(input, [input.name, 0, 0]);
  const nodes = new Map<AnyLayer, Json[]>();
  const written = new Map<AnyLayer, Json>();
  for (const call of model.calls) {
    const { layer } = call;
    if (layer instanceof DropMask) {
      const [source] = flat(call.inputs);
      places.set(call.outputs[0]!, placeOf(places, source instanceof Masked ? source.values : source!, layer));
      for (const user of model.calls)
        if (leavesOf(user.inputs, isSymbolic).includes(call.outputs[0]!)) demandPlain(layer, user.layer);
      continue;
    }
    const before = nodes.get(layer) ?? [];
    flat(call.result).forEach((result, index) => {
      places.set(result instanceof Masked ? result.values : result, [layer.name, before.length, index]);
    });
    const { description, node } = isOperation(layer)
      ? operationNode(layer, call, places)
      : layerNode(layer, call, places, shared);
    written.set(layer, description);
    nodes.set(layer, [...before, node]);
  }
  const layers = layersOf(model as unknown as AnyModel).filter(
    (layer) => !(layer instanceof InputLayer || layer instanceof DropMask),
  );
  const operations = model.layers.filter((layer) => isOperation(layer) && !layers.includes(layer));
  const described = [...layers, ...operations].map((layer) => ({
    ...written.get(layer)!, // every layer of a model is called in it
    name: layer.name,
    inbound_nodes: nodes.get(layer)!,
  }));
  const end = (tensor: SymbolicTensor, nested: boolean): Place => {
    const [name, call, result] = placeOf(places, tensor, model as unknown as AnyLayer);
    return [name, nested ? call + 1 : call, result];
  };
  // Keras counts the calls of nested functional models from 1 here.
  const isNested = (tensor: SymbolicTensor): boolean =>
    tensor.source !== undefined && isFunctional(tensor.source.layer);
  const reference = (tensor: SymbolicTensor): Place => end(tensor, isNested(tensor));
  return {
    name: model.name,
    trainable: model.trainable,
    layers: [...inputs.map((input) => ({ ...writeInput(input), name: input.name, inbound_nodes: [] })), ...described],
    input_layers: mapped(model.inputs as MaskedStructure<SymbolicTensor>, reference),
    output_layers: mapped(model.outputs as MaskedStructure<SymbolicTensor>, reference),
  };
}

/** A structure without its masks, which Keras carries by itself. */
function mapped(structure: MaskedStructure<SymbolicTensor>, change: (tensor: SymbolicTensor) => unknown): unknown {
  if (structure instanceof Masked) return change(structure.values);
  if (isSymbolic(structure)) return change(structure);
  if (Array.isArray(structure)) return structure.map((part: MaskedStructure<SymbolicTensor>) => mapped(part, change));
  return Object.fromEntries(
    Object.entries(structure).map(([name, part]) => [name, mapped(part as MaskedStructure<SymbolicTensor>, change)]),
  );
}

function placeOf(places: ReadonlyMap<SymbolicTensor, Place>, tensor: SymbolicTensor, user: AnyLayer): Place {
  const place = places.get(tensor);
  if (place !== undefined) return place;
  throw new ArgumentError({
    what: `${user.name}: it uses the mask "${tensor.name}" as a tensor, which Keras's files cannot say`,
    hint: "save the model as .safetensors",
  });
}

const tensorOf = (tensor: SymbolicTensor, place: Place): Json => ({
  class_name: "__keras_tensor__",
  config: { shape: tensor.shape, dtype: writtenTypes[tensor.dtype], keras_history: place },
});

interface Node {
  readonly description: Json;
  readonly node: Json;
}

function layerNode(
  layer: AnyLayer,
  { inputs }: LayerCall,
  places: ReadonlyMap<SymbolicTensor, Place>,
  shared: Shared,
): Node {
  const { description, calls } = writeAny(layer, shared);
  const given = mapped(inputs, (tensor) => tensorOf(tensor, placeOf(places, tensor, layer)));
  return { description, node: argumentsOf(layer, given, calls) };
}

const attention: readonly string[] = ["MultiHeadAttention", "GroupQueryAttention"];

/** The arguments in Keras's form: by position, and by name. */
function argumentsOf(layer: AnyLayer, given: unknown, calls: Json): Json {
  const isTensor = isRecord(given) && "class_name" in given;
  const parts: Json = isRecord(given) && !isTensor ? given : {};
  if (attention.includes(layer.typeName)) {
    const list = Array.isArray(given)
      ? given
      : isTensor
        ? [given, given]
        : [parts["query"], parts["value"], parts["key"]];
    const args = list.filter((each) => each !== undefined);
    const { attentionMask } = parts;
    return { args, kwargs: { ...calls, ...(attentionMask === undefined ? {} : { attention_mask: attentionMask }) } };
  }
  if (layer.typeName === "Attention" || layer.typeName === "AdditiveAttention") {
    if ("attentionMask" in parts) throw cannotCall(layer, "attentionMask");
    const list = Array.isArray(given)
      ? given
      : isTensor
        ? [given, given]
        : [parts["query"], parts["value"], parts["key"]];
    return { args: [list.filter((each) => each !== undefined)], kwargs: calls };
  }
  if ("sequence" in parts) {
    const { sequence, initialState } = parts;
    const states = initialState === undefined || Array.isArray(initialState) ? initialState : [initialState];
    return { args: [sequence], kwargs: { ...calls, ...(states === undefined ? {} : { initial_state: states }) } };
  }
  const isRecurrent = ["SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional"].includes(layer.typeName);
  if (isRecurrent && Array.isArray(given))
    return { args: [given[0]], kwargs: { ...calls, initial_state: given.slice(1) } };
  if (layer instanceof Cell && Array.isArray(given))
    return { args: [given[0], statesOf(layer, given.slice(1))], kwargs: {} };
  if (layer.typeName === "CategoryEncoding" && Array.isArray(given))
    return { args: [given[0]], kwargs: { count_weights: given[1] } };
  if (layer.typeName === "ReversibleEmbedding" && "reverse" in parts)
    return { args: [parts["reverse"]], kwargs: { reverse: true } };
  return { args: [given], kwargs: calls };
}

/** States as Keras's cells take them: a list, of lists for cells in cells. */
function statesOf(cell: Cell, states: readonly unknown[]): readonly unknown[] {
  if (!(cell instanceof StackedRNNCells)) return states;
  let next = 0;
  return cell.cells.map(({ stateSizes }) => {
    next += stateSizes.length;
    return states.slice(next - stateSizes.length, next);
  });
}

const cannotCall = (layer: AnyLayer, what: string): ArgumentError =>
  new ArgumentError({
    what: `${layer.name}: Keras's ${layer.typeName} takes no ${what}`,
    hint: "save the model as .safetensors",
  });

interface Placed {
  readonly tensor: number;
}
const isPlaced = (value: unknown): value is Placed => isRecord(value) && Number.isSafeInteger(value["tensor"]);

const isOperation = (layer: object): layer is Operation | FunctionCall =>
  layer instanceof Operation || layer instanceof FunctionCall;

function operationNode(
  layer: Operation | FunctionCall,
  { inputs }: LayerCall,
  places: ReadonlyMap<SymbolicTensor, Place>,
): Node {
  const tensors = leavesOf(inputs, isSymbolic).map((tensor) =>
    tensorOf(tensor, placeOf(places, tensor, layer as unknown as AnyLayer)),
  );
  const fill = (value: unknown): unknown =>
    isPlaced(value) ? tensors[value.tensor] : Array.isArray(value) ? value.map(fill) : value;
  const given = layer.options.arguments.map(fill);
  const operation =
    layer instanceof Operation
      ? writeOperation(layer.options.method, tensors[0], given)
      : writeFree(layer.options.function, given);
  if (operation === undefined)
    throw new ArgumentError({
      what:
        layer instanceof Operation
          ? `${layer.name}: Keras has no operation for the method ${layer.options.method}`
          : `${layer.name}: Keras has no operation for this function and its options`,
      hint: "save the model as .safetensors, or put it into a layer of your own",
    });
  const { className, config, args } = operation;
  return {
    description: {
      module: moduleOf(className),
      class_name: className,
      config: { name: layer.name, ...config },
      registered_name: className,
    },
    node: { args, kwargs: {} },
  };
}
