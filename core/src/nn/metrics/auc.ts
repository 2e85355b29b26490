import { ArgumentError } from "../../base/errors.ts";
import { log, type Tensor, tensor, where } from "../../tensor/index.ts";
import { epsilon } from "../losses/index.ts";
import { demandChoice, type Given, withDefaults } from "../options.ts";
import { CountingMetric, type Counts, share } from "./confusion.ts";
import type { Metric, MetricOptions } from "./metric.ts";

const curves = ["ROC", "PR", "PRGAIN"] as const;
const methods = ["interpolation", "minoring", "majoring"] as const;

const defaults = {
  numThresholds: 200,
  /** True positives over false positives ("ROC"), precision over recall ("PR"), or its gain. */
  curve: "ROC" as string,
  summationMethod: "interpolation" as string,
  /** Instead of numThresholds: the thresholds between 0 and 1. */
  thresholds: null as readonly number[] | null,
  /** One area a label (column), and their mean. */
  multiLabel: false,
  labelWeights: null as readonly number[] | null,
  fromLogits: false,
};

/** −ε, numbers between, 1 + ε: outputs of 0 and 1 fall on a known side. */
/** More would be a list of its own size for nothing: f32 tells apart few more numbers between 0 and 1 than that. */
const mostThresholds = 1_000_000;

function thresholdsFor({ numThresholds, thresholds }: typeof defaults): readonly number[] {
  if (thresholds === null && !(Number.isInteger(numThresholds) && numThresholds > 1 && numThresholds <= mostThresholds))
    throw new ArgumentError(
      `numThresholds must be a whole number from 2 to ${mostThresholds}, received ${numThresholds}`,
    );
  if (thresholds !== null && !Array.isArray(thresholds))
    throw new ArgumentError(`auc: thresholds must be a list of numbers, received ${thresholds}`);
  const inner =
    thresholds === null
      ? Array.from({ length: numThresholds - 2 }, (_, index) => (index + 1) / (numThresholds - 1))
      : [...thresholds].sort((a, b) => a - b);
  return [-epsilon, ...inner, 1 + epsilon];
}

/** The area under a curve that goes over all thresholds. */
class Auc extends CountingMetric {
  readonly #options: typeof defaults;

  constructor({ name = "auc", ...given }: Given<typeof defaults> & MetricOptions = {}) {
    const options = withDefaults("auc", given, defaults);
    demandChoice("curve", options.curve, curves);
    demandChoice("summationMethod", options.summationMethod, methods);
    const { multiLabel, labelWeights } = options;
    super(name, { thresholds: thresholdsFor(options), multiLabel, labelWeights: multiLabel ? null : labelWeights });
    this.#options = options;
  }

  override get type(): string {
    return "auc";
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const wide = yPred.cast("f32") as Tensor;
    this.count(yTrue, this.#options.fromLogits ? wide.sigmoid() : wide, weights);
  }

  override result(): Tensor {
    const { curve, summationMethod, multiLabel, labelWeights } = this.#options;
    const interpolated = curve === "PR" && summationMethod === "interpolation";
    const areas = (interpolated ? precisionAreas(this.counts) : this.#rectangles(this.counts)).sum(0);
    if (!multiLabel) return areas;
    if (labelWeights === null) return areas.mean();
    const weights = tensor([...labelWeights]);
    return areas.mul(weights).sum().divideNoNaN(weights.sum());
  }

  /** Width times height between neighbouring thresholds. */
  #rectangles(counts: Counts): Tensor {
    const { x, y } = points(this.#options.curve, counts);
    const [left, right] = [y.slice([{ stop: -1 }]), y.slice([{ start: 1 }])];
    const heights = {
      interpolation: () => left.add(right).div(2),
      minoring: () => left.minimum(right),
      majoring: () => left.maximum(right),
    }[this.#options.summationMethod as (typeof methods)[number]](); // demanded in the constructor
    return x
      .slice([{ stop: -1 }])
      .sub(x.slice([{ start: 1 }]))
      .mul(heights) as Tensor;
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), ...this.#options };
  }
}

function points(curve: string, counts: Counts): { readonly x: Tensor; readonly y: Tensor } {
  const { truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn } = counts;
  if (curve === "ROC") return { x: share(fp, tn), y: share(tp, fn) };
  if (curve === "PR") return { x: share(tp, fn), y: share(tp, fp) };
  // Gains over the answer "always yes" (Flach & Kull 2015); 0 and 1 where nothing was found.
  const scale = tp.add(fn).divideNoNaN(tn.add(fp));
  const gain = (errors: Tensor): Tensor => scale.mul(errors.divideNoNaN(tp)).neg().add(1) as Tensor;
  const nothing = tp.equal(0);
  return { x: where(nothing, 0, gain(fn)).maximum(0) as Tensor, y: where(nothing, 1, gain(fp)) as Tensor };
}

/** Areas under the precision-recall curve, interpolated as Davis & Goadrich (2006) show: counts, not precisions, lie on lines. */
function precisionAreas({ truePositives: tp, falsePositives: fp, falseNegatives: fn }: Counts): Tensor {
  const before = (x: Tensor): Tensor => x.slice([{ stop: -1 }]);
  const after = (x: Tensor): Tensor => x.slice([{ start: 1 }]);
  const called = tp.add(fp) as Tensor;
  const gained = before(tp).sub(after(tp)) as Tensor;
  const slope = gained.divideNoNaN(before(called).sub(after(called)).maximum(0));
  const intercept = after(tp).sub(slope.mul(after(called)));
  const both = before(called).greater(0).logicalAnd(after(called).greater(0));
  const ratio = where(both, before(called).divideNoNaN(after(called).maximum(0)), 1);
  const area = slope.mul(gained.add(intercept.mul(log(ratio))));
  return area.divideNoNaN(after(tp).add(after(fn)).maximum(0)) as Tensor;
}

export const auc = (options?: Given<typeof defaults> & MetricOptions): Metric => new Auc(options);
