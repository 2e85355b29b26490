import { ArgumentError } from "../../base/errors.ts";
import { oneHot, stack, type Tensor, tensor, where } from "../../tensor/index.ts";
import { alongValues, matching } from "../losses/index.ts";
import { accumulate, Metric, sumOf, type Total } from "./metric.ts";

/** The four ways in which a yes-or-no answer can be right or wrong. */
export interface Counts {
  readonly truePositives: Tensor;
  readonly falsePositives: Tensor;
  readonly trueNegatives: Tensor;
  readonly falseNegatives: Tensor;
}

/** Stands for −∞ in Keras: outputs that are not among the k largest. */
const never = -1e10;

export interface CountOptions {
  /** Outputs above a threshold are positive; one set of counts a threshold. */
  readonly thresholds: readonly number[];
  /** Counts each label (column) apart: [thresholds, labels] instead of [thresholds]. */
  readonly multiLabel?: boolean;
  /** Only the k largest outputs of an example can be positive. */
  readonly topK?: number | null;
  /** Only this class (column) counts. */
  readonly classId?: number | null;
  /** Factors of the labels (columns). */
  readonly labelWeights?: readonly number[] | null;
}

/** Counts positives and negatives at several thresholds, weighted, over all batches. */
export abstract class CountingMetric extends Metric {
  readonly #options: CountOptions;

  constructor(name: string, options: CountOptions) {
    super(name);
    this.#options = options;
    if (options.multiLabel !== true) this.#totals([]);
  }

  override get direction(): "up" | "down" | undefined {
    return "up";
  }

  /** Two planes: examples whose target is true, and those whose target is false. */
  #totals(labels: readonly number[]): { readonly positives: Total; readonly all: Total } {
    const { thresholds } = this.#options;
    return {
      positives: this.addTotal("positives", [2, thresholds.length, ...labels]),
      all: this.addTotal("all", [2, 1, ...labels]),
    };
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    this.count(yTrue, yPred.cast("f32"), weights);
  }

  /** Takes a batch of targets (0 or not) and outputs of one shape. */
  protected count(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const { thresholds, multiLabel = false, topK = null, classId = null, labelWeights = null } = this.#options;
    const column = (x: Tensor): Tensor =>
      classId === null ? x : x.slice(["...", { start: classId, stop: classId + 1 }]);
    const target = column(matching(yTrue, yPred));
    const output = column(topK === null ? yPred : onlyLargest(yPred, topK));
    if (multiLabel && output.rank !== 2)
      throw new ArgumentError(`${this.name}: multiLabel needs outputs [batch, labels], received rank ${output.rank}`);
    const { positives, all } = this.#totals(multiLabel ? [output.shape[1]!] : []);

    const given =
      weights === undefined
        ? output.mul(0).add(1)
        : output.mul(0).add(alongValues(weights.cast("f32"), output, "weights"));
    const weight = labelWeights === null ? given : given.mul(tensor([...labelWeights]));
    const truth = target.notEqual(0);
    const sides = stack([where(truth, weight, 0), where(truth, 0, weight)]); // [2, …output]
    const flat = multiLabel ? [output.shape[0]!, output.shape[1]!] : [output.size];
    const limits = tensor([...thresholds]).reshape([1, thresholds.length, ...flat.map(() => 1)]);
    const above = output.reshape([1, 1, ...flat]).greater(limits); // [1, thresholds, …flat]
    const weighed = sides.reshape([2, 1, ...flat]);
    accumulate(positives, where(above, weighed, 0).sum(2));
    accumulate(all, weighed.sum(2));
  }

  /** The counts so far: [thresholds], or [thresholds, labels]. */
  protected get counts(): Counts {
    const shape = this.shapeOf("positives");
    if (shape === undefined) throw new ArgumentError(`${this.name}: there is no figure before the first batch`);
    const totals = this.#totals(shape.slice(2));
    const positives = sumOf(totals.positives);
    const negatives = sumOf(totals.all).sub(positives) as Tensor;
    const plane = (counts: Tensor, index: number): Tensor => counts.slice([index]);
    return {
      truePositives: plane(positives, 0),
      falsePositives: plane(positives, 1),
      falseNegatives: plane(negatives, 0),
      trueNegatives: plane(negatives, 1),
    };
  }
}

/** The k largest outputs of each example; the others are never positive. */
function onlyLargest(yPred: Tensor, k: number): Tensor {
  const { indices } = yPred.topK(k);
  const kept = oneHot(indices, yPred.shape.at(-1)!).sum(-2); // [batch, classes]
  return yPred.mul(kept).add(kept.neg().add(1).mul(never)) as Tensor;
}

/** x / (x + y), and 0 where both are 0. */
export const share = (x: Tensor, y: Tensor): Tensor => x.divideNoNaN(x.add(y)) as Tensor;

/** The figure itself where there is one threshold. */
export const perThreshold = (figures: Tensor): Tensor => (figures.size === 1 ? figures.reshape([]) : figures);

/** Thresholds as a list, each from 0 to 1. */
export function thresholdsOf(given: number | readonly number[] | null, standard: number): readonly number[] {
  const list = given === null ? [standard] : typeof given === "number" ? [given] : given;
  const wrong = list.find((threshold) => given !== null && !(threshold >= 0 && threshold <= 1));
  if (wrong === undefined && list.length > 0) return list;
  throw new ArgumentError(`thresholds must be from 0 to 1, received ${list.join(", ")}`);
}
