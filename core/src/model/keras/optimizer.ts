import { DataError } from "../../base/errors.ts";
import type { Described } from "../../nn/catalogue.ts";
import {
  describeOptimizer,
  LossScaleOptimizer,
  MultiOptimizer,
  Nadam,
  type Optimizer,
  optimizers,
  restoreOptimizer,
} from "../../optim/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { isRecord, type Json, own, record, word } from "./json.ts";
import { partsOf, patternsOf, readMulti } from "./multi.ts";
import { camelCase, classOfName, nameOfClass, underscored, withoutPackage } from "./names.ts";
import type { Target } from "./values.ts";

// Optimizers as Keras describes them, and the order in which it keeps their state (keras/src/optimizers/*.py).

/** Options of Keras that say nothing here, or only for older versions. */
const ignored: readonly string[] = ["name", "is_legacy_optimizer", "jit_compile", "decay"];
const lossScaleClass = "LossScaleOptimizer";
const names: { readonly [keras: string]: string } = {
  clipnorm: "clipNorm",
  clipvalue: "clipValue",
  global_clipnorm: "globalClipNorm",
};

/** The optimizer that Keras describes (untrusted), for the variables of the model. */
export const readOptimizer = (json: unknown, model: AnyModel): Optimizer => restoreOptimizer(described(json, model));

/** Keras's description as ours; without a model inside of another optimizer. */
function described(json: unknown, model: AnyModel | undefined): Described {
  const given = typeof json === "string" ? { class_name: json, config: {} } : record(json, "the optimizer");
  const className = word(own(given, "class_name"), "the optimizer's class");
  const config = record(own(given, "config") ?? {}, "the optimizer's config");
  if (className === "MultiOptimizer" || className === lossScaleClass) {
    // Keras allows neither in another one.
    if (model === undefined) throw new DataError(`the optimizer inside of another one is a ${className}`);
  }
  if (className === "MultiOptimizer") return readMulti(config, model!, (inner) => described(inner, undefined));
  if (typeof own(config, "decay") === "number" && own(config, "decay") !== 0)
    throw new DataError("the optimizer has the option decay of older versions; use a schedule of the learning rate");
  const entries = Object.entries(config)
    .filter(([key, value]) => value !== null && !ignored.includes(key))
    .map(([key, value]) => [names[key] ?? camelCase(key), key === "learning_rate" ? readRate(value) : value] as const);
  if (className === lossScaleClass) {
    const inner = described(own(config, "inner_optimizer"), undefined);
    const scaling = entries.filter(([key]) => key === "initialScale" || key === "dynamicGrowthSteps");
    return { name: "lossScale", options: { ...Object.fromEntries(scaling), inner } };
  }
  return { name: nameOf(className, own(given, "registered_name")), options: withoutIdle(Object.fromEntries(entries)) };
}

/** Legacy files of Keras 2.11 and later say "Custom>Adam" for Keras's own Adam, as they do for classes of users. */
function nameOf(className: string, registered: unknown): string {
  if (typeof registered === "string" && registered.includes(">")) return withoutPackage(registered);
  const name = withoutPackage(className);
  return name === className || Object.hasOwn(optimizers, name.toLowerCase()) ? name.toLowerCase() : name;
}

/** The average's options count only where there is one. */
const withoutIdle = ({ useEma, emaMomentum, ...options }: Record<string, unknown>): Record<string, unknown> =>
  useEma === true ? { useEma, emaMomentum, ...options } : options;

function readRate(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const name = nameOfClass(word(own(value, "class_name"), "the schedule's class"));
  const config = record(own(value, "config"), "the schedule's config");
  const options = Object.entries(config).filter(([key, each]) => key !== "name" && each !== null);
  return { name, options: Object.fromEntries(options.map(([key, each]) => [camelCase(key), each])) };
}

/** What Keras writes for the optimizer of a model; undefined for one that nobody registered. */
export function writeOptimizer(optimizer: Optimizer, model: AnyModel): Json | undefined {
  if (optimizer instanceof MultiOptimizer) return writeMulti(optimizer, model);
  const described = describeOptimizer(optimizer);
  if (described === undefined) return undefined;
  if (optimizer instanceof LossScaleOptimizer) {
    const inner = writeOptimizer(optimizer.inner, model);
    const { initialScale, dynamicGrowthSteps } = optimizer.own;
    const config = { inner_optimizer: inner, initial_scale: initialScale, dynamic_growth_steps: dynamicGrowthSteps };
    return inner && { module: "keras.optimizers", class_name: lossScaleClass, config, registered_name: null };
  }
  const { learningRate, ...options } = described.options;
  const config: Record<string, unknown> = { name: optimizer.name, learning_rate: writeRate(learningRate) };
  for (const [name, value] of Object.entries(options)) {
    // Names for which Keras has a method instead of an option.
    if (value !== undefined && name !== "excludeFromWeightDecay") config[underscored(name)] = value;
  }
  return { module: "keras.optimizers", class_name: classOfName(optimizer.name), config, registered_name: null };
}

function writeMulti(optimizer: MultiOptimizer, model: AnyModel): Json | undefined {
  const otherwise = writeOptimizer(optimizer.otherwise, model);
  const parts = patternsOf(optimizer, model).map(({ optimizer: part, pattern }, at) => {
    const written = writeOptimizer(part, model);
    // Keras takes optimizers of one name for one.
    return [
      pattern,
      written && { ...written, config: { ...(written["config"] as Json), name: `part_${at}` } },
    ] as const;
  });
  if (otherwise === undefined || parts.some(([, written]) => written === undefined)) return undefined;
  const map = { default_optimizer: otherwise, optimizer_map: Object.fromEntries(parts) };
  const written = { module: "keras.optimizers", class_name: "OptimizerMap", config: map, registered_name: null };
  const config = { optimizer_map: written, loss_scale_factor: null, name: "multi_optimizer" };
  return { module: "keras.optimizers", class_name: "MultiOptimizer", config, registered_name: null };
}

function writeRate(rate: unknown): unknown {
  if (!isRecord(rate)) return rate;
  const { name, options } = rate as { readonly name: string; readonly options: Json }; // describeSchedule's form
  const config = Object.fromEntries(Object.entries(options).map(([key, value]) => [underscored(key), value]));
  return { module: "keras.optimizers.schedules", class_name: classOfName(name), config, registered_name: null };
}

/** The order of slots: groups one after the other, and in a group all slots of a variable together. */
const groupsOf: { readonly [optimizer: string]: readonly (readonly string[])[] } = {
  adam: [["momentum", "velocity"], ["velocityHat"]],
  adamw: [["momentum", "velocity"], ["velocityHat"]],
  rmsprop: [["velocity"], ["momentum"], ["average"]],
};

/** A place in Keras's list that this library does not keep. */
export interface Unkept {
  readonly shape: readonly number[];
}

/** The optimizer's state in Keras's order; it must have been built for `variables`, which are in Keras's order too. */
export function stateOf(optimizer: Optimizer, variables: readonly Variable[]): readonly (Target | Unkept)[] {
  if (optimizer instanceof LossScaleOptimizer) {
    // Keras's own counter and rate do nothing in it.
    const { goodSteps, scale, inner } = optimizer;
    return [{ shape: [] }, { shape: [] }, goodSteps, scale, ...stateOf(inner, variables)];
  }
  if (optimizer instanceof MultiOptimizer) {
    // Its own counter goes with that of what moves the rest; its own rate does nothing.
    const states = statesIn(optimizer, variables).flatMap(({ places }) => places);
    return [optimizer.iterations, { shape: [] }, ...states];
  }
  const { learningRate, iterations, ...shared } = optimizer.shared;
  const slots = variables.map((variable) => ({ variable, kept: optimizer.slotsOf(variable) ?? {} }));
  const named = (name: string): Target[] => slots.flatMap(({ kept }) => kept[name] ?? []);
  const groups = groupsOf[optimizer.name];
  const rest = ({ kept }: (typeof slots)[number]): Target[] =>
    Object.entries(kept).flatMap(([name, slot]) => (name === "ema" || name === "accumulated" ? [] : [slot]));
  const own: (Target | Unkept)[] =
    optimizer.name === "adafactor"
      ? slots.flatMap(({ variable, kept }) => factors(variable, kept))
      : groups === undefined
        ? slots.flatMap(rest)
        : groups.flatMap((group) => slots.flatMap(({ kept }) => group.flatMap((name) => kept[name] ?? [])));
  return [
    iterations!,
    ...(optimizer.schedule === undefined ? [learningRate!] : []),
    ...named("ema"),
    ...named("accumulated"),
    ...own,
    ...Object.values(shared),
  ];
}

/** The state of each optimizer of several, in Keras's order. */
export function statesIn(
  optimizer: MultiOptimizer,
  variables: readonly Variable[],
): readonly { readonly optimizer: Optimizer; readonly places: readonly (Target | Unkept)[] }[] {
  const { otherwise } = optimizer;
  const rest = variables.filter((variable) => optimizer.optimizerOf(variable) === otherwise);
  const parts = partsOf(optimizer, variables).map(({ part, moved }) => ({
    optimizer: part,
    places: stateOf(part, moved),
  }));
  // What moves nothing counts no steps in Keras, and has no state.
  const idle: (Target | Unkept)[] = [
    { shape: [] },
    ...(otherwise.schedule === undefined ? [otherwise.learningRate] : []),
  ];
  return [...parts, { optimizer: otherwise, places: rest.length === 0 ? idle : stateOf(otherwise, rest) }];
}

/**
 * The same in `.keras` files of Keras 2: no learning rate, nothing that is shared, a momentum for SGD without one, and no places
 * of Adafactor's that nobody uses.
 */
export function oldStateOf(optimizer: Optimizer, variables: readonly Variable[]): readonly (Target | Unkept)[] {
  const { iterations, ...others } = optimizer.shared;
  const gone = new Set<unknown>(Object.values(others));
  const isPlace = (place: Target | Unkept): boolean => isKept(place) || place.shape.length > 0;
  const places = stateOf(optimizer, variables).filter((place) => !gone.has(place) && isPlace(place));
  const still = optimizer.name === "sgd" && !("momentum" in optimizer.slotRules(variables[0]!));
  return still ? [...places, ...variables.map(({ shape }) => ({ shape }))] : places;
}

/** Adds what Keras 2 does not write, and what follows from the number of steps: the product of Nadam's μ so far. */
export function setUnwritten(optimizer: Optimizer, values: Map<Target, Uint8Array>): void {
  const { product } = optimizer.shared;
  const counter = values.get(optimizer.iterations);
  if (!(optimizer instanceof Nadam) || product === undefined || counter === undefined) return;
  const taken = new DataView(counter.buffer, counter.byteOffset).getInt32(0, true);
  const value = Float32Array.of(1);
  for (let step = 1; step <= taken && value[0] !== 0; step++) value[0]! *= optimizer.momentumAt(step);
  values.set(product, new Uint8Array(value.buffer));
}

/** Keras keeps three places for each variable, of which it uses two or one. */
function factors(
  { shape }: Variable,
  { rows, columns, velocity }: Readonly<Record<string, Variable>>,
): (Target | Unkept)[] {
  if (velocity !== undefined) return [{ shape: [] }, { shape: [] }, velocity];
  return [rows!, columns!, { shape }]; // a matrix has both
}

export const isKept = (place: Target | Unkept): place is Target => "dtype" in place;
