import type { AnyLayer } from "../../nn/index.ts";
import type { AnyModel } from "../model.ts";

/** The layers of models in the order of their files, which paths of weights follow. */
const orders = new WeakMap<AnyModel, readonly AnyLayer[]>();

/** Notes the order in which a file had the layers. */
export const noteOrder = (model: AnyModel, layers: readonly AnyLayer[]): void => {
  orders.set(model, layers);
};

/** The layers of a model as Keras orders them: as a file had them, or as the model has them. */
export const layersOf = (model: AnyModel): readonly AnyLayer[] => orders.get(model) ?? model.layers;

/** Tells models from other layers, without importing their classes. */
export const isModel = (layer: AnyLayer): layer is AnyModel & AnyLayer => "compile" in layer && "graph" in layer;
