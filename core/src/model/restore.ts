import { type DType, dtypes } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import {
  type Config,
  entry,
  type InputDType,
  type Layer,
  Masked,
  type MaskedStructure,
  type OpenShape,
  type Structure,
  type SymbolicTensor,
  shorten,
} from "../nn/index.ts";
import { makeLayer } from "../nn/makeLayer.ts";

import { type InputDescription, type ModelDescription, maskedKey } from "./describe.ts";
import { Functional } from "./functional.ts";
import type { AnyModel, Model, ModelOptions } from "./model.ts";
import { refusedBy } from "./refused.ts";
import { Sequential } from "./sequential.ts";

// Descriptions come from files: every field is checked before it is used.

type Json = { readonly [key: string]: unknown };

const damaged = (what: string): DataError =>
  new DataError({ what: `the architecture is damaged: ${what}`, hint: "was the file written by a model's save?" });

/** The model of a file's description, untrained; whatever is wrong with it is a DataError that names the file. */
export function modelOf(description: unknown, name: string, source: string): Model {
  try {
    return restoreModel(description, name, true, 0);
  } catch (error) {
    throw refusedBy(source, error);
  }
}

const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
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
const structureDepth = 8;

function demandDepth(depth: number): number {
  if (depth <= depthLimit) return depth;
  throw damaged(`models are nested more than ${depthLimit} deep`);
}

function restoreModel(description: unknown, name: string, trainable: boolean, depth: number): Model {
  demandDepth(depth);
  const json = record(description, "the architecture") as Json & Partial<ModelDescription>;
  const layers = list(json["layers"], "layers").map((layer) => restoreLayer(layer, depth));
  if (json.kind === "sequential") {
    const input = restoreInput(json["input"]);
    if (json["declared"] !== false) return new Sequential([input, ...layers], { name, trainable });
    return new Sequential(layers, { name, trainable }).buildFor(input.shape);
  }
  if (json.kind === "functional") return restoreFunctional(json, layers, { name, trainable });
  throw damaged(`it is of the unknown kind ${shorten(json["kind"])}`);
}

function restoreLayer(value: unknown, depth: number): Layer {
  const json = record(value, "a layer");
  const name = text(json["name"], "a layer's name");
  const trainable = json["trainable"] !== false;
  if (json["model"] !== undefined) return restoreModel(json["model"], name, trainable, depth + 1);
  const config = record(json["config"], `the config of ${name}`) as Config; // whoever makes the layer checks the entries
  return makeLayer(text(json["type"], "a layer's class"), config, { name, trainable }, (inner) =>
    restoreLayer(inner, demandDepth(depth + 1)),
  );
}

function restoreInput(value: unknown): SymbolicTensor {
  const { name, shape, dtype } = record(value, "an input") as Json & Partial<InputDescription>;
  const isSize = (size: unknown): boolean => size === null || (Number.isSafeInteger(size) && (size as number) > 0);
  if (!Array.isArray(shape) || shape.length > 16 || !shape.every(isSize)) throw damaged("an input has no valid shape");
  if (dtype !== "string" && !dtypes.includes(dtype as DType))
    throw damaged(`an input has the unknown dtype ${shorten(dtype)}`);
  return entry(text(name, "an input's name"), shape as OpenShape, dtype as InputDType); // both just checked
}

/** `change` applied to the leaves of a structure found in JSON; a leaf is a record with one of `keys`. */
function structureOf<T>(
  value: unknown,
  keys: readonly string[],
  change: (leaf: Json) => T,
  depth = 0,
): MaskedStructure<T> {
  if (depth > structureDepth) throw damaged(`a structure is nested more than ${structureDepth} deep`);
  const part = (item: unknown): MaskedStructure<T> => structureOf(item, keys, change, depth + 1);
  if (Array.isArray(value)) return value.map(part);
  const json = record(value, "a structure");
  if (keys.some((key) => Object.hasOwn(json, key) && !isRecord(json[key]))) return change(json);
  const pair = json[maskedKey];
  if (Array.isArray(pair) && pair.length === 2) {
    const [values, mask] = pair.map((leaf) => change(record(leaf, "a masked tensor"))) as [T, T]; // as many as the pair has
    return new Masked(values, mask);
  }
  return Object.fromEntries(Object.entries(json).map(([name, item]) => [name, part(item)]));
}

/** `items[index]`, where the index is untrusted JSON. */
const at = <T>(items: readonly T[] | undefined, index: unknown): T | undefined =>
  Number.isSafeInteger(index) ? items?.[index as number] : undefined; // just checked

function restoreFunctional(json: Json, layers: readonly Layer[], options: ModelOptions): Model {
  const tensors: SymbolicTensor[] = [];
  // Inputs have no masks.
  const inputs = structureOf(json["inputs"], ["shape", "dtype"], (input) => {
    const tensor = restoreInput(input);
    tensors.push(tensor);
    return tensor;
  }) as Structure<SymbolicTensor>;
  const results: (readonly SymbolicTensor[])[] = [];
  const find = (leaf: Json): SymbolicTensor => {
    const found = "input" in leaf ? at(tensors, leaf["input"]) : at(at(results, leaf["call"]), leaf["output"]);
    if (found === undefined) throw damaged(`the graph refers to the unknown tensor ${shorten(leaf)}`);
    return found;
  };
  const keys = ["input", "call"];
  for (const value of list(json["calls"], "calls")) {
    const call = record(value, "a call");
    const layer = at(layers, call["layer"]);
    if (layer === undefined) throw damaged(`a call names the unknown layer ${shorten(call["layer"])}`);
    layer.invoke(structureOf(call["inputs"], keys, find));
    results.push(layer.uses.at(-1)!.outputs); // the call that was just recorded
  }
  // Called without types, as any model can be.
  return new Functional(inputs, structureOf(json["outputs"], keys, find), options) as AnyModel as Model;
}
