import type { AnyLayer, Config } from "./layer.ts";

/** A layer as plain JSON: enough to make an equal, untrained one. */
export interface LayerDescription {
  readonly type: string;
  readonly name: string;
  readonly trainable: boolean;
  readonly config: Config;
  /** Only for models: their architecture. */
  readonly model?: unknown;
}

/** A layer, with its architecture where it is a model that has one. */
export function describeLayer(layer: AnyLayer): LayerDescription {
  const common = { type: layer.typeName, name: layer.name, trainable: layer.trainable, config: layer.config() };
  const model = isModel(layer) ? layer.describe() : undefined;
  return model === undefined ? common : { ...common, model };
}

/** Tells models, without importing their class. */
const isModel = (layer: AnyLayer): layer is AnyLayer & { describe(): unknown } => "describe" in layer;
