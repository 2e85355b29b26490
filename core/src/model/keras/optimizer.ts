import { DataError } from "../../base/errors.ts";
import type { Described } from "../../nn/catalogue.ts";
import { describeOptimizer, LossScaleOptimizer, type Optimizer, restoreOptimizer } from "../../optim/index.ts";
import type { Variable } from "../../tensor/index.ts";
import { isRecord, type Json, own, record, word } from "./json.ts";
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

/** The optimizer that Keras describes (untrusted). */
export const readOptimizer = (json: unknown): Optimizer => restoreOptimizer(described(json));

/** Keras's description as ours. */
function described(json: unknown, depth = 0): Described {
  const given = typeof json === "string" ? { class_name: json, config: {} } : record(json, "the optimizer");
  const className = word(own(given, "class_name"), "the optimizer's class");
  const config = record(own(given, "config") ?? {}, "the optimizer's config");
  if (className === "MultiOptimizer")
    throw new DataError("the optimizer is several optimizers for patterns of names, which has no counterpart here");
  if (typeof own(config, "decay") === "number" && own(config, "decay") !== 0)
    throw new DataError("the optimizer has the option decay of older versions; use a schedule of the learning rate");
  const entries = Object.entries(config)
    .filter(([key, value]) => value !== null && !ignored.includes(key))
    .map(([key, value]) => [names[key] ?? camelCase(key), key === "learning_rate" ? readRate(value) : value] as const);
  if (className === lossScaleClass) {
    // Keras allows no such optimizer in another one.
    if (depth > 0) throw new DataError("the optimizer inside of a LossScaleOptimizer is one itself");
    const inner = described(own(config, "inner_optimizer"), depth + 1);
    const scaling = entries.filter(([key]) => key === "initialScale" || key === "dynamicGrowthSteps");
    return { name: "lossScale", options: { ...Object.fromEntries(scaling), inner } };
  }
  const registered = own(given, "registered_name");
  const custom = typeof registered === "string" && registered.includes(">");
  const name = custom ? withoutPackage(registered) : className.toLowerCase();
  return { name, options: withoutIdle(Object.fromEntries(entries)) };
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

/** What Keras writes for the optimizer; undefined for one that nobody registered, or that is several. */
export function writeOptimizer(optimizer: Optimizer): Json | undefined {
  const described = describeOptimizer(optimizer);
  if (described === undefined || "parts" in described.options) return undefined;
  if (optimizer instanceof LossScaleOptimizer) {
    const inner = writeOptimizer(optimizer.inner);
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

/** Keras keeps three places for each variable, of which it uses two or one. */
function factors(
  { shape }: Variable,
  { rows, columns, velocity }: Readonly<Record<string, Variable>>,
): (Target | Unkept)[] {
  if (velocity !== undefined) return [{ shape: [] }, { shape: [] }, velocity];
  return [rows!, columns!, { shape }]; // a matrix has both
}

export const isKept = (place: Target | Unkept): place is Target => "dtype" in place;
