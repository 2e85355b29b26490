import type { Tensor } from "../../tensor/index.ts";
import { Catalogue, type Described } from "../catalogue.ts";
import { type LossName, losses } from "../losses/index.ts";
import * as accuracies from "./accuracy.ts";
import { auc } from "./auc.ts";
import { f1Score, fBetaScore } from "./fScore.ts";
import { binaryIoU, iou, meanIoU, oneHotIoU, oneHotMeanIoU } from "./iou.ts";
import { FunctionMetric, Mean, meanOf, Sum } from "./mean.ts";
import type { Metric, MetricOptions } from "./metric.ts";
import * as rates from "./precision.ts";
import { r2Score } from "./r2.ts";
import { concordanceCorrelation, pearsonCorrelation, rootMeanSquaredError } from "./regression.ts";

type LossOptionsOf<Name extends LossName> = Omit<NonNullable<Parameters<(typeof losses)[Name]>[0]>, "reduction">;

/** The mean of a loss's values, as a metric with the loss's options; `name` is the one in logs. */
const ofLoss =
  <Name extends LossName>(type: Name, name: string = type) =>
  ({ name: given = name, ...options }: LossOptionsOf<Name> & MetricOptions = {} as LossOptionsOf<Name>): Metric => {
    const loss = losses[type](options as never); // its own options, which it checks
    const { reduction: _, ...defaults } = loss.config();
    const values = (yTrue: Tensor, yPred: Tensor): Tensor => loss.call(yTrue, yPred);
    const mask = (yTrue: Tensor, of: Tensor): Tensor | undefined => loss.maskOf(yTrue, of);
    return meanOf(loss.name, { direction: "down", defaults, values, mask })({ name: given });
  };

/** The cosine of the angle between target and output: what the loss of that name has with a minus. */
const cosineSimilarity = meanOf("cosineSimilarity", {
  direction: "up",
  defaults: { axis: -1 },
  values: (yTrue, yPred, options) => losses.cosineSimilarity(options).call(yTrue, yPred).neg(),
});

/** Metrics that need no arguments, so that `compile` can name them. */
const named = {
  mean: ({ name = "mean" }: MetricOptions = {}): Metric => new Mean(name),
  sum: (options?: MetricOptions): Metric => new Sum(options),
  accuracy: accuracies.accuracy,
  binaryAccuracy: accuracies.binaryAccuracy,
  categoricalAccuracy: accuracies.categoricalAccuracy,
  sparseCategoricalAccuracy: accuracies.sparseCategoricalAccuracy,
  topKCategoricalAccuracy: accuracies.topKCategoricalAccuracy,
  sparseTopKCategoricalAccuracy: accuracies.sparseTopKCategoricalAccuracy,
  binaryCrossentropy: ofLoss("binaryCrossentropy"),
  categoricalCrossentropy: ofLoss("categoricalCrossentropy"),
  sparseCategoricalCrossentropy: ofLoss("sparseCategoricalCrossentropy"),
  meanSquaredError: ofLoss("meanSquaredError"),
  meanAbsoluteError: ofLoss("meanAbsoluteError"),
  meanAbsolutePercentageError: ofLoss("meanAbsolutePercentageError"),
  meanSquaredLogarithmicError: ofLoss("meanSquaredLogarithmicError"),
  rootMeanSquaredError,
  logCosh: ofLoss("logCosh"),
  poisson: ofLoss("poisson"),
  klDivergence: ofLoss("klDivergence"),
  hinge: ofLoss("hinge"),
  squaredHinge: ofLoss("squaredHinge"),
  categoricalHinge: ofLoss("categoricalHinge"),
  cosineSimilarity,
  pearsonCorrelation,
  concordanceCorrelation,
  r2Score,
  truePositives: rates.truePositives,
  falsePositives: rates.falsePositives,
  trueNegatives: rates.trueNegatives,
  falseNegatives: rates.falseNegatives,
  precision: rates.precision,
  recall: rates.recall,
  auc,
  f1Score,
  fBetaScore,
  binaryIoU,
  mse: ofLoss("meanSquaredError", "mse"),
  mae: ofLoss("meanAbsoluteError", "mae"),
  mape: ofLoss("meanAbsolutePercentageError", "mape"),
  msle: ofLoss("meanSquaredLogarithmicError", "msle"),
} as const;

/** Metrics by name. `accuracy` chooses its kind by the shapes of target and output. */
export const metrics = {
  ...named,
  iou,
  meanIoU,
  oneHotIoU,
  oneHotMeanIoU,
  sensitivityAtSpecificity: rates.sensitivityAtSpecificity,
  specificityAtSensitivity: rates.specificityAtSensitivity,
  precisionAtRecall: rates.precisionAtRecall,
  recallAtPrecision: rates.recallAtPrecision,
} as const;

/** Metrics that can be made without arguments. */
export type MetricName = keyof typeof named;
export type MetricFunction = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** Options as they come from `config()`: those that a maker takes as arguments of their own are among them. */
type Options = Readonly<Record<string, unknown>>;

// Makers check what they are given: a number that is none, or a list of something else, is an error there.
const count = (options: Options, name: string): number => Number(options[name] ?? Number.NaN);
const list = (options: Options, name: string): readonly number[] =>
  Array.isArray(options[name]) ? (options[name] as unknown[]).map(Number) : [Number.NaN];
const without = (options: Options, ...names: readonly string[]): object =>
  Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));

const withArguments: Readonly<Record<Exclude<keyof typeof metrics, MetricName>, (options?: Options) => Metric>> = {
  iou: (o = {}) => iou(count(o, "numClasses"), list(o, "targetClassIds"), without(o, "numClasses", "targetClassIds")),
  meanIoU: (o = {}) => meanIoU(count(o, "numClasses"), without(o, "numClasses")),
  oneHotIoU: (o = {}) =>
    oneHotIoU(count(o, "numClasses"), list(o, "targetClassIds"), without(o, "numClasses", "targetClassIds")),
  oneHotMeanIoU: (o = {}) => oneHotMeanIoU(count(o, "numClasses"), without(o, "numClasses")),
  sensitivityAtSpecificity: (o = {}) =>
    rates.sensitivityAtSpecificity(count(o, "specificity"), without(o, "specificity")),
  specificityAtSensitivity: (o = {}) =>
    rates.specificityAtSensitivity(count(o, "sensitivity"), without(o, "sensitivity")),
  precisionAtRecall: (o = {}) => rates.precisionAtRecall(count(o, "recall"), without(o, "recall")),
  recallAtPrecision: (o = {}) => rates.recallAtPrecision(count(o, "precision"), without(o, "precision")),
};

const catalogue = new Catalogue<Metric>("metric", { ...named, ...withArguments });

/**
 * Lets `compile` and files name a metric of your own: `make` gets what its `config()` returned, and gives a `Metric` (whose
 * `type` is `name`) or a function of targets and outputs whose mean is wanted.
 */
export function registerMetric(name: string, make: (options: MetricOptions) => Metric | MetricFunction): void {
  catalogue.register(name, (options) => {
    const made = make(options);
    return typeof made === "function" ? new FunctionMetric(made, name) : made;
  });
}

/** The metric itself, the one of that name, or the mean of the user's function. */
export function resolveMetric(given: MetricName | Metric | MetricFunction): Metric {
  if (typeof given === "function") return new FunctionMetric(given);
  return typeof given === "string" ? catalogue.make(given) : given;
}

/** What a file says of the metric; undefined for one whose type nobody registered. */
export const describeMetric = (metric: Metric): Described | undefined =>
  catalogue.has(metric.type) ? { name: metric.type, options: metric.config() } : undefined;

/** The metric that untrusted JSON describes. */
export const restoreMetric = (described: unknown): Metric => catalogue.restore(described);

export { FunctionMetric, Mean, Sum } from "./mean.ts";
export { accumulate, Metric, type MetricOptions, sumOf, type Total } from "./metric.ts";
