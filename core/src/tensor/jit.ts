import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { emit } from "../base/events.ts";
import { type Shape, sameShape } from "../base/shape.ts";
import { type Selection, selection } from "../device/select.ts";
import {
  type Compiled,
  call,
  compileAhead,
  compiledFor,
  dropHold,
  recording,
  refusePromise,
  type Traced,
  trace,
} from "../engine/index.ts";
import { input } from "../graph/build.ts";
import { Tensor } from "./tensor.ts";
import { type Flat, flatten, type Place } from "./tree.ts";
import { Variable } from "./variable.ts";

/** Programs that one jitted function keeps; the least recently used one beyond is given up. */
const keptPrograms = 64;

export interface JitOptions {
  /** For messages, events and plans; the function's own name when not given. */
  readonly name?: string;
  /** "static": a number is part of the program, a new value a new program. "traced": it is an f32 scalar input. */
  readonly numbers?: "static" | "traced";
}

/** A function that is traced once for each kind of arguments, and runs as a compiled program. */
// `never` parameters: any function fits; its own parameter types are kept by F.
export type AnyFunction = (...args: never[]) => unknown;
export type Jitted<F extends AnyFunction> = F & {
  readonly jitted: JitState;
  /** Compiles for arguments of these types without running: the call that follows need not wait. Resolves when it is done. */
  prepare(...args: Parameters<F>): Promise<void>;
  /** Gives the compiled programs back; the next call compiles again. */
  dispose(): void;
};

/** What a jitted function was called with, and the program for it. */
interface Entry {
  readonly on: Selection;
  readonly places: readonly Place[];
  readonly compiled: Compiled;
  readonly rebuild: (tensors: readonly Tensor[]) => unknown;
}

/** Internal: the traced programs of a function. */
export interface JitState {
  readonly name: string;
  readonly fn: AnyFunction;
  readonly options: JitOptions;
  /** By signature, least recently used first. */
  readonly entries: Map<string, Entry>;
  /** The last call's entry and the tensors that it was called with, when it was called with nothing else. */
  last:
    | { readonly entry: Entry; readonly types: readonly { readonly shape: Shape; readonly dtype: DType }[] }
    | undefined;
}

/** Dropped functions give their executables back. */
const net = new FinalizationRegistry<Map<string, Entry>>((entries) => clear({ entries, last: undefined }));

/**
 * `fn` as a compiled program. It is run once for each kind of arguments (structure, shapes, dtypes, values that are not
 * tensors) to record what it does; variables that it reads and assigns are read and assigned at every call. It takes and
 * returns tensors, in arrays and plain objects as you like, and is not async.
 */
export function jit<F extends AnyFunction>(fn: F, options: JitOptions = {}): Jitted<F> {
  const state: JitState = {
    name: options.name ?? (fn.name || "function"),
    fn,
    options,
    entries: new Map(),
    last: undefined,
  };
  const jitted = (...args: unknown[]): unknown => {
    // Inside a trace, a derivative or a loop's body it is an ordinary function, and becomes part of what is recorded there.
    if (recording()) return apply(fn, args);
    const again = lastEntry(state, args);
    const flat = again === undefined ? flattenArguments(state, args) : undefined;
    const { compiled, rebuild } = again ?? entryFor(state, flat!, args);
    const tensors = flat?.tensors ?? (args as readonly Tensor[]); // as lastEntry has found
    const results = call(
      compiled,
      tensors.map(({ node }) => node),
    );
    return rebuild(results.map((node) => new Tensor(node)));
  };
  net.register(jitted, state.entries);
  // The wrapper takes and returns what fn does.
  return Object.assign(jitted as unknown as F, {
    jitted: state,
    prepare: async (...args: Parameters<F>) => compileAhead(findEntry(state, flattenArguments(state, args)).compiled),
    dispose: () => clear(state),
  });
}

// The arguments come from a caller who was checked against F.
const apply = (fn: AnyFunction, args: readonly unknown[]): unknown =>
  (fn as (...args: readonly unknown[]) => unknown)(...args);

const flattenArguments = ({ options }: JitState, args: readonly unknown[]): Flat =>
  flatten(args, "argument", options.numbers === undefined ? {} : { numbers: options.numbers });

const isPlainTensor = (value: unknown): value is Tensor => value instanceof Tensor && !(value instanceof Variable);

/** The entry of the last call, when this one has arguments of the same types: no need to take them apart. */
function lastEntry({ last }: JitState, args: readonly unknown[]): Entry | undefined {
  if (last === undefined || last.entry.on !== selection() || last.types.length !== args.length) return undefined;
  const same = last.types.every(({ shape, dtype }, index) => {
    const given = args[index];
    return isPlainTensor(given) && given.dtype === dtype && sameShape(given.shape, shape);
  });
  return same ? last.entry : undefined;
}

function entryFor(state: JitState, flat: Flat, args: readonly unknown[]): Entry {
  const entry = findEntry(state, flat);
  const types = args.every(isPlainTensor) ? args.map(({ shape, dtype }) => ({ shape, dtype })) : undefined;
  state.last = types && { entry, types };
  return entry;
}

function findEntry(state: JitState, flat: Flat): Entry {
  const on = selection();
  const key = `${deviceNumber(on)};${flat.places.map(({ path, text }) => `${path}:${text}`).join(";")}`;
  const known = state.entries.get(key);
  if (known !== undefined) {
    state.entries.delete(key);
    state.entries.set(key, known);
    return known;
  }
  const last = [...state.entries.values()].at(-1);
  if (last !== undefined) emit("retrace", () => ({ name: state.name, reason: difference(last.places, flat.places) }));
  const { traced, rebuild } = traceTree(state, flat);
  const entry = { on, places: flat.places, compiled: compiledFor(traced, on), rebuild };
  state.entries.set(key, entry);
  if (state.entries.size > keptPrograms) drop(state.entries, [...state.entries.keys()][0]!);
  return entry;
}

/** Runs the function on parameters of the arguments' shapes and records it. */
export function traceTree(
  state: JitState,
  flat: Flat,
): { readonly traced: Traced; readonly rebuild: Entry["rebuild"] } {
  const names = flat.places.filter(({ text }) => /^\w+ \[/.test(text)).map(({ path }) => path);
  const parameters = flat.tensors.map(({ shape, dtype }, index) =>
    input(names[index] ?? `argument ${index}`, shape, dtype),
  );
  let result: Flat | undefined;
  const traced = trace(state.name, parameters, () => {
    const args = flat.rebuild(parameters.map((node) => new Tensor(node))) as unknown[]; // an array of arguments was taken apart
    const value = apply(state.fn, args);
    refusePromise(state.name, value);
    result = flatten(value, `${state.name}: the result`);
    return result.tensors.map(({ node }) => node);
  });
  const { rebuild } = result!; // trace calls its body once
  return { traced, rebuild };
}

/** Which argument differs, and how. */
function difference(before: readonly Place[], now: readonly Place[]): string {
  const known = new Map(before.map(({ path, text }) => [path, text]));
  const changed = now.find(({ path, text }) => known.get(path) !== text);
  if (changed === undefined) return before.length === now.length ? "the device changed" : "an argument is missing";
  return `${changed.path} changed from ${known.get(changed.path) ?? "nothing"} to ${changed.text}`;
}

const deviceNumbers = new WeakMap<Selection, number>();
let nextDevice = 1;
function deviceNumber(on: Selection): number {
  const number = deviceNumbers.get(on) ?? nextDevice++;
  deviceNumbers.set(on, number);
  return number;
}

function drop(entries: Map<string, Entry>, key: string): void {
  const entry = entries.get(key);
  entries.delete(key);
  if (entry !== undefined) dropHold(entry.compiled.entry);
}

function clear(state: Pick<JitState, "entries" | "last">): void {
  state.last = undefined;
  for (const key of [...state.entries.keys()]) drop(state.entries, key);
}

/** The traced function behind a jitted one, or a state for a plain function. */
export function jitStateOf(fn: AnyFunction | Jitted<AnyFunction>): JitState {
  if ("jitted" in fn) return fn.jitted;
  if (typeof fn !== "function") throw new ArgumentError("inspect: expected a function");
  return { name: fn.name || "function", fn, options: {}, entries: new Map(), last: undefined };
}
