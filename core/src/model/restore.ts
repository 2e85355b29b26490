import { type DType, dtypes } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { type Config, type Layer, type OpenShape, type Structure, SymbolicTensor } from "../nn/index.ts";
import type { InputDescription, LayerDescription, ModelDescription } from "./describe.ts";
import { Functional } from "./functional.ts";
import type { Model } from "./model.ts";
import { Sequential } from "./sequential.ts";
import { makeLayer } from "./table.ts";

// Descriptions come from files: every field is checked before it is used.

type Json = { readonly [key: string]: unknown };

const damaged = (what: string): DataError => new DataError({ what: `the model file is damaged: ${what}`, hint: "was it written by chainrule's model.save?" });

const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const record = (value: unknown, what: string): Json => {
  if (isRecord(value)) return value;
  throw damaged(`${what} is not an object`);
};
const list = (value: unknown, what: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw damaged(`${what} is not a list`);
};
const text = (value: unknown, what: string): string => {
  if (typeof value === "string" && value !== "") return value;
  throw damaged(`${what} is not a name`);
};

// Nothing in a description should nest deeper than this; a file that does was made to exhaust the stack.
const depthLimit = 16;

/** The model that a description (untrusted JSON) describes, untrained. */
export function restoreModel(description: unknown, name: string, depth = 0): Model {
  if (depth > depthLimit) throw damaged(`models are nested more than ${depthLimit} deep`);
  const json = record(description, "the architecture") as Json & Partial<ModelDescription>;
  const layers = list(json["layers"], "layers").map((layer) => restoreLayer(layer, depth));
  if (json.kind === "sequential") return new Sequential([restoreInput(json["input"]), ...layers], { name });
  if (json.kind === "functional") return restoreFunctional(json, layers, name);
  throw damaged(`the architecture is of the unknown kind ${JSON.stringify(json["kind"])}`);
}

function restoreLayer(value: unknown, depth: number): Layer {
  const json = record(value, "a layer");
  const name = text(json["name"], "a layer's name");
  if (json["model"] !== undefined) {
    const model = restoreModel(json["model"], name, depth + 1);
    model.trainable = json["trainable"] !== false;
    return model;
  }
  const description: LayerDescription = {
    type: text(json["type"], "a layer's class"),
    name,
    trainable: json["trainable"] !== false,
    config: record(json["config"], `the config of ${name}`) as Config, // its makers check the entries
  };
  return makeLayer(description);
}

function restoreInput(value: unknown): SymbolicTensor {
  const { name, shape, dtype } = record(value, "an input") as Json & Partial<InputDescription>;
  const isSize = (size: unknown): boolean => size === null || (Number.isSafeInteger(size) && (size as number) > 0);
  if (!Array.isArray(shape) || shape.length > 16 || !shape.every(isSize)) throw damaged("an input has no valid shape");
  if (!dtypes.includes(dtype as DType)) throw damaged(`an input has the unknown dtype ${JSON.stringify(dtype)}`);
  return new SymbolicTensor(text(name, "an input's name"), shape as OpenShape, dtype as DType); // both just checked
}

/** `change` applied to the leaves of a structure found in JSON; a leaf is a record with one of `keys`. */
function structureOf<T>(value: unknown, keys: readonly string[], change: (leaf: Json) => T): Structure<T> {
  if (Array.isArray(value)) return value.map((item) => change(record(item, "an entry")));
  const json = record(value, "a structure");
  if (keys.some((key) => Object.hasOwn(json, key) && !isRecord(json[key]))) return change(json);
  return Object.fromEntries(Object.entries(json).map(([name, item]) => [name, change(record(item, name))]));
}

function restoreFunctional(json: Json, layers: readonly Layer[], name: string): Functional {
  const tensors: SymbolicTensor[] = [];
  const inputs = structureOf(json["inputs"], ["shape", "dtype"], (input) => {
    const tensor = restoreInput(input);
    tensors.push(tensor);
    return tensor;
  });
  const results: (readonly SymbolicTensor[])[] = [];
  const find = (leaf: Json): SymbolicTensor => {
    const reference = leaf as Json & Partial<Record<"input" | "call" | "output", unknown>>;
    const found =
      typeof reference.input === "number"
        ? tensors[reference.input]
        : results[reference.call as number]?.[reference.output as number]; // a wrong type finds nothing
    if (found === undefined) throw damaged(`the graph refers to the unknown tensor ${JSON.stringify(leaf)}`);
    return found;
  };
  const keys = ["input", "call"];
  for (const value of list(json["calls"], "calls")) {
    const call = record(value, "a call");
    const layer = layers[call["layer"] as number]; // a wrong type finds nothing
    if (layer === undefined) throw damaged(`a call names the unknown layer ${JSON.stringify(call["layer"])}`);
    const output = layer(structureOf(call["inputs"], keys, find) as SymbolicTensor);
    results.push(Array.isArray(output) ? output : output instanceof SymbolicTensor ? [output] : Object.values(output as Record<string, SymbolicTensor>));
  }
  return new Functional(inputs, structureOf(json["outputs"], keys, find), { name });
}
