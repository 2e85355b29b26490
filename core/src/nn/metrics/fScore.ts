import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { epsilon, matching } from "../losses/index.ts";
import { demandPositiveNumber, type Given, withDefaults } from "../options.ts";
import { accumulate, Metric, type MetricOptions, sumOf, type Total } from "./metric.ts";

type Average = "micro" | "macro" | "weighted" | null;

const averages: readonly Average[] = ["micro", "macro", "weighted", null];
const defaults = {
  /** How the classes' figures become one: null gives them all. */
  average: null as Average,
  /** Recall counts this many times as much as precision. */
  beta: 1,
  /** Outputs above it are positive; null: the largest of each example is. */
  threshold: null as number | null,
};

/** (1 + β²)·precision·recall / (β²·precision + recall), for targets and outputs [batch, classes]. */
class FScore extends Metric {
  readonly #type: string;
  readonly #options: typeof defaults;

  constructor(type: string, name: string, { average, ...rest }: Given<typeof defaults>) {
    super(name);
    this.#type = type;
    this.#options = { ...withDefaults(type, rest, { ...defaults, average: "" }), average: average ?? null };
    if (!averages.includes(this.#options.average))
      throw new ArgumentError(
        `average must be micro, macro, weighted or null, received ${String(average).slice(0, 40)}`,
      );
    demandPositiveNumber("beta", this.#options.beta);
  }

  override get type(): string {
    return this.#type;
  }

  override get direction(): "up" {
    return "up";
  }

  #build(shape: Shape): { readonly tp: Total; readonly fp: Total; readonly fn: Total; readonly weight: Total } {
    return {
      tp: this.addTotal("truePositives", shape),
      fp: this.addTotal("falsePositives", shape),
      fn: this.addTotal("falseNegatives", shape),
      weight: this.addTotal("weights", shape),
    };
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const { average, threshold } = this.#options;
    if (yPred.rank !== 2)
      throw new ArgumentError(`${this.name}: expected outputs [batch, classes], received rank ${yPred.rank}`);
    const { tp, fp, fn, weight } = this.#build(average === "micro" ? [] : [yPred.shape[1]!]);
    const y = matching(yTrue, yPred).cast("f32");
    const largest = yPred.greaterEqual(yPred.max(-1, { keepDims: true })).logicalAnd(yPred.abs().greater(1e-9));
    const p = (threshold === null ? largest : yPred.greater(threshold)).cast("f32") as Tensor;
    const column = weights?.reshape([-1, 1]);
    const counted = (values: Tensor): Tensor =>
      (column === undefined ? values : (values.mul(column) as Tensor)).sum(
        average === "micro" ? undefined : 0,
      ) as Tensor;
    accumulate(tp, counted(p.mul(y) as Tensor));
    accumulate(fp, counted(p.mul(y.neg().add(1)) as Tensor));
    accumulate(fn, counted(p.neg().add(1).mul(y) as Tensor));
    accumulate(weight, counted(y as Tensor));
  }

  override result(): Tensor {
    const { average, beta } = this.#options;
    const shape = this.shapeOf("truePositives");
    if (shape === undefined) throw new ArgumentError(`${this.name}: there is no figure before the first batch`);
    const [tp, fp, fn, weight] = Object.values(this.#build(shape)).map(sumOf) as [Tensor, Tensor, Tensor, Tensor];
    const part = (wrong: Tensor): Tensor => tp.div(tp.add(wrong).add(epsilon)) as Tensor;
    const [precision, recall] = [part(fp), part(fn)];
    const square = beta * beta;
    const scores = precision
      .mul(recall)
      .div(precision.mul(square).add(recall).add(epsilon))
      .mul(1 + square) as Tensor;
    if (average === null) return scores;
    return average === "weighted" ? scores.mul(weight.div(weight.sum().add(epsilon))).sum() : scores.mean();
  }

  override config(): Readonly<Record<string, unknown>> {
    const { beta, ...rest } = this.#options;
    return { ...super.config(), ...rest, ...(this.#type === "f1Score" ? {} : { beta }) };
  }
}

export const fBetaScore = ({ name = "fBetaScore", ...options }: Given<typeof defaults> & MetricOptions = {}): Metric =>
  new FScore("fBetaScore", name, options);
export const f1Score = ({
  name = "f1Score",
  ...options
}: Omit<Given<typeof defaults>, "beta"> & MetricOptions = {}): Metric => new FScore("f1Score", name, options);
