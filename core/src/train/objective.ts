import { ArgumentError, DataError } from "../base/errors.ts";
import { type NdArray, isNdArray } from "../data/index.ts";
import {
  type Loss,
  type LossFunction,
  type LossName,
  leavesOf,
  Mean,
  type Metric,
  type MetricName,
  type Outputs,
  reduceLoss,
  resolveLoss,
  resolveMetric,
  type Structure,
} from "../nn/index.ts";
import { type Optimizer, type OptimizerName, resolveOptimizer } from "../optim/index.ts";
import { Tensor } from "../tensor/index.ts";

export type LossLike = LossName | Loss | LossFunction;
export type MetricLike = MetricName | Metric;

export interface CompileOptions {
  /** Default "rmsprop", as in Keras. */
  readonly optimizer?: OptimizerName | Optimizer;
  /** One loss, or one an output: a list, or a record by output name. */
  readonly loss?: Structure<LossLike>;
  /** Metrics of the only output, or lists of metrics an output: a list of lists, or a record by output name. */
  readonly metrics?: readonly MetricLike[] | readonly (readonly MetricLike[])[] | { readonly [output: string]: readonly MetricLike[] };
  /** Factors of the losses, in the same form as `loss`. Default 1. */
  readonly lossWeights?: Structure<number>;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const isLoss = (value: unknown): value is LossLike =>
  typeof value === "string" || typeof value === "function" || (typeof value === "object" && value !== null && "call" in value);

/** What training drives down and reports: losses, metrics and the optimizer of a compiled model. */
export class Objective {
  readonly optimizer: Optimizer;
  readonly losses: readonly Loss[];
  readonly weights: readonly number[];
  readonly metrics: readonly (readonly Metric[])[];
  /** Mean total loss since the last reset. */
  readonly total = new Mean("loss");
  /** Mean loss of each output; only where there are several. */
  readonly parts: readonly Mean[];
  readonly outputNames: readonly string[];

  constructor(options: CompileOptions, outputNames: readonly string[]) {
    this.outputNames = outputNames;
    this.optimizer = resolveOptimizer(options.optimizer ?? "rmsprop");
    this.losses = perOutput("loss", options.loss, outputNames, isLoss).map(resolveLoss);
    const isNumber = (value: unknown): value is number => typeof value === "number";
    const weights = perOutput("lossWeights", options.lossWeights, outputNames, isNumber);
    this.weights = this.losses.map((_, index) => weights[index] ?? 1);
    this.metrics = metricLists(options.metrics, outputNames).map((list) => list.map(resolveMetric));
    this.parts = this.losses.length > 1 ? outputNames.map((name) => new Mean(`${name}Loss`)) : [];
  }

  /** The weighted sum of the outputs' losses, a scalar. `weights` is [batch]. */
  loss(yTrue: Structure<Tensor>, yPred: Outputs, weights?: Tensor): Tensor {
    return this.partial(yTrue, yPred, weights)
      .map((part, index) => (this.weights[index] === 1 ? part : part.mul(this.weights[index]!)))
      .reduce((sum, part) => sum.add(part));
  }

  /** Each output's loss, a scalar each. */
  partial(yTrue: Structure<Tensor>, yPred: Outputs, weights?: Tensor): Tensor[] {
    if (this.losses.length === 0) {
      throw new ArgumentError({ what: "the model was compiled without a loss", hint: 'compile({ loss: "mse" })' });
    }
    const targets = this.#targets(yTrue);
    const outputs = leavesOf(yPred, isTensor);
    return this.losses.map((loss, index) => reduceLoss(loss.call(targets[index]!, outputs[index]!), weights));
  }

  /** Takes a batch's results into the running figures. */
  update(loss: Tensor, yTrue: Structure<Tensor>, yPred: Outputs, weights?: Tensor): void {
    const targets = this.#targets(yTrue);
    const outputs = leavesOf(yPred, isTensor);
    const batchSize = outputs[0]!.shape[0] ?? 1;
    this.total.add(loss, batchSize);
    if (this.parts.length > 0) {
      this.partial(yTrue, yPred, weights).forEach((part, index) => {
        this.parts[index]!.add(part, batchSize);
      });
    }
    this.metrics.forEach((list, index) => {
      for (const metric of list) metric.update(targets[index]!, outputs[index]!);
    });
  }

  #targets(yTrue: Structure<Tensor>): readonly Tensor[] {
    if (isTensor(yTrue) || Array.isArray(yTrue)) return leavesOf(yTrue, isTensor);
    const named = yTrue as { readonly [name: string]: Tensor };
    return this.outputNames.map((name) => {
      const target = named[name];
      if (target === undefined) {
        throw new DataError({
          what: `there are no targets for output "${name}"`,
          details: [{ role: "received", value: Object.keys(named).join(", ") }],
        });
      }
      return target;
    });
  }

  /** All running figures, total loss first. */
  get figures(): readonly Metric[] {
    return [this.total, ...this.parts, ...this.metrics.flat()];
  }

  /** Starts the running figures again. */
  reset(): void {
    for (const figure of this.figures) figure.reset();
  }

  /** The running figures by name; metrics of several outputs carry the output's name. */
  async logs(): Promise<Record<string, number>> {
    const several = this.outputNames.length > 1;
    const entries: [string, Metric][] = [
      ["loss", this.total],
      ...this.parts.map((part): [string, Metric] => [part.name, part]),
      ...this.metrics.flatMap((list, index) =>
        list.map((metric): [string, Metric] => [several ? prefixed(this.outputNames[index]!, metric.name) : metric.name, metric]),
      ),
    ];
    const values = await Promise.all(entries.map(([, metric]) => metric.value()));
    return Object.fromEntries(entries.map(([name], index) => [name, values[index]!]));
  }

  /** Names labels that the loss cannot take, before any work is done. `outputs` are the sizes of the last axes. */
  checkTargets(y: Structure<NdArray>, lastSizes: readonly number[]): void {
    leavesOf(y, isNdArray).forEach((labels, index) => {
      const loss = this.losses[index];
      if (loss?.targets === "classes") demandBetween(labels, lastSizes[index]! - 1, `${lastSizes[index]} classes`, true);
      if (loss?.targets === "binary") demandBetween(labels, 1, "probabilities from 0 to 1", false);
    });
  }
}

/** `valLoss`, `digitsAccuracy`: names put together in camel case. */
export const prefixed = (prefix: string, name: string): string => `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function demandBetween(labels: NdArray, highest: number, expected: string, whole: boolean): void {
  const { data, stride } = labels;
  for (let at = 0; at < data.length; at++) {
    const label = data[at]!;
    if (label >= 0 && label <= highest && (!whole || Number.isInteger(label))) continue;
    throw new DataError({
      what: `label ${label} of example ${Math.floor(at / stride)} is out of range`,
      details: [{ role: "expected", value: whole ? `whole numbers from 0 to ${highest} (the output has ${expected})` : expected }],
      hint: whole ? "labels count from 0; make the last layer larger if there are more classes" : "scale the targets",
    });
  }
}

/** The entries of `given` in the order of the outputs. */
function perOutput<T>(what: string, given: Structure<T> | undefined, outputs: readonly string[], isLeaf: (value: unknown) => value is T): T[] {
  if (given === undefined) return [];
  const named = !isLeaf(given) && !Array.isArray(given);
  const list = named ? outputs.map((name) => (given as { readonly [name: string]: T })[name]) : leavesOf(given, isLeaf);
  const unknown = named ? Object.keys(given).filter((name) => !outputs.includes(name)) : [];
  if (list.length !== outputs.length || list.includes(undefined) || unknown.length > 0) {
    throw new ArgumentError({
      what: `compile: ${what} must have one entry an output`,
      details: [
        { role: "outputs", value: outputs.join(", ") },
        { role: "received", value: named ? Object.keys(given).join(", ") : `${list.length} entries` },
      ],
    });
  }
  return list as T[]; // undefined was refused above
}

function metricLists(given: CompileOptions["metrics"], outputs: readonly string[]): (readonly MetricLike[])[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) return outputs.map((name) => (given as { readonly [name: string]: readonly MetricLike[] })[name] ?? []);
  if (given.every((entry) => Array.isArray(entry)) && given.length === outputs.length) return given as (readonly MetricLike[])[];
  if (outputs.length === 1) return [given as readonly MetricLike[]];
  throw new ArgumentError({
    what: `compile: the model has ${outputs.length} outputs; metrics must say which one they belong to`,
    details: [{ role: "outputs", value: outputs.join(", ") }],
    hint: "give a list of lists, or a record by output name",
  });
}
