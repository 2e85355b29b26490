import { DropMask } from "../../nn/dropMask.ts";
import { AnyLayer, type Bidirectional, Operation, type Recurrent } from "../../nn/index.ts";
import { snakeCase } from "../../nn/names.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { underscored, uniquely } from "./names.ts";
import { isModel, layersOf } from "./order.ts";
import { pythonClass } from "./writeLayer.ts";

// Where Keras 3 keeps weights: "layers/dense_1/vars/0". A layer's own variables are numbered, trainable ones first; layers inside
// are found by the name of the attribute that holds them, and in lists by their class (keras/src/saving/saving_lib.py).

/** A layer, or a part of one, and the variables that Keras numbers in it. */
export interface Holder {
  /** From the holder above: "cell", "layers/dense_1". */
  readonly path: string;
  /** What Keras notes beside the variables. */
  readonly name: string;
  readonly variables: readonly Variable[];
  /** Numbers that are part of the config here, and that Keras wants among the weights as well. */
  readonly constants?: { readonly [name: string]: Float32Array };
  /** In the order in which Keras knows them, which is that of optimizers' state. */
  readonly parts: readonly Holder[];
}

/** The layers of which Keras knows: ours for operations and masks are none. */
export const kerasLayers = (model: AnyModel): readonly AnyLayer[] =>
  layersOf(model).filter((layer) => !(layer instanceof Operation || layer instanceof DropMask));

/** The tree of a model's variables. */
export const holderOf = (layer: AnyLayer, path = ""): Holder => {
  if (isModel(layer) && layer.graph !== undefined)
    return { path, name: layer.name, variables: [], parts: inList("layers", kerasLayers(layer)) };
  return { path, name: layer.name, ...contentOf(layer) };
};

const inList = (attribute: string, layers: readonly AnyLayer[]): Holder[] => {
  const unique = uniquely();
  return layers.map((layer) =>
    holderOf(
      layer,
      `${attribute}/${unique(snakeCase(isModel(layer) && layer.graph !== undefined ? modelClass(layer) : pythonClass(layer)))}`,
    ),
  );
};

/** Models of graphs are Functional or Sequential in Python, whatever our class is called. */
export const modelClass = (model: AnyModel): string => (model.typeName === "Sequential" ? "Sequential" : "Functional");

type Content = Pick<Holder, "variables" | "parts" | "constants">;
type Own = { readonly [name: string]: Variable };

const attentionParts = ["query", "key", "gate", "value", "output"] as const;

function contentOf(layer: AnyLayer): Content {
  const own: Own = layer.built ? (layer.own as Own) : {};
  const inside = layer.options as { readonly [name: string]: unknown };
  const part = (attribute: string, inner: unknown): Holder => holderOf(inner as AnyLayer, attribute); // options of layers
  switch (layer.typeName) {
    case "MultiHeadAttention":
    case "GroupQueryAttention": {
      const prefix = layer.typeName === "MultiHeadAttention" ? "" : "_";
      const known = attentionParts.filter((name) => own[`${name}Kernel`] !== undefined || name !== "gate");
      const parts = known.map((name) => ({
        // The gate has no public name in Keras.
        path: `${name === "gate" ? "_" : prefix}${name}_dense`,
        name: name === "output" ? "attention_output" : name,
        variables: [own[`${name}Kernel`], own[`${name}Bias`]].filter((variable) => variable !== undefined),
        parts: [],
      }));
      return { variables: [], parts };
    }
    case "SimpleRNN":
    case "LSTM":
    case "GRU":
    case "RNN":
      // States that a stateful layer keeps are in no file.
      return { variables: [], parts: [part("cell", (layer as unknown as Recurrent).cell)] };
    case "StackedRNNCells":
      return { variables: [], parts: inList("cells", inside["cells"] as readonly AnyLayer[]) };
    case "Bidirectional": {
      const { forwardLayer, backwardLayer } = layer as unknown as Bidirectional;
      return { variables: [], parts: [part("forward_layer", forwardLayer), part("backward_layer", backwardLayer)] };
    }
    case "TimeDistributed":
      return { variables: [], parts: [part("layer", inside["layer"])] };
    case "SpectralNormalization": {
      const wrapped = inside["layer"] as AnyLayer;
      const { kernel, embeddings } = (wrapped.built ? wrapped.own : {}) as Own;
      const first = kernel ?? embeddings;
      return {
        variables: [...(first === undefined ? [] : [first]), ...Object.values(own)],
        parts: [part("layer", wrapped)],
      };
    }
    case "StringLookup":
    case "IntegerLookup":
      return weighted(layer);
    case "TextVectorization":
      return { ...weighted(layer), parts: [{ path: "_lookup_layer", name: "string_lookup", ...weighted(layer) }] };
    default: {
      // The state of a layer's random generator is not kept by Keras.
      const variables = Object.entries(own).filter(([name]) => name !== "seedState");
      return { variables: trainableFirst(variables.map(([, variable]) => variable)), parts: partsOf(layer) };
    }
  }
}

/** The weights of tokens, where a vocabulary has some; padded as the outputs are. */
function weighted(layer: AnyLayer): Content {
  const { idfWeights, maxTokens, padToMaxTokens } = layer.config();
  if (!Array.isArray(idfWeights)) return { variables: [], parts: [] };
  const size = padToMaxTokens === true ? Number(maxTokens) : idfWeights.length;
  const constants = { idf_weights: Float32Array.from({ length: size }, (_, at) => Number(idfWeights[at] ?? 0)) };
  return { variables: [], parts: [], constants };
}

const trainableFirst = (variables: readonly Variable[]): Variable[] => [
  ...variables.filter(({ trainable }) => trainable),
  ...variables.filter(({ trainable }) => !trainable),
];

/** Layers in properties of a class of the user's own, by their names in Python. */
function partsOf(layer: AnyLayer): Holder[] {
  return Object.entries(layer).flatMap(([name, value]) => {
    if (name === "options") return [];
    if (isLayer(value)) return [holderOf(value, underscored(name))];
    const list = Array.isArray(value) ? value.filter(isLayer) : [];
    return inList(underscored(name), list);
  });
}

const isLayer = (value: unknown): value is AnyLayer => value instanceof AnyLayer;

/** All holders with their whole paths, those above first. */
export function* walk(holder: Holder, above = ""): Generator<{ readonly path: string; readonly holder: Holder }> {
  const path = above === "" || holder.path === "" ? `${above}${holder.path}` : `${above}/${holder.path}`;
  yield { path, holder };
  for (const part of holder.parts) yield* walk(part, path);
}

/** All variables in Keras's order, each once: a layer's own, trainable ones first, then those of the layers inside. */
export function variablesIn(holder: Holder): readonly Variable[] {
  const found = new Set<Variable>();
  for (const { holder: each } of walk(holder)) for (const variable of each.variables) found.add(variable);
  return [...found];
}

/** Those that an optimizer moves, in the order in which Keras keeps its state. */
export function trainableIn(model: AnyModel): readonly Variable[] {
  const trainable = new Set(model.trainableVariables);
  return variablesIn(holderOf(model as unknown as AnyLayer)).filter((variable) => trainable.has(variable));
}
