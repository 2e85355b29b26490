import type { DType } from "../base/dtype.ts";
import { ChainruleError, DataError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { type Loss, type LossName, losses, type MetricName, metrics } from "../nn/index.ts";
import { type Optimizer, type OptimizerName, optimizers } from "../optim/index.ts";
import { randomState } from "../tensor/index.ts";
import { print } from "./config.ts";
import type { Model } from "./model.ts";

/** A piece of state that a file holds: a Variable, or the default generator. */
export interface State {
  readonly shape: Shape;
  readonly dtype: DType;
  bytes(): Promise<Uint8Array>;
  assignBytes(bytes: Uint8Array): unknown;
}
export type Named = readonly [name: string, state: State];

/** How a model is trained and how far it is, as plain JSON. */
export interface Training {
  readonly optimizer: { readonly name: string; readonly config: Readonly<Record<string, unknown>> };
  readonly losses: readonly { readonly name: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly string[])[];
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** The training of a compiled model; undefined where a file cannot carry it: a loss, metric or optimizer of the user's own. */
export function trainingOf(model: Model): Training | undefined {
  if (!model.compiled) return undefined;
  const { optimizer, losses: given, weights, metrics: lists } = model.objective;
  const configs = given.map((loss: Loss) => loss.config);
  const names = lists.map((list) => list.map(({ name }) => name));
  if (!Object.hasOwn(optimizers, optimizer.name)) return undefined;
  if (configs.includes(undefined) || !names.flat().every((name) => Object.hasOwn(metrics, name))) return undefined;
  return {
    optimizer: { name: optimizer.name, config: optimizer.config() },
    losses: configs.map((config) => config!), // none is undefined
    lossWeights: weights,
    metrics: names,
    epoch: model.history.epoch,
    history: model.history.history,
  };
}

/** The optimizer's state by the names of the weights, and the state of the default random generator. */
export function trainingState(model: Model): Named[] {
  const { optimizer } = model.objective;
  const slots = model
    .namedVariables()
    .flatMap(([name, variable]) =>
      Object.entries(optimizer.slotsOf(variable) ?? {}).map(
        ([slot, state]): Named => [`optimizer/${name}/${slot}`, state],
      ),
    );
  return [
    ["optimizer/learningRate", optimizer.learningRate],
    ["optimizer/iterations", optimizer.iterations],
    ...slots,
    ["random/state", randomState],
  ];
}

/** Compiles the model as `training` (untrusted JSON) says, and returns the state that must be put back. */
export function resume(model: Model, training: unknown, source: string): Named[] {
  const bad = (what: string): DataError => new DataError(`${source}: the state of the training is damaged: ${what}`);
  if (!isRecord(training)) throw bad("it is not an object");
  try {
    const given = readLosses(training["losses"], bad);
    const several = given.length !== 1;
    const weights = numbers(training["lossWeights"] ?? given.map(() => 1), "lossWeights", bad);
    const names = readMetrics(training["metrics"], bad);
    model.compile({
      optimizer: readOptimizer(training["optimizer"], bad),
      ...(given.length === 0
        ? {}
        : { loss: several ? given : given[0]!, lossWeights: several ? weights : (weights[0] ?? 1) }),
      ...(names.length === 0 ? {} : { metrics: names.length === 1 ? names[0]! : names }),
    });
  } catch (error) {
    // What the makers refuse was in the file.
    if (error instanceof ChainruleError && !(error instanceof DataError)) throw bad(error.parts.what);
    throw error;
  }
  model.objective.optimizer.build(model.trainableVariables);
  readHistory(model, training, bad);
  return trainingState(model);
}

type Bad = (what: string) => DataError;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function numbers(value: unknown, what: string, bad: Bad): number[] {
  // JSON has no NaN or infinity: it writes null.
  if (Array.isArray(value) && value.every((item) => typeof item === "number" || item === null))
    return value.map((item) => item ?? Number.NaN);
  throw bad(`${what} is not a list of numbers`);
}

function readOptimizer(value: unknown, bad: Bad): Optimizer {
  const { name, config } = isRecord(value) ? value : {};
  if (typeof name !== "string" || !Object.hasOwn(optimizers, name)) throw bad(`unknown optimizer ${print(name)}`);
  const valid =
    isRecord(config) && Object.values(config).every((entry) => typeof entry === "number" || typeof entry === "boolean");
  if (!valid) throw bad("the optimizer's options are not numbers");
  return optimizers[name as OptimizerName](config); // the name is one of the table's
}

function readLosses(value: unknown, bad: Bad): Loss[] {
  if (!Array.isArray(value)) throw bad("losses is not a list");
  return value.map((loss: unknown) => {
    const { name, options } = isRecord(loss) ? loss : {};
    if (typeof name !== "string" || !Object.hasOwn(losses, name)) throw bad(`unknown loss ${print(name)}`);
    if (!isRecord(options)) throw bad(`the options of ${name} are not an object`);
    return losses[name as LossName](options); // the name is one of the table's
  });
}

function readMetrics(value: unknown, bad: Bad): MetricName[][] {
  const isName = (name: unknown): name is MetricName => typeof name === "string" && Object.hasOwn(metrics, name);
  if (Array.isArray(value) && value.every((list) => Array.isArray(list) && list.every(isName))) return value;
  throw bad(`unknown metric in ${print(value)}`);
}

function readHistory(model: Model, training: Readonly<Record<string, unknown>>, bad: Bad): void {
  const { epoch, history } = training;
  if (!isRecord(history)) throw bad("the history is not an object");
  const figures = Object.entries(history).map(([name, values]) => [name, numbers(values, "the history", bad)] as const);
  model.history.epoch.push(...numbers(epoch, "epoch", bad));
  for (const [name, values] of figures) model.history.history[name] = values;
}
