import { ArgumentError, suggest } from "../base/errors.ts";
import { Tensor, tensor, type Variable, variable, zerosLike } from "../tensor/index.ts";
import { zeros } from "./initializers.ts";
import { alongBatch, type Loss, losses, matching } from "./losses.ts";

/** A running figure over many batches; its state is Variables, so it is updated inside a compiled step. */
export abstract class Metric {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  abstract get variables(): readonly Variable[];
  /** Takes a batch in. `weights` is [batch]. */
  abstract update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void;
  /** The figure so far, a scalar. */
  abstract result(): Tensor;

  /** Starts again. */
  reset(): void {
    for (const state of this.variables) state.assign(tensor(new Float32Array(state.size), { shape: state.shape }));
  }

  /** The figure so far, read to the host. */
  async value(): Promise<number> {
    return this.result().item();
  }
}

/** The weighted mean of values: Σ w·v / Σ w; 0 before the first value. */
export class Mean extends Metric {
  readonly total: Variable;
  readonly count: Variable;

  constructor(name = "mean") {
    super(name);
    this.total = variable([], zeros(), { name: `${name}/total`, trainable: false });
    this.count = variable([], zeros(), { name: `${name}/count`, trainable: false });
  }

  override get variables(): readonly Variable[] {
    return [this.total, this.count];
  }

  /** Takes in `values` (any shape), each with its weight (same shape, or one an example, or one for all). */
  add(values: Tensor, weights?: Tensor | number): void {
    const scaled = weights === undefined ? values : values.mul(spread(weights, values.rank));
    const count =
      weights instanceof Tensor
        ? zerosLike(values).add(spread(weights, values.rank)).sum()
        : (weights ?? 1) * values.size;
    this.total.assign(this.total.read().add(scaled.sum()));
    this.count.assign(this.count.read().add(count));
  }

  override update(_yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    this.add(yPred, weights);
  }

  override result(): Tensor {
    return this.total.read().divideNoNaN(this.count.read());
  }

  /** As `result`, divided here: two small reads instead of a program. */
  override async value(): Promise<number> {
    const [total, count] = await Promise.all([this.total.item(), this.count.item()]);
    return count === 0 ? 0 : total / count;
  }
}

const spread = (weights: Tensor | number, rank: number): Tensor | number =>
  weights instanceof Tensor && weights.rank === 1 && rank > 1 ? alongBatch(weights, rank) : weights;

/** A metric that is the mean of one value an example. */
export class MeanOf extends Mean {
  readonly #values: (yTrue: Tensor, yPred: Tensor) => Tensor;

  constructor(name: string, values: (yTrue: Tensor, yPred: Tensor) => Tensor) {
    super(name);
    this.#values = values;
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    this.add(this.#values(yTrue, yPred).cast("f32"), weights);
  }
}

/** Class numbers [batch] or [batch, 1] against the largest output. */
const sparseMatches = (yTrue: Tensor, yPred: Tensor): Tensor => {
  const target = yTrue.rank === yPred.rank && yTrue.shape.at(-1) === 1 ? yTrue.squeeze(-1) : yTrue;
  return yPred.argmax(-1).equal(target.cast("i32"));
};
const categoricalMatches = (yTrue: Tensor, yPred: Tensor): Tensor => yPred.argmax(-1).equal(yTrue.argmax(-1));
const binaryMatches = (yTrue: Tensor, yPred: Tensor): Tensor =>
  yPred.greater(0.5).cast("f32").equal(matching(yTrue, yPred)).cast("f32").mean(-1);

const ofLoss = (name: string, loss: Loss) => (): Metric => new MeanOf(name, loss.call);

/** Metrics by name. `accuracy` chooses its kind by the shapes of target and output. */
export const metrics = {
  accuracy: (): Metric => new MeanOf("accuracy", accuracyOf),
  binaryAccuracy: (): Metric => new MeanOf("binaryAccuracy", binaryMatches),
  categoricalAccuracy: (): Metric => new MeanOf("categoricalAccuracy", categoricalMatches),
  sparseCategoricalAccuracy: (): Metric => new MeanOf("sparseCategoricalAccuracy", sparseMatches),
  meanSquaredError: ofLoss("meanSquaredError", losses.meanSquaredError()),
  mse: ofLoss("mse", losses.meanSquaredError()),
  meanAbsoluteError: ofLoss("meanAbsoluteError", losses.meanAbsoluteError()),
  mae: ofLoss("mae", losses.meanAbsoluteError()),
} as const satisfies Record<string, () => Metric>;

export type MetricName = keyof typeof metrics;

/** Keras's choice: one output → binary; class numbers → sparse; otherwise one-hot rows. */
function accuracyOf(yTrue: Tensor, yPred: Tensor): Tensor {
  if (yPred.shape.at(-1) === 1) return binaryMatches(yTrue, yPred);
  if (yTrue.rank < yPred.rank || yTrue.shape.at(-1) === 1) return sparseMatches(yTrue, yPred);
  return categoricalMatches(yTrue, yPred);
}

/** The metric itself, or the one of that name; an unknown name is an error with the nearest valid ones. */
export function resolveMetric(given: MetricName | Metric): Metric {
  if (given instanceof Metric) return given;
  const make = Object.hasOwn(metrics, given) ? metrics[given] : undefined;
  if (make === undefined) {
    throw new ArgumentError({ what: `unknown metric "${given}"`, hint: suggest(given, Object.keys(metrics)) });
  }
  return make();
}
