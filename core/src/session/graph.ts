import type { Model } from "../model/index.ts";
import { InputLayer, isSymbolic, type Layer, leavesOf, type SymbolicTensor } from "../nn/index.ts";
import type { Json, LayerNode, ModelGraph } from "../record/index.ts";
import type { Variable } from "../tensor/index.ts";

/** One use of a layer, and where its tensors come from. */
interface Use {
  readonly layer: Layer;
  readonly id: string;
  readonly path: readonly string[];
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
}

/** The model as a diagram: one node a use of a layer, models inside taken apart. Without a graph: its layers in a chain. */
export function modelGraph(model: Model): ModelGraph {
  const { graph } = model;
  const inputs = graph === undefined ? [] : leavesOf(graph.inputs, isSymbolic);
  const outputs = graph === undefined ? [] : leavesOf(graph.outputs, isSymbolic);
  const uses = usesOf(model);
  const makers = new Map(uses.flatMap((use) => use.outputs.map((tensor) => [tensor, use.id] as const)));
  const names = new Map(model.namedVariables().map(([name, variable]) => [variable, name]));
  const trainable = new Set(model.trainableVariables);
  const counted = new Set<Layer>();
  const layers = uses.map((use, index): LayerNode => {
    const { layer, id, path } = use;
    const first = !counted.has(layer);
    counted.add(layer);
    const variables = first ? layer.variables : [];
    const before = uses[index - 1];
    const from = use.inputs.map((tensor) => makers.get(tensor)).filter((maker) => maker !== undefined);
    return {
      id,
      name: layer.name,
      type: layer.typeName,
      path,
      inputs: graph === undefined ? (before === undefined ? [] : [before.id]) : [...new Set(from)],
      inputShapes: use.inputs.map(({ shape }) => shape),
      outputShapes: use.outputs.map(({ shape }) => shape),
      config: plainConfig(layer),
      parameters: sizeOf(variables),
      trainableParameters: sizeOf(variables.filter((variable) => trainable.has(variable))),
      multiplyAdds: multiplyAddsOf(use),
      ...activationOf(layer),
      variables: variables.map((variable) => ({
        name: names.get(variable) ?? variable.name,
        shape: variable.shape,
        dtype: variable.dtype,
        trainable: trainable.has(variable),
      })),
    };
  });
  const idsOf = (tensors: readonly SymbolicTensor[]): string[] => [
    ...new Set(tensors.map((tensor) => makers.get(tensor)).filter((id) => id !== undefined)),
  ];
  return {
    name: model.name,
    type: model.typeName,
    layers,
    inputs: idsOf(inputs),
    outputs: graph === undefined ? uses.slice(-1).map(({ id }) => id) : idsOf(outputs),
    parameters: sizeOf(model.variables),
    trainableParameters: sizeOf(model.trainableVariables),
    multiplyAdds: layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
  };
}

/** The layers that stand in the diagram, by id: what is recorded of layers carries these. */
export function diagramLayers(model: Model): ReadonlyMap<object, string> {
  const found = new Map<object, string>();
  for (const { layer, id } of usesOf(model)) if (!found.has(layer)) found.set(layer, id);
  return found;
}

function usesOf(model: Model): readonly Use[] {
  const { graph } = model;
  const seen = new Map<string, number>();
  const unique = (name: string): string => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  };
  if (graph === undefined) {
    return leavesOfLayers(model, []).map(({ layer, path }) => {
      const [use] = layer.uses;
      const inputs = use === undefined ? [] : leavesOf(use.inputs, isSymbolic);
      return { layer, path, id: unique([...path, layer.name].join("/")), inputs, outputs: use?.outputs ?? [] };
    });
  }
  const inputs = leavesOf(graph.inputs, isSymbolic);
  const entries = inputs.map((tensor): Use => {
    const layer = tensor.entry ?? new InputLayer(tensor);
    return { layer, id: unique(layer.name), path: [], inputs: [], outputs: [tensor] };
  });
  const calls = model.layers.flatMap((layer) => model.callsOf(layer));
  // Calls in an order in which they can run: each tensor is made before it is used.
  const made = new Set<SymbolicTensor>(inputs);
  const open = [...calls];
  const uses: Use[] = [...entries];
  while (open.length > 0) {
    const ready = open.findIndex((call) => leavesOf(call.inputs, isSymbolic).every((tensor) => made.has(tensor)));
    const [call] = open.splice(Math.max(0, ready), 1);
    if (call === undefined) break;
    for (const tensor of call.outputs) made.add(tensor);
    const { layer } = call;
    uses.push({
      layer,
      id: unique(layer.name),
      path: [],
      inputs: leavesOf(call.inputs, isSymbolic),
      outputs: call.outputs,
    });
  }
  return uses;
}

/** The layers of a model of one's own, models inside taken apart. */
function leavesOfLayers(layer: Layer, path: readonly string[]): { layer: Layer; path: readonly string[] }[] {
  return layer.layers.flatMap((inner) =>
    isModel(inner) ? leavesOfLayers(inner, [...path, inner.name]) : [{ layer: inner, path }],
  );
}
const isModel = (layer: Layer): boolean => "describe" in layer && "fit" in layer;

const sizeOf = (variables: readonly Variable[]): number => variables.reduce((sum, { size }) => sum + size, 0);

/** The options, as far as they are plain. */
function plainConfig(layer: Layer): Json {
  try {
    return JSON.parse(JSON.stringify(layer.config())) as Json; // that is what JSON gives
  } catch {
    return {}; // a layer of the user's own that has no options to tell
  }
}

function activationOf(layer: Layer): { readonly activation?: string } {
  const config = plainConfig(layer);
  const activation = typeof config === "object" && config !== null && "activation" in config ? config.activation : null;
  return typeof activation === "string" && activation !== "linear" ? { activation } : {};
}

/**
 * What a layer multiplies and adds for one example: each number of its kernels is used once a place of the output, and by recurrent
 * layers once a time step of the input. Attention adds scores and sums of all pairs of places. Exact for dense layers, convolutions,
 * recurrent layers and attention; layers with weights that are not used so (embeddings) count as nothing.
 */
function multiplyAddsOf({ layer, inputs, outputs }: Use): number {
  if (/Embedding|Normalization/.test(layer.typeName)) return 0;
  const kernels = layer.variables.filter(({ shape, name }) => shape.length >= 2 && !/bias/i.test(name));
  const sizes = outputs[0]?.shape.slice(1);
  if (kernels.length === 0 || sizes === undefined) return 0;
  const productOf = (all: readonly (number | null)[]): number =>
    all.reduce<number>((product, size) => product * (size ?? 1), 1);
  const recurrent = /LSTM|GRU|RNN|Bidirectional/.test(layer.typeName);
  const places = recurrent ? (inputs[0]?.shape[1] ?? 1) : productOf(sizes.slice(0, -1));
  const [query, keyOrValue = query] = inputs;
  // Q·Kᵀ and the sum of values: a product of the heads' whole width for each pair of places.
  const pairs = /Attention$/.test(layer.typeName) ? 2 * places * productOf(keyOrValue?.shape.slice(1, -1) ?? []) : 0;
  const widest = Math.max(...kernels.map(({ shape }) => productOf(shape.slice(1))));
  return places * sizeOf(kernels) + pairs * (pairs > 0 ? widest : 0);
}
