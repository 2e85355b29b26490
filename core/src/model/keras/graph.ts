import { ChainruleError, DataError } from "../../base/errors.ts";
import { classes } from "../../nn/classes.ts";
import { DropMask } from "../../nn/dropMask.ts";
import {
  type AnyLayer,
  type Config,
  isSymbolic,
  type LayerClass,
  Masked,
  type MaskedStructure,
  type SymbolicTensor,
  shorten,
} from "../../nn/index.ts";
import { Cell } from "../../nn/recurrent/cell.ts";
import { damaged, isRecord, type Json, list, own, record } from "./json.ts";
import { callOperation } from "./operations.ts";
import { rows } from "./rows.ts";
import { callTensorFlow } from "./tensorFlow.ts";

// The graph of a functional model: each layer with the arguments of its calls, which name results of other calls by layer, call and
// place (keras/src/models/functional.py).

/** A symbolic tensor, with its mask where it has one. */
export type Result = SymbolicTensor | Masked<SymbolicTensor>;

/** Something that is called in the graph. */
export interface Member {
  readonly name: string;
  /** The layer; undefined for operations, and inputs. */
  readonly layer: AnyLayer | undefined;
  readonly operation: { readonly className: string; readonly config: Json } | undefined;
  /** What is said of its calls. */
  readonly nodes: readonly unknown[];
  /** What its calls gave, as they are made. */
  readonly results: (readonly Result[])[];
  /** What kind of a nested model it is: Keras may count its calls from 1. */
  readonly nested: "functional" | "sequential" | undefined;
}

/** A call whose inputs have not been computed yet. */
const later = Symbol("later");

/** By how much the calls of a nested model are counted too high, by its name. */
export type Shifts = ReadonlyMap<string, number>;

/** Makes all calls, each as soon as its inputs are there; `ends` are what the model's outputs refer to. */
export function makeCalls(members: ReadonlyMap<string, Member>, ends: unknown): Shifts {
  const shifts = new Map([...members.values()].map((member) => [member.name, shiftOf(member, members, ends)]));
  let open = [...members.values()].filter(({ nodes }) => nodes.length > 0);
  while (open.length > 0) {
    let moved = false;
    for (const member of open) {
      while (member.results.length < member.nodes.length) {
        const made = callOnce(member, member.nodes[member.results.length], members, shifts);
        if (made === later) break;
        member.results.push(made);
        moved = true;
      }
    }
    open = open.filter(({ nodes, results }) => results.length < nodes.length);
    if (!moved) throw damaged(`the graph has a cycle, or names what is not there, at "${open[0]!.name}"`); // the loop's condition
  }
  return shifts;
}

/** Keras 2 writes calls as lists, and counts those of all nested models from 1, wherever it refers to them. */
const isOld = ({ nodes }: Member): boolean => nodes.some(Array.isArray);

/** Where Keras counts a nested model's calls from 1, because of one that it makes itself. */
function shiftOf(member: Member, members: ReadonlyMap<string, Member>, ends: unknown): number {
  const { name, nodes, nested } = member;
  if (nested === undefined) return 0;
  let highest = 0;
  const look = (value: unknown): void => {
    if (Array.isArray(value)) {
      if (value[0] === name && typeof value[1] === "number" && value.length >= 3) highest = Math.max(highest, value[1]);
      for (const part of value) look(part);
    } else if (isRecord(value)) for (const part of Object.values(value)) look(part);
  };
  for (const each of members.values()) look(each.nodes);
  if (isOld(member)) look(ends);
  return highest >= nodes.length ? 1 : 0;
}

/** The call that an output of the model refers to: Keras 3 counts there from 1, and functional models only. */
export function callAtEnd(member: Member, call: number, shifts: Shifts): number {
  if (isOld(member)) return call - (shifts.get(member.name) ?? 0);
  return member.nested === "functional" && call > 0 ? call - 1 : call;
}

interface Given {
  readonly args: readonly unknown[];
  readonly kwargs: Json;
}

function callOnce(
  member: Member,
  node: unknown,
  members: ReadonlyMap<string, Member>,
  shifts: Shifts,
): readonly Result[] | typeof later {
  const find = (reference: readonly unknown[]): Result | typeof later => {
    const [name, call, place] = reference;
    const found = typeof name === "string" ? members.get(name) : undefined;
    if (found === undefined) throw damaged(`"${member.name}" is called on ${shorten(name)}, which is not in the model`);
    const index = (call as number) - (shifts.get(found.name) ?? 0);
    if (found.nodes.length === 0 && found.results.length === 0) throw damaged(`"${found.name}" is never called`);
    if (index >= Math.max(found.nodes.length, found.results.length))
      throw damaged(`"${found.name}" has no call ${shorten(call)}`);
    const results = found.results[index];
    if (results === undefined) return later;
    const result = results[place as number];
    if (result === undefined) throw damaged(`call ${index} of "${found.name}" has no result ${shorten(place)}`);
    return result;
  };
  const given = Array.isArray(node)
    ? legacyNode(node, find)
    : modernNode(record(node, `a call of "${member.name}"`), find);
  if (given === later) return later;
  try {
    const { operation, layer } = member;
    if (operation !== undefined) {
      const args = given.args.map(unmasked);
      const kwargs = Object.fromEntries(Object.entries(given.kwargs).map(([name, value]) => [name, unmasked(value)]));
      const { className, config } = operation;
      return flat(
        className === "TFOpLambda"
          ? callTensorFlow(config, args, kwargs)
          : callOperation(className, config, args, kwargs),
      );
    }
    if (layer === undefined) throw damaged(`the input "${member.name}" is called`);
    return callLayer(layer, given);
  } catch (error) {
    if (!(error instanceof ChainruleError) || error.parts.what.includes(member.name)) throw error;
    throw new DataError({ ...error.parts, what: `"${member.name}": ${error.parts.what}` });
  }
}

type Find = (reference: readonly unknown[]) => Result | typeof later;
const pending = (value: unknown): boolean => value === later || (Array.isArray(value) && value.some(pending));

/** Keras 3: `{ args, kwargs }`, in which tensors are objects. */
function modernNode(node: Json, find: Find): Given | typeof later {
  let waits = false;
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (!isRecord(value)) return value;
    if (own(value, "class_name") === "__keras_tensor__") {
      const reference = list(own(record(own(value, "config"), "a tensor"), "keras_history"), "the source of a tensor");
      const found = find(reference);
      if (found === later) waits = true;
      return found;
    }
    if ("class_name" in value) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, resolve(part)]));
  };
  const args = list(own(node, "args") ?? [], "arguments").map(resolve);
  const kwargs = resolve(own(node, "kwargs") ?? {}) as Json; // an object, or the next line says so
  return waits ? later : { args, kwargs: record(kwargs, "arguments by name") };
}

/** The name that stands before a number, where others stand before a reference. */
const constantName = "_CONSTANT_VALUE";

/** Keras 2: `[[name, call, place, kwargs], …]`. */
function legacyNode(node: readonly unknown[], find: Find): Given | typeof later {
  // One reference stands alone where a call has one input and nothing else in some versions.
  const references = typeof node[0] === "string" ? [node] : node;
  const found: unknown[] = [];
  const kwargs: Record<string, unknown> = {};
  for (const reference of references) {
    const parts = list(reference, "a reference to a tensor");
    found.push(parts[0] === constantName ? parts[2] : find(parts));
    for (const [name, value] of Object.entries(isRecord(parts[3]) ? parts[3] : {})) {
      const isReference = Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "number";
      kwargs[name] = isReference ? find(value) : value;
    }
  }
  if (found.some(pending) || Object.values(kwargs).some(pending)) return later;
  return { args: [found.length === 1 ? found[0] : found], kwargs };
}

/** Arguments that a layer takes by these names, in Keras's order. */
const named: { readonly [type: string]: readonly string[] } = {
  MultiHeadAttention: ["query", "value", "key"],
  GroupQueryAttention: ["query", "value", "key"],
};
/** Layers here keep or use masks where Keras's lose them, with a warning. */
export const losing: readonly string[] = ["RMSNormalization", "SpectralNormalization"];
const recurrent: readonly string[] = ["SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional"];

function callLayer(layer: AnyLayer, { args, kwargs }: Given): readonly Result[] {
  const type = layer.typeName;
  const calls = rows[type]?.calls ?? {};
  const rest = Object.entries(kwargs).filter(
    ([name, value]) => value !== null && value !== false && name !== "training" && !Object.hasOwn(calls, name),
  );
  const by = Object.fromEntries(rest);
  let x = asInput(layer, args, by);
  const mask = by["mask"];
  delete by["mask"];
  const masking = (layer.constructor as unknown as LayerClass).masking ?? "refuse"; // statics belong to the constructor
  const ours = Object.hasOwn(classes, type);
  if ((masking === "refuse" && (ours || !("mask" in kwargs))) || losing.includes(type)) x = withoutMasks(x);
  else if (isSymbolic(mask) && isSymbolic(x)) x = new Masked(x, mask);
  const unknown = Object.keys(by)[0];
  if (unknown !== undefined)
    throw new DataError({
      what: `${layer.name}: it is called with "${unknown}", which has no counterpart here`,
      hint: "in Python, call the layer without it",
    });
  return flat(layer.invoke(x));
}

/** The arguments as this library takes them; those that are used are taken out of `by`. */
function asInput(
  layer: AnyLayer,
  args: readonly unknown[],
  by: Record<string, unknown>,
): MaskedStructure<SymbolicTensor> {
  const type = layer.typeName;
  const take = (name: string): unknown => {
    const value = by[name];
    delete by[name];
    return value;
  };
  if (Object.hasOwn(named, type)) {
    const parts = named[type]!.map((name, at) => [name, args[at] ?? take(name)] as const);
    const attentionMask = args[3] === undefined ? take("attention_mask") : undefined;
    const all = [...parts, ["attentionMask", attentionMask] as const].filter(
      ([, value]) => value !== undefined && value !== null,
    );
    return Object.fromEntries(all) as MaskedStructure<SymbolicTensor>; // what Keras's layer takes
  }
  const [x] = args.length > 0 ? args : [take("inputs") ?? take("sequences") ?? take("sequence")];
  const states = recurrent.includes(type) ? (args[1] ?? take("initial_state")) : undefined;
  if (states !== undefined && states !== null) {
    // Keras looks for the mask of the only tensor that is given, and here are several.
    const sequence = "mask" in by ? x : unmasked(x);
    return { sequence, initialState: states } as unknown as MaskedStructure<SymbolicTensor>;
  }
  const weights = type === "CategoryEncoding" ? take("count_weights") : undefined;
  if (isSymbolic(weights)) return [x, weights] as MaskedStructure<SymbolicTensor>; // the tokens, and how much each counts
  if (layer instanceof Cell) return [x, args[1] ?? take("states")].flat(3) as MaskedStructure<SymbolicTensor>; // lists of states
  if (type === "ReversibleEmbedding" && take("reverse") === true) return { reverse: unmasked(x) as SymbolicTensor };
  if (args.length > 1) return args as MaskedStructure<SymbolicTensor>; // layers of the user's own
  return x as MaskedStructure<SymbolicTensor>; // the layer looks at it
}

const unmasked = (value: unknown): unknown =>
  value instanceof Masked ? value.values : Array.isArray(value) ? value.map(unmasked) : value;

/** Layers that refuse masks lose them, as Keras's layers without support for masks do: said by a layer of its own. */
function withoutMasks(x: MaskedStructure<SymbolicTensor>): MaskedStructure<SymbolicTensor> {
  if (x instanceof Masked) return dropMask(x);
  if (Array.isArray(x)) return x.map((part: MaskedStructure<SymbolicTensor>) => withoutMasks(part));
  if (isSymbolic(x) || !isRecord(x)) return x;
  return Object.fromEntries(
    Object.entries(x).map(([name, part]) => [name, withoutMasks(part as MaskedStructure<SymbolicTensor>)]),
  );
}

export const dropMask = (x: Masked<SymbolicTensor>): SymbolicTensor => new DropMask().invoke(x) as SymbolicTensor; // the values of what is masked

/** The results of a call in Keras's order: records by their sorted names. */
export function flat(structure: unknown): readonly Result[] {
  if (isSymbolic(structure) || structure instanceof Masked) return [structure as Result];
  if (Array.isArray(structure)) return structure.flatMap(flat);
  if (!isRecord(structure)) return [];
  return Object.keys(structure)
    .sort()
    .flatMap((name) => flat(structure[name]));
}

/** Options that Keras gives in the calls of a layer, which are the layer's own here: the same in all calls. */
export function optionsOfCalls(className: string, nodes: readonly unknown[], name: string): Config {
  const calls = rows[className]?.calls ?? {};
  const found: Record<string, unknown> = {};
  for (const [keras, ours] of Object.entries(calls)) {
    const values = nodes.map((node) => {
      const kwargs = Array.isArray(node)
        ? (node[0] as readonly unknown[] | undefined)?.[3]
        : isRecord(node)
          ? own(node, "kwargs")
          : undefined;
      return isRecord(kwargs) && own(kwargs, keras) === true;
    });
    if (new Set(values).size > 1)
      throw new DataError(`layer "${name}" is called with and without ${keras}; here it is an option of the layer`);
    if (values[0] === true) found[ours] = true;
  }
  return found;
}
