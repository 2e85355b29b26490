import { ArgumentError } from "../../base/errors.ts";
import { RotaryEmbedding } from "../../nn/attention/rotary.ts";
import { classes } from "../../nn/classes.ts";
import { DropMask } from "../../nn/dropMask.ts";
import { AnyLayer, type Config, type LayerClass, Operation } from "../../nn/index.ts";
import { kindOf, writeFunction } from "./functions.ts";
import type { Json } from "./json.ts";
import { classOfName, underscored } from "./names.ts";
import { type Row, rows, wordOptions } from "./rows.ts";

/** The policy that every layer has here. */
export const float32 = {
  module: "keras",
  class_name: "DTypePolicy",
  config: { name: "float32" },
  registered_name: null,
};

export interface Written {
  readonly description: Json;
  /** What Keras takes when the layer is called. */
  readonly calls: Json;
}

const none: Row = {};
const rowOf = (type: string): Row => (Object.hasOwn(rows, type) ? rows[type]! : none);

/** The description of a layer that is no model; `inner` writes the layers that it holds. */
export function writeLayer(layer: AnyLayer, inner: (layer: AnyLayer) => unknown): Written {
  const type = layer.typeName;
  const known = Object.hasOwn(classes, type);
  if ([DropMask, Operation, RotaryEmbedding].some((Class) => layer instanceof Class))
    throw new ArgumentError({
      what: `${layer.name}: Keras has no ${type} layer, so its files cannot hold this one`,
      hint: "save the model as .safetensors",
    });
  const row = rowOf(type);
  const options = known ? writeKnown(layer, row, inner) : writeOwn(layer.config());
  const calls: Record<string, unknown> = {};
  for (const [keras, ours] of Object.entries(row.calls ?? {})) {
    if (options[underscored(ours)] === true) calls[keras] = true;
    delete options[underscored(ours)];
  }
  // Some layers without weights do not take it.
  const freezable = layer.variables.length > 0 || layer.layers.length > 0 ? { trainable: layer.trainable } : {};
  const config = { name: layer.name, ...freezable, dtype: float32, ...options };
  const description = known
    ? { module: "keras.layers", class_name: type, config: row.write?.(config) ?? config, registered_name: null }
    : { module: null, class_name: type, config, registered_name: `Custom>${type}` };
  return { description, calls };
}

/** Keras's config of a layer of the library. */
function writeKnown(layer: AnyLayer, row: Row, inner: (layer: AnyLayer) => unknown): Record<string, unknown> {
  const { fields = {} } = layer.constructor as unknown as LayerClass; // statics belong to the constructor
  const written = layer.config();
  const values = layer.options as Readonly<Record<string, unknown>>;
  const renamed = new Map(Object.entries(row.rename ?? {}).map(([keras, ours]) => [ours, keras]));
  const options: Record<string, unknown> = {};
  for (const name of [...Object.keys(fields), "activityRegularizer"]) {
    const key = name === "negativeSlope" ? "negative_slope" : (renamed.get(name) ?? underscored(name));
    const value = values[name];
    const kind = kindOf(name);
    // What a layer has learned is in its config alone.
    if (written[name] === null || written[name] === undefined) continue;
    if (value instanceof AnyLayer) options[key] = inner(value as AnyLayer);
    else if (Array.isArray(value) && value[0] instanceof AnyLayer)
      options[key] = value.map((each: AnyLayer) => inner(each));
    else if (kind !== undefined)
      options[key] = kindIsKnown(written[name]) ? writeFunction(kind, written[name]) : undefined;
    else options[key] = plainValue(key, written[name]);
    if (options[key] === undefined || options[key] === null) delete options[key];
  }
  return demandKeras(layer, options);
}

const plainValue = (key: string, value: unknown): unknown =>
  wordOptions.includes(key) && typeof value === "string" ? underscored(value) : value;

const kindIsKnown = (written: unknown): boolean => written !== null && written !== undefined;

/** Options that Keras does not have must be off. */
function demandKeras(layer: AnyLayer, options: Record<string, unknown>): Record<string, unknown> {
  if (options["rotary"] === true)
    throw new ArgumentError({
      what: `${layer.name}: Keras's ${layer.typeName} has no rotary positions`,
      hint: "save the model as .safetensors",
    });
  if (options["salt"] !== undefined && !["Hashing", "IntegerLookup"].includes(layer.typeName))
    throw new ArgumentError({
      what: `${layer.name}: Keras's ${layer.typeName} takes no salt`,
      hint: "save the model as .safetensors",
    });
  delete options["rotary"];
  delete options["max_wavelength"];
  return options;
}

/** The config of a class of the user's own, in Keras's case; functions are recognised by the names of their options. */
function writeOwn(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => {
        const kind = kindOf(name);
        return [underscored(name), kind === undefined ? value : writeFunction(kind, value)];
      }),
  );
}

/** The class of a layer as Python calls it, from which paths of weights are made. */
export const pythonClass = (layer: AnyLayer): string => rowOf(layer.typeName).pythonClass ?? layer.typeName;
export { classOfName };
