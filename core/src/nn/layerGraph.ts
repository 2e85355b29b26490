import type { Layer } from "./layer.ts";
import { leavesOf } from "./structure.ts";
import { isSymbolic, type LayerCall, type SymbolicTensor } from "./symbolic.ts";

/** What holds layers: a model. */
export interface Holder {
  readonly layers: readonly Layer[];
}

/** One layer feeds another; by their places in the list. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

export interface LayerGraph {
  readonly layers: readonly Layer[];
  readonly edges: readonly Edge[];
}

/** The layers of a model and which of them feed which; layers of a chain feed the next. */
export function layerGraph(model: Holder, expand: boolean): LayerGraph {
  const layers = model.layers.flatMap((layer) => (expand && isModel(layer) ? layer.layers : [layer]));
  const seen = [...new Set(layers)];
  const edges = new Map<string, Edge>();
  const join = (from: Layer | undefined, to: Layer | undefined): void => {
    if (from === undefined || to === undefined || from === to) return;
    const edge = { from: seen.indexOf(from), to: seen.indexOf(to) };
    if (edge.from >= 0 && edge.to >= 0) edges.set(`${edge.from} ${edge.to}`, edge);
  };
  /** The layer that stands at the beginning or the end of a model that is expanded. */
  const edgeOf = (layer: Layer, at: 0 | -1): Layer | undefined =>
    expand && isModel(layer) ? edgeOf(layer.layers.at(at) ?? layer, at) : layer;
  const chain = (list: readonly Layer[]): void =>
    list.slice(1).forEach((layer, at) => {
      join(edgeOf(list[at]!, -1), edgeOf(layer, 0));
    });

  const visit = (whole: Holder): void => {
    const calls = "calls" in whole ? (whole.calls as readonly LayerCall[]) : undefined;
    if (calls === undefined) chain(whole.layers);
    for (const { layer, inputs } of calls ?? []) {
      for (const tensor of leavesOf(inputs, isSymbolic)) {
        const inside = tensor.source !== undefined && calls?.includes(tensor.source);
        const from = inside ? tensor.source?.layer : entryOf(whole, tensor);
        join(from === undefined ? undefined : edgeOf(from, -1), edgeOf(layer, 0));
      }
    }
    if (expand) for (const layer of whole.layers) if (isModel(layer)) visit(layer);
  };
  visit(model);
  return { layers: seen, edges: [...edges.values()] };
}

/** The row of an input in the list of layers. */
const entryOf = (model: Holder, tensor: SymbolicTensor): Layer | undefined =>
  model.layers.find((layer) => "tensor" in layer && layer.tensor === tensor);

/** Tells models inside from layers, without importing their class. */
const isModel = (layer: Layer): layer is Layer & Holder => "describe" in layer;
