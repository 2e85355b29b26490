import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { type Tensor, where } from "../../tensor/index.ts";
import { matching } from "../losses/index.ts";
import { demandChoice, type Given, withDefaults } from "../options.ts";
import { accumulate, Metric, type MetricOptions, sumOf, type Total } from "./metric.ts";

const aggregations = ["uniformAverage", "varianceWeightedAverage"] as const;
type Aggregation = (typeof aggregations)[number] | "none" | null;
const defaults = {
  /** How the outputs' figures become one; null (or "none") gives them all. */
  classAggregation: "uniformAverage" as Aggregation,
  /** Above 0: adjusted for this many independent inputs. */
  numRegressors: 0,
};

/** 1 − Σ (y − p)² / Σ (y − mean of y)²: the part of the variance that the output explains; targets [batch, outputs]. */
class R2Score extends Metric {
  readonly #options: typeof defaults;
  readonly #samples: Total;

  constructor(options: Given<typeof defaults> & MetricOptions = {}) {
    const { name = "r2Score", classAggregation = defaults.classAggregation, ...given } = options;
    super(name);
    const how = classAggregation === "none" ? null : classAggregation;
    if (how !== null) demandChoice("classAggregation", how, aggregations);
    this.#options = { ...withDefaults("r2Score", given, defaults), classAggregation: how };
    if (!(this.#options.numRegressors >= 0))
      throw new ArgumentError(`numRegressors must be at least 0, received ${this.#options.numRegressors}`);
    this.#samples = this.addTotal("samples");
  }

  override get type(): string {
    return "r2Score";
  }

  override get direction(): "up" {
    return "up";
  }

  #build(shape: Shape): {
    readonly squares: Total;
    readonly sum: Total;
    readonly residual: Total;
    readonly weight: Total;
  } {
    return {
      squares: this.addTotal("squares", shape),
      sum: this.addTotal("sum", shape),
      residual: this.addTotal("residual", shape),
      weight: this.addTotal("weight", shape),
    };
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const y = matching(yTrue, yPred).cast("f32") as Tensor;
    const columns = y.rank === 1 ? 1 : y.shape.at(-1)!;
    const { squares, sum, residual, weight } = this.#build([columns]);
    const table = (x: Tensor): Tensor => x.reshape([-1, columns]);
    const [target, output] = [table(y), table(yPred.cast("f32"))];
    const one = target.mul(0).add(1) as Tensor;
    const w = weights === undefined ? one : (one.mul(weights.reshape([-1, 1])) as Tensor);
    const weighed = target.mul(w);
    accumulate(sum, weighed.sum(0));
    accumulate(squares, target.mul(weighed).sum(0));
    accumulate(residual, target.sub(output).square().mul(w).sum(0));
    accumulate(weight, w.sum(0));
    accumulate(this.#samples, target.size);
  }

  override result(): Tensor {
    const shape = this.shapeOf("sum");
    if (shape === undefined) throw new ArgumentError(`${this.name}: there is no figure before the first batch`);
    const [squares, sum, residual, weight] = Object.values(this.#build(shape)).map(sumOf) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const total = squares.sub(sum.mul(sum.div(weight))) as Tensor;
    const raw = residual.div(total).neg().add(1) as Tensor;
    const scores = where(raw.abs().equal(Number.POSITIVE_INFINITY), 0, raw) as Tensor;
    const { classAggregation, numRegressors } = this.#options;
    if (classAggregation === null) return this.#adjusted(scores, numRegressors);
    const one =
      classAggregation === "uniformAverage" ? scores.mean() : (total.mul(scores).sum().div(total.sum()) as Tensor);
    return this.#adjusted(one, numRegressors);
  }

  /** 1 − (1 − R²)(n − 1) / (n − p − 1), where there are more examples than that needs. */
  #adjusted(score: Tensor, regressors: number): Tensor {
    if (regressors === 0) return score;
    const n = sumOf(this.#samples);
    const left = n.sub(regressors + 1);
    const adjusted = score.neg().add(1).mul(n.sub(1)).div(left).neg().add(1);
    return where(left.greater(0), adjusted, score) as Tensor;
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), ...this.#options };
  }
}

export const r2Score = (options?: Given<typeof defaults> & MetricOptions): Metric => new R2Score(options);
