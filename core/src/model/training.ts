import { ChainruleError, DataError } from "../base/errors.ts";
import {
  type Described,
  describeLoss,
  describeMetric,
  type Loss,
  type Metric,
  restoreLoss,
  restoreMetric,
} from "../nn/index.ts";
import { describeOptimizer, restoreOptimizer } from "../optim/index.ts";
import { randomSeed, randomState } from "../tensor/index.ts";
import { type Named, trainingState } from "../train/index.ts";
import type { AnyModel } from "./model.ts";

/** How a model is trained and how far it is, as plain JSON. */
export interface Training {
  readonly optimizer: Described;
  /** One an output; null for those that do not train. */
  readonly losses: readonly (Described | null)[];
  readonly lossWeights: readonly number[];
  readonly metrics: readonly (readonly Described[])[];
  readonly weightedMetrics: readonly (readonly Described[])[];
  /** The seed that orders of the data follow. */
  readonly seed: number;
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** The training of a compiled model; undefined where a file cannot carry it: a loss, metric or optimizer that is not registered. */
export function trainingOf(model: AnyModel): Training | undefined {
  if (!model.compiled) return undefined;
  const { optimizer, losses: given, weights, metrics, weightedMetrics } = model.objective;
  const losses = given.map((loss) => (loss ? describeLoss(loss) : null));
  const lists = [metrics, weightedMetrics].map((kind) => kind.map((list) => list.map(describeMetric)));
  const described = describeOptimizer(optimizer);
  if (described === undefined) return undefined;
  if (losses.includes(undefined) || lists.flat(2).includes(undefined)) return undefined;
  return {
    optimizer: described,
    losses: losses as (Described | null)[], // none is undefined
    lossWeights: weights,
    metrics: lists[0] as Described[][],
    weightedMetrics: lists[1] as Described[][],
    seed: randomSeed(),
    epoch: model.history.epoch,
    history: model.history.history,
  };
}

/** Compiles the model as `training` (untrusted JSON) says, and returns the state that must be put back. */
export function resume(model: AnyModel, training: unknown, source: string): Named[] {
  const bad = (what: string): DataError =>
    new DataError({
      what: `${source}: the state of the training is damaged: ${what}`,
      hint: "loadModel(path, { compile: false }) leaves it out",
    });
  if (!isRecord(training)) throw bad("it is not an object");
  try {
    const given = readLosses(training["losses"], bad);
    const several = given.length !== 1;
    const weights = numbers(training["lossWeights"] ?? given.map(() => 1), "lossWeights", bad);
    const metrics = readMetrics(training["metrics"], bad);
    const weightedMetrics = readMetrics(training["weightedMetrics"], bad);
    // With one output, its list is given as it is.
    const oneOrAll = (lists: Metric[][]): Metric[] | Metric[][] => (lists.length === 1 ? lists[0]! : lists);
    model.compile({
      optimizer: restoreOptimizer(training["optimizer"]),
      ...(given.length === 0
        ? {}
        : { loss: several ? given : given[0]!, lossWeights: several ? weights : (weights[0] ?? 1) }),
      ...(metrics.length === 0 ? {} : { metrics: oneOrAll(metrics) }),
      ...(weightedMetrics.length === 0 ? {} : { weightedMetrics: oneOrAll(weightedMetrics) }),
    });
  } catch (error) {
    // What the makers refuse was in the file, and so was what they did not expect.
    if (error instanceof ChainruleError && !error.message.startsWith(source)) throw bad(error.parts.what);
    if (error instanceof TypeError || error instanceof RangeError) throw bad(error.message);
    throw error;
  }
  model.objective.optimizer.build(model.trainableVariables);
  readHistory(model, training, bad);
  if (typeof training["seed"] === "number") randomState.restoreSeed(training["seed"]);
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

function readLosses(value: unknown, bad: Bad): (Loss | null)[] {
  if (!Array.isArray(value)) throw bad("losses is not a list");
  return value.map((described) => (described === null ? null : restoreLoss(described)));
}

function readMetrics(value: unknown, bad: Bad): Metric[][] {
  if (Array.isArray(value) && value.every((list) => Array.isArray(list))) {
    return value.map((list: unknown[]) => list.map(restoreMetric));
  }
  throw bad("metrics is not a list of lists");
}

function readHistory(model: AnyModel, training: Readonly<Record<string, unknown>>, bad: Bad): void {
  const { epoch, history } = training;
  if (!isRecord(history)) throw bad("the history is not an object");
  const figures = Object.entries(history).map(([name, values]) => [name, numbers(values, "the history", bad)] as const);
  model.history.epoch.push(...numbers(epoch, "epoch", bad));
  for (const [name, values] of figures) model.history.history[name] = values;
}
