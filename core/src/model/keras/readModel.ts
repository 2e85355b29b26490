import {
  type AnyLayer,
  entry,
  type LayerClass,
  Masked,
  type MaskedStructure,
  type OpenShape,
  type Structure,
  type SymbolicTensor,
  shorten,
  takeName,
} from "../../nn/index.ts";
import { Functional } from "../functional.ts";
import type { AnyModel } from "../model.ts";
import { refusedBy } from "../refused.ts";
import { Sequential } from "../sequential.ts";
import { callAtEnd, dropMask, type Member, makeCalls, optionsOfCalls } from "./graph.ts";
import { damaged, isRecord, type Json, list, own, record, word } from "./json.ts";
import { isModel, noteOrder } from "./order.ts";
import { outlineOf, readLayer } from "./readLayer.ts";
import { typeOf } from "./types.ts";

// Models as Keras describes them: a class, its config, and in it the layers.

const modelDepth = 16;

/** The model of a config, untrained; whatever is wrong with it is a DataError that names the file. */
export function readModel(json: unknown, source: string): AnyModel {
  try {
    const made = readAny(json, { depth: 0, shared: new Map() });
    if (isModel(made)) return made;
    throw damaged(`the file holds a ${made.typeName}, not a model`);
  } catch (error) {
    throw refusedBy(source, error);
  }
}

const functionals = ["Functional", "Model"];

interface Place {
  readonly depth: number;
  /** Layers that stand in several models, by the numbers that Keras gave them. */
  readonly shared: Map<number, AnyLayer>;
}

/** A layer or a model; `nodes` are what is said of its calls. */
function readAny(json: unknown, place: Place, nodes: readonly unknown[] = []): AnyLayer {
  const id = isRecord(json) ? own(json, "shared_object_id") : undefined;
  const known = typeof id === "number" ? place.shared.get(id) : undefined;
  if (known !== undefined) return known;
  const made = readNew(json, place, nodes);
  if (typeof id === "number") place.shared.set(id, made);
  return made;
}

function readNew(json: unknown, { depth, shared }: Place, nodes: readonly unknown[]): AnyLayer {
  if (depth > modelDepth) throw damaged(`models are nested more than ${modelDepth} deep`);
  const below = { depth: depth + 1, shared };
  const outline = outlineOf(json, "a layer");
  const { className, name, trainable, config } = outline;
  const inner = (each: unknown): AnyLayer => readAny(each, below);
  if (className === "Sequential") return readSequential(config, { name, trainable }, inner) as unknown as AnyLayer;
  if (functionals.includes(className) || ("layers" in config && "output_layers" in config))
    return readFunctional(config, { name, trainable }, below) as unknown as AnyLayer;
  return readLayer(outline, inner, optionsOfCalls(className, nodes, name));
}

interface Options {
  readonly name: string;
  readonly trainable: boolean;
}

function readSequential(config: Json, options: Options, inner: (json: unknown) => AnyLayer): AnyModel {
  // The oldest files hold the list itself.
  const all = list(own(config, "layers"), "layers");
  const isInput = (json: unknown): boolean => isRecord(json) && own(json, "class_name") === "InputLayer";
  const [first] = all;
  const model = new Sequential(isInput(first) ? [readInput(first)] : firstInput(first), options);
  const order: AnyLayer[] = [];
  for (const json of all.filter((each) => !isInput(each))) {
    const layer = inner(json);
    const before = model.graph?.outputs as SymbolicTensor | Masked<SymbolicTensor> | undefined; // one of the two
    const masking = (layer.constructor as unknown as LayerClass).masking ?? "refuse"; // statics belong to the constructor
    if (before instanceof Masked && masking === "refuse") model.add(dropMask(before).source!.layer);
    model.add(layer);
    order.push(layer);
  }
  const shape = own(config, "build_input_shape");
  if (!model.built && Array.isArray(shape) && shape.length > 0) model.buildFor(readShape(shape));
  noteOrder(model, order);
  return model;
}

/** Keras 2 says the shape of the input at the first layer. */
function firstInput(json: unknown): SymbolicTensor[] {
  const config = isRecord(json) ? own(json, "config") : undefined;
  const shape = isRecord(config) ? own(config, "batch_input_shape") : undefined;
  if (!Array.isArray(shape) || !isRecord(config)) return [];
  return [
    entry(`${word(own(config, "name"), "a layer's name")}_input`, readShape(shape), typeOf(own(config, "dtype"))),
  ];
}

function readShape(shape: unknown): OpenShape {
  const isSize = (size: unknown): boolean => size === null || (Number.isSafeInteger(size) && (size as number) > 0);
  if (Array.isArray(shape) && shape.length <= 16 && shape.every(isSize)) return shape as OpenShape; // just checked
  throw damaged(`an input has the shape ${shorten(shape)}`);
}

function readInput(json: unknown): SymbolicTensor {
  const { name, config } = outlineOf(json, "an input");
  const shape = own(config, "batch_shape") ?? own(config, "batch_input_shape") ?? own(config, "shape");
  if (own(config, "sparse") === true || own(config, "ragged") === true)
    throw damaged(`the input "${name}" is sparse or ragged`, "inputs are dense here");
  return entry(name, readShape(shape), typeOf(own(config, "dtype")));
}

function readFunctional(config: Json, options: Options, place: Place): AnyModel {
  const members = new Map<string, Member>();
  const order: AnyLayer[] = [];
  for (const json of list(own(config, "layers"), "layers")) {
    const member = readMember(record(json, "a layer"), place);
    if (members.has(member.name)) throw damaged(`two layers are named "${member.name}"`);
    members.set(member.name, member);
    if (member.layer !== undefined) order.push(member.layer);
  }
  // Operations get names of ours, which must not be those of layers.
  if ([...members.values()].some(({ operation }) => operation !== undefined))
    for (const name of members.keys()) takeName(name);
  const ends = own(config, "output_layers");
  const shifts = makeCalls(members, ends);
  const find = (reference: readonly unknown[]): SymbolicTensor | Masked<SymbolicTensor> => {
    const [name, call, result] = reference as [string, number, number]; // structureOf has looked
    const member = members.get(name);
    const found = member?.results[callAtEnd(member, call, shifts)]?.[result];
    if (found === undefined) throw damaged(`the model ends or begins at ${shorten(reference)}, which is not there`);
    return found;
  };
  const inputs = structureOf(own(config, "input_layers"), find) as Structure<SymbolicTensor>; // inputs have no masks
  const outputs = structureOf(ends, find) as MaskedStructure<SymbolicTensor>; // masked or not
  const model = new Functional(inputs, outputs, options) as unknown as AnyModel;
  noteOrder(model, order);
  return model;
}

function readMember(json: Json, place: Place): Member {
  const nodes = list(own(json, "inbound_nodes") ?? [], "calls");
  const className = word(own(json, "class_name"), "a layer's class");
  const module = own(json, "module");
  const config = record(own(json, "config"), "a config");
  const name = word(own(json, "name") ?? own(config, "name"), "a layer's name");
  const common = {
    name,
    nodes,
    results: [] as Member["results"],
    layer: undefined,
    operation: undefined,
    nested: undefined,
  };
  if (className === "InputLayer") {
    const tensor = readInput({ ...json, config: { ...config, name } });
    return { ...common, nodes: [], results: [[tensor]] };
  }
  const isOperation =
    className === "TFOpLambda" ||
    (typeof module === "string" && (module.startsWith("keras.src.ops") || module.startsWith("keras.ops")));
  // The legacy format says no module, but every layer says its dtype.
  const legacy = module === undefined && nodes.length > 0 && !("dtype" in config) && !("layers" in config);
  if (isOperation || legacy) return { ...common, operation: { className, config } };
  const layer = readAny({ ...json, config: { ...config, name } }, place, nodes);
  return {
    ...common,
    layer,
    nested: isModel(layer) ? (className === "Sequential" ? "sequential" : "functional") : undefined,
  };
}

/** References in lists and records; a list of one stands for the one. */
function structureOf<T>(json: unknown, find: (reference: readonly unknown[]) => T, depth = 0): MaskedStructure<T> {
  if (depth > 8) throw damaged("a structure of tensors is nested too deep");
  if (Array.isArray(json)) {
    if (json.length === 3 && typeof json[0] === "string" && typeof json[1] === "number")
      return find(json) as MaskedStructure<T>;
    const parts = json.map((part) => structureOf(part, find, depth + 1));
    return parts.length === 1 ? parts[0]! : parts;
  }
  const parts = Object.entries(record(json, "a structure of tensors"));
  return Object.fromEntries(parts.map(([name, part]) => [name, structureOf(part, find, depth + 1)]));
}
