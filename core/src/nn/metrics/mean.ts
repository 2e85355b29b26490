import { Tensor, zerosLike } from "../../tensor/index.ts";
import { alongValues } from "../losses/index.ts";
import { type Given, withDefaults } from "../options.ts";
import { accumulate, Metric, type MetricOptions, sumOf, type Total } from "./metric.ts";

const along = (weights: Tensor, values: Tensor): Tensor => alongValues(weights.cast("f32"), values, "weights");

/** The weighted mean of values: Σ w·v / Σ w; 0 before the first value. */
export class Mean extends Metric {
  readonly #sum: Total;
  readonly #weight: Total;

  constructor(name = "mean") {
    super(name);
    this.#sum = this.addTotal("total");
    this.#weight = this.addTotal("count");
  }

  override get type(): string {
    return "mean";
  }

  /** Takes in `values` (any shape), each with its weight (same shape, or one an example, or one for all). */
  add(values: Tensor, weights?: Tensor | number): void {
    const each = weights instanceof Tensor ? along(weights, values) : weights;
    accumulate(this.#sum, (each === undefined ? values : values.mul(each)).sum());
    accumulate(this.#weight, each instanceof Tensor ? zerosLike(values).add(each).sum() : values.size * (each ?? 1));
  }

  override update(_yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    this.add(yPred, weights);
  }

  override result(): Tensor {
    return sumOf(this.#sum).divideNoNaN(sumOf(this.#weight));
  }

  /** As `result`, divided here: small reads instead of a program. */
  override async value(): Promise<number> {
    const [total, rest, count, more] = await Promise.all(this.variables.map((state) => state.item()));
    const weight = count! + more!;
    return weight === 0 ? 0 : (total! + rest!) / weight;
  }
}

/** Σ w·v over all values. */
export class Sum extends Metric {
  readonly #sum: Total;

  constructor({ name = "sum" }: MetricOptions = {}) {
    super(name);
    this.#sum = this.addTotal("total");
  }

  override get type(): string {
    return "sum";
  }

  override update(_yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    accumulate(this.#sum, (weights === undefined ? yPred : yPred.mul(along(weights, yPred))).sum());
  }

  override result(): Tensor {
    return sumOf(this.#sum);
  }
}

/** What tells one mean of values from another. */
export interface MeanRule<O extends object> {
  readonly direction: "up" | "down";
  readonly defaults: O;
  readonly check?: (options: O) => void;
  /** One value an example (and position). */
  readonly values: (yTrue: Tensor, yPred: Tensor, options: O) => Tensor;
  /** Which of the values count. */
  readonly mask?: (yTrue: Tensor, values: Tensor) => Tensor | undefined;
  /** What is done to the mean. */
  readonly finish?: (mean: Tensor) => Tensor;
}

class MeanOf<O extends object> extends Mean {
  readonly #type: string;
  readonly #rule: MeanRule<O>;
  readonly #options: O;

  constructor(type: string, rule: MeanRule<O>, options: Given<O> & MetricOptions) {
    const { name = type, ...given } = options;
    super(name);
    this.#type = type;
    this.#rule = rule;
    this.#options = withDefaults(type, typeof options === "object" ? given : options, rule.defaults);
    rule.check?.(this.#options);
  }

  override get type(): string {
    return this.#type;
  }

  override get direction(): "up" | "down" {
    return this.#rule.direction;
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const values = this.#rule.values(yTrue, yPred, this.#options).cast("f32") as Tensor;
    const mask = this.#rule.mask?.(yTrue, values)?.cast("f32");
    if (mask === undefined) this.add(values, weights);
    else this.add(values, weights === undefined ? mask : mask.mul(along(weights, values)));
  }

  override result(): Tensor {
    const mean = super.result();
    return this.#rule.finish?.(mean) ?? mean;
  }

  override async value(): Promise<number> {
    return this.#rule.finish === undefined ? super.value() : this.result().item();
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), ...this.#options };
  }
}

export type MakeMetric<O extends object> = (options?: Given<O> & MetricOptions) => Metric;

/** The maker of the metric `type`, which is the mean of one value an example. */
export const meanOf =
  <O extends object>(type: string, rule: MeanRule<O>): MakeMetric<O> =>
  (options = {}) =>
    new MeanOf(type, rule, options);

/** A metric that is the mean of the user's function of targets and outputs. */
export class FunctionMetric extends Mean {
  readonly #values: (yTrue: Tensor, yPred: Tensor) => Tensor;

  constructor(values: (yTrue: Tensor, yPred: Tensor) => Tensor, name = values.name || "metric") {
    super(name);
    this.#values = values;
  }

  override get type(): string {
    return this.name;
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    this.add(this.#values(yTrue, yPred).cast("f32"), weights);
  }
}
