import { ArgumentError, DataError, suggest } from "../base/errors.ts";
import { isNdArray, type NdArray } from "../data/index.ts";
import {
  type Loss,
  type LossFunction,
  type LossName,
  leavesOf,
  Mean,
  type Metric,
  type MetricFunction,
  type MetricName,
  type OutputShape,
  type Outputs,
  placesOf,
  resolveLoss,
  resolveMetric,
  type Structure,
} from "../nn/index.ts";
import { demandKnown } from "../nn/options.ts";
import { type Optimizer, type OptimizerName, resolveOptimizer, updateWatch } from "../optim/index.ts";
import { Tensor } from "../tensor/index.ts";
import { outputsOf, weightsByOutput, weightsOf } from "./outputs.ts";

export type LossLike = LossName | Loss | LossFunction;
export type MetricLike = MetricName | Metric | MetricFunction;
/** Metrics of the only output, or lists of metrics an output: a list of lists, or a record by output name. */
export type MetricsLike<Output extends string = string> =
  | readonly MetricLike[]
  | readonly (readonly MetricLike[])[]
  | { readonly [K in Output]?: readonly MetricLike[] };
/** What stands for the only output, or for each: a list in their order, or a record by name. */
export type PerOutput<T, Output extends string = string> = T | readonly T[] | { readonly [K in Output]?: T };

/** `Output` are the names of the model's outputs, where its type tells them. */
export interface CompileOptions<Output extends string = string> {
  /** Default "rmsprop", as in Keras. */
  readonly optimizer?: OptimizerName | Optimizer;
  /** One loss for all outputs, or one an output: a list, or a record by output name. Outputs that have none, or null, do not train. */
  readonly loss?: PerOutput<LossLike | null, Output>;
  /** Every example counts the same. */
  readonly metrics?: MetricsLike<Output>;
  /** Examples count by their sample weights. */
  readonly weightedMetrics?: MetricsLike<Output>;
  /** Factors of the losses, in the same form as `loss`. Default 1. */
  readonly lossWeights?: PerOutput<number, Output>;
}

const compileOptions = {
  optimizer: true,
  loss: true,
  metrics: true,
  weightedMetrics: true,
  lossWeights: true,
} satisfies Record<keyof CompileOptions, true>;

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const isLoss = (value: unknown): value is LossLike | null =>
  value === null ||
  typeof value === "string" ||
  typeof value === "function" ||
  (typeof value === "object" && "call" in (value as object));

/** What training drives down and reports: losses, metrics and the optimizer of a compiled model. */
export class Objective {
  readonly optimizer: Optimizer;
  /** One an output, none for those that do not train. Empty without any. */
  readonly losses: readonly (Loss | null | undefined)[];
  readonly weights: readonly number[];
  readonly metrics: readonly (readonly Metric[])[];
  /** Metrics that take sample weights. */
  readonly weightedMetrics: readonly (readonly Metric[])[];
  /** Mean total loss since the last reset. */
  readonly total = new Mean("loss");
  /** Mean of each loss; only where there are several. */
  readonly parts: readonly Mean[];
  readonly outputNames: readonly string[];
  /** Figures that the model keeps in properties and updates itself; reported and begun anew as all others. */
  readonly own: readonly Metric[];

  constructor(options: CompileOptions, outputNames: readonly string[], own: readonly Metric[] = []) {
    demandKnown("compile", options, Object.keys(compileOptions));
    this.outputNames = outputNames;
    this.optimizer = resolveOptimizer(options.optimizer ?? "rmsprop");
    const { loss } = options;
    const given = isLoss(loss) ? outputNames.map(() => loss) : loss;
    this.losses = perOutput("loss", given, outputNames, isLoss).map((each) => each && resolveLoss(each));
    const trained = outputNames.filter((_, index) => this.losses[index]);
    if (trained.length === 0) this.losses = [];
    const isNumber = (value: unknown): value is number => typeof value === "number";
    const weights = perOutput("lossWeights", options.lossWeights, outputNames, isNumber);
    this.weights = this.losses.map((_, index) => weights[index] ?? 1);
    const lists = (given: MetricsLike | undefined): (readonly Metric[])[] =>
      metricLists(given, outputNames).map((list) => list.map(resolveMetric));
    this.metrics = lists(options.metrics);
    this.weightedMetrics = lists(options.weightedMetrics);
    const listed = [...this.metrics, ...this.weightedMetrics].flat();
    this.own = own.filter((metric) => !listed.includes(metric));
    outputNames.forEach((_, index) => {
      demandDistinct([...(this.metrics[index] ?? []), ...(this.weightedMetrics[index] ?? [])]);
    });
    this.parts = trained.length > 1 ? trained.map((name) => new Mean(`${name}Loss`)) : [];
  }

  /** The weighted sum of the outputs' losses, a scalar. `weights` multiply the values of all outputs, or of each its own. */
  loss(yTrue: Structure<Tensor>, yPred: Outputs, weights?: Structure<Tensor>): Tensor {
    const factors = this.weights.filter((_, index) => this.losses[index]);
    return this.partial(yTrue, yPred, weights)
      .map((part, index) => (factors[index] === 1 ? part : part.mul(factors[index]!)))
      .reduce((sum, part) => sum.add(part));
  }

  /** The loss of each output that has one, a scalar each. */
  partial(yTrue: Structure<Tensor>, yPred: Outputs, weights?: Structure<Tensor>): Tensor[] {
    if (this.losses.length === 0) {
      throw new ArgumentError({ what: "the model was compiled without a loss", hint: 'compile({ loss: "mse" })' });
    }
    const targets = this.#inOrder(yTrue, isTensor);
    const outputs = outputsOf(yPred);
    const sampleWeights = weightsByOutput(weights, this.outputNames);
    return this.losses.flatMap((loss, index) => {
      if (!loss) return [];
      const { values: predicted, mask } = outputs[index]!; // one output a loss
      const values = loss.compute(targets[index]!, predicted, { sampleWeight: sampleWeights[index], mask });
      return values.rank === 0 ? values : values.mean(); // the reduction "none"
    });
  }

  /** Takes a batch's results into the running figures. */
  update(loss: Tensor, yTrue: Structure<Tensor> | undefined, yPred: Outputs, weights?: Structure<Tensor>): void {
    const outputs = outputsOf(yPred);
    const batchSize = outputs[0]?.values.shape[0] ?? 1;
    updateWatch()?.loss?.(loss);
    this.total.add(loss, batchSize);
    if (yTrue === undefined) return;
    const targets = this.#inOrder(yTrue, isTensor);
    if (this.parts.length > 0) {
      this.partial(yTrue, yPred, weights).forEach((part, index) => {
        this.parts[index]!.add(part, batchSize);
      });
    }
    this.metrics.forEach((list, index) => {
      const output = outputs[index]!; // one output a list
      for (const metric of list) metric.update(targets[index]!, output.values, weightsOf(output));
    });
    const sampleWeights = weightsByOutput(weights, this.outputNames);
    this.weightedMetrics.forEach((list, index) => {
      const output = outputs[index]!; // as above
      for (const metric of list) metric.update(targets[index]!, output.values, weightsOf(output, sampleWeights[index]));
    });
  }

  /** All running figures, total loss first. */
  get figures(): readonly Metric[] {
    return [this.total, ...this.parts, ...this.metrics.flat(), ...this.weightedMetrics.flat(), ...this.own];
  }

  /** Starts the running figures again. */
  reset(): void {
    for (const figure of this.figures) figure.reset();
  }

  /** The running figures by name; metrics of several outputs carry the output's name. */
  async logs(): Promise<Record<string, number>> {
    const several = this.outputNames.length > 1;
    const named = (list: readonly Metric[], output: string): readonly (readonly [string, Metric])[] =>
      list.map((metric) => [several ? output : "", metric] as const);
    const entries = [
      ...[this.total, ...this.parts].map((metric) => ["", metric] as const),
      ...this.metrics.flatMap((list, index) => named(list, this.outputNames[index]!)),
      ...this.weightedMetrics.flatMap((list, index) => named(list, this.outputNames[index]!)),
      ...this.own.map((metric) => ["", metric] as const),
    ];
    const figures = await Promise.all(
      entries.map(async ([output, metric]) =>
        Object.entries(await metric.values()).map(([name, value]) => [
          output === "" ? name : prefixed(output, name),
          value,
        ]),
      ),
    );
    return Object.fromEntries(figures.flat());
  }

  /**
   * Checks targets before any work is done: one for each output, of a shape and with values that its loss can take. `shapes` are
   * those of the outputs, where they are known.
   */
  checkTargets(y: Structure<NdArray>, shapes: readonly OutputShape[] | undefined): void {
    const several = this.outputNames.length > 1;
    this.#inOrder(y, isNdArray).forEach((targets, index) => {
      try {
        this.losses[index]?.demandTargets(targets, shapes?.[index]);
      } catch (error) {
        if (!several || !(error instanceof DataError)) throw error;
        throw new DataError({ ...error.parts, what: `output "${this.outputNames[index]}": ${error.parts.what}` });
      }
    });
  }

  /** The targets in the order of the outputs. */
  #inOrder<T>(y: Structure<T>, isLeaf: (value: unknown) => value is T): readonly T[] {
    const names = this.outputNames;
    const named = !isLeaf(y) && !Array.isArray(y);
    const places = new Map(placesOf(y, isLeaf) as readonly [string, T][]); // targets have no masks
    const found = named ? names.map((name) => places.get(name)) : leavesOf(y, isLeaf);
    const surplus = named ? [...places.keys()].find((name) => !names.includes(name)) : undefined;
    const missing = named ? names.find((_, index) => found[index] === undefined) : undefined;
    if (surplus === undefined && missing === undefined && found.length === names.length) return found as T[]; // nothing is missing
    const received = named ? Object.keys(y).join(", ") : `${found.length} array${found.length === 1 ? "" : "s"}`;
    throw new DataError({
      what:
        surplus !== undefined
          ? `there are targets for "${surplus}", which is no output of the model`
          : missing !== undefined
            ? `there are no targets for output "${missing}"`
            : `the model has ${names.length} output${names.length === 1 ? "" : "s"}, but targets for ${found.length}`,
      details: [
        { role: "outputs", value: names.join(", ") },
        { role: "received", value: received },
      ],
      ...(surplus === undefined ? {} : { hint: suggest(surplus, names) }),
    });
  }
}

/** `valLoss`, `digitsAccuracy`: names put together in camel case. */
export const prefixed = (prefix: string, name: string): string =>
  `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** The entries of `given` in the order of the outputs; undefined where a record has none. */
function perOutput<T>(
  what: string,
  given: PerOutput<T> | undefined,
  outputs: readonly string[],
  isLeaf: (value: unknown) => value is T,
): (T | undefined)[] {
  if (given === undefined) return [];
  if (!isLeaf(given) && !Array.isArray(given)) return byName(what, given as { readonly [name: string]: T }, outputs);
  const list = leavesOf(given as Structure<T>, isLeaf) as T[]; // without masks
  if (list.length === outputs.length) return list;
  throw new ArgumentError({
    what: `compile: ${what} must have one entry an output, received ${list.length}`,
    details: [{ role: "outputs", value: outputs.join(", ") }],
  });
}

function byName<T>(what: string, given: { readonly [name: string]: T }, outputs: readonly string[]): (T | undefined)[] {
  const unknown = Object.keys(given).find((name) => !outputs.includes(name));
  if (unknown === undefined) return outputs.map((name) => given[name]);
  throw new ArgumentError({
    what: `compile: ${what} names the unknown output "${unknown}"`,
    hint: suggest(unknown, outputs),
  });
}

/** The metrics of each output. */
function metricLists(given: MetricsLike | undefined, outputs: readonly string[]): (readonly MetricLike[])[] {
  if (given === undefined) return [];
  if (typeof given !== "object")
    throw new ArgumentError({ what: "compile: metrics are a list", hint: `metrics: ["accuracy"]` });
  if (!Array.isArray(given)) {
    const named = given as { readonly [output: string]: readonly MetricLike[] };
    return byName("metrics", named, outputs).map((list) => list ?? []);
  }
  const lists = given.every((entry) => Array.isArray(entry));
  if (lists && given.length === outputs.length) return given as (readonly MetricLike[])[];
  if (outputs.length === 1 && (!lists || given.length === 0)) return [given as readonly MetricLike[]];
  throw new ArgumentError({
    what: `compile: the model has ${outputs.length} outputs; metrics must say which one they belong to`,
    details: [{ role: "outputs", value: outputs.join(", ") }],
    hint: "give a list of lists, or a record by output name",
  });
}

/** Demands that no figure of an output is there twice: the history has one entry a name. */
function demandDistinct(metrics: readonly Metric[]): void {
  const names = metrics.map(({ name }) => name);
  const twice = names.find((name, index) => name === "loss" || names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ArgumentError({
    what: `compile: two figures are named "${twice}"`,
    hint: "give one of the metrics another name",
  });
}
