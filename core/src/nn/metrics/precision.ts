import { type Tensor, where } from "../../tensor/index.ts";
import { positive } from "../checks.ts";
import { demandWithin, type Given, withDefaults } from "../options.ts";
import { CountingMetric, type CountOptions, type Counts, perThreshold, share, thresholdsOf } from "./confusion.ts";
import type { Metric, MetricOptions } from "./metric.ts";

type Thresholds = number | readonly number[] | null;

const countDefaults = { thresholds: null as Thresholds };
const rateDefaults = { thresholds: null as Thresholds, topK: null as number | null, classId: null as number | null };
const limitDefaults = { numThresholds: 200, classId: null as number | null };

/** A figure of counts that is read at each threshold, or at the best one. */
class Figure<O extends object> extends CountingMetric {
  readonly #type: string;
  readonly #options: O;
  readonly #of: (counts: Counts) => Tensor;
  readonly #direction: "up" | undefined;

  constructor(
    type: string,
    name: string | undefined,
    options: O,
    counting: CountOptions,
    of: (counts: Counts) => Tensor,
    direction?: "up",
  ) {
    super(name ?? type, counting);
    this.#type = type;
    this.#options = options;
    this.#of = of;
    this.#direction = direction;
  }

  override get type(): string {
    return this.#type;
  }

  override get direction(): "up" | undefined {
    return this.#direction;
  }

  override result(): Tensor {
    return this.#of(this.counts);
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), ...this.#options };
  }
}

/** The count itself, at each threshold. */
const countOf =
  (type: string, of: (counts: Counts) => Tensor) =>
  ({ name, ...given }: Given<typeof countDefaults> & MetricOptions = {}): Metric => {
    const options = withDefaults(type, given, countDefaults);
    const thresholds = thresholdsOf(options.thresholds, 0.5);
    return new Figure(type, name, options, { thresholds }, (counts) => perThreshold(of(counts)));
  };

export const truePositives = countOf("truePositives", (counts) => counts.truePositives);
export const falsePositives = countOf("falsePositives", (counts) => counts.falsePositives);
export const trueNegatives = countOf("trueNegatives", (counts) => counts.trueNegatives);
export const falseNegatives = countOf("falseNegatives", (counts) => counts.falseNegatives);

const precisions = ({ truePositives: right, falsePositives: wrong }: Counts): Tensor => share(right, wrong);
const recalls = ({ truePositives: right, falseNegatives: missed }: Counts): Tensor => share(right, missed);
const specificities = ({ trueNegatives: right, falsePositives: wrong }: Counts): Tensor => share(right, wrong);

/** Where no threshold is given, the k largest outputs are positive whatever their size, as in Keras. */
const rateOf =
  (type: string, of: (counts: Counts) => Tensor) =>
  ({ name, ...given }: Given<typeof rateDefaults> & MetricOptions = {}): Metric => {
    const options = withDefaults(type, given, rateDefaults);
    const { topK, classId } = options;
    if (topK !== null) positive("topK", topK);
    const thresholds = thresholdsOf(options.thresholds, topK === null ? 0.5 : -1e10);
    return new Figure(type, name, options, { thresholds, topK, classId }, (counts) => perThreshold(of(counts)), "up");
  };

/** Of what was called positive, the part that is. */
export const precision = rateOf("precision", precisions);
/** Of what is positive, the part that was called so. */
export const recall = rateOf("recall", recalls);

/** Thresholds from 0 to 1 at equal distances, both included. */
const evenly = (count: number): readonly number[] =>
  count === 1 ? [0.5] : Array.from({ length: count }, (_, index) => index / (count - 1));

/** The best of one figure at the thresholds where another is at least `limit`. */
const bestOf =
  (type: string, limited: string, by: (counts: Counts) => Tensor, of: (counts: Counts) => Tensor) =>
  (limit: number, { name, ...given }: Given<typeof limitDefaults> & MetricOptions = {}): Metric => {
    demandWithin(limited, limit, 0, 1);
    const options = withDefaults(type, given, limitDefaults);
    positive("numThresholds", options.numThresholds);
    const counting = { thresholds: evenly(options.numThresholds), classId: options.classId };
    const best = (counts: Counts): Tensor => where(by(counts).greaterEqual(limit), of(counts), 0).max() as Tensor;
    return new Figure(type, name, { [limited]: limit, ...options }, counting, best, "up");
  };

export const sensitivityAtSpecificity = bestOf("sensitivityAtSpecificity", "specificity", specificities, recalls);
export const specificityAtSensitivity = bestOf("specificityAtSensitivity", "sensitivity", recalls, specificities);
export const precisionAtRecall = bestOf("precisionAtRecall", "recall", recalls, precisions);
export const recallAtPrecision = bestOf("recallAtPrecision", "precision", precisions, recalls);
