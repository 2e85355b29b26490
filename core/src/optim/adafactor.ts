import type { Given } from "../nn/options.ts";
import { full, rsqrt, type Tensor, type Variable } from "../tensor/index.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = {
  beta2Decay: -0.8,
  /** Added to squared gradients. */
  epsilon1: 1e-30,
  /** The smallest scale of a variable. */
  epsilon2: 1e-3,
  clipThreshold: 1,
  /** Steps are at most 1 / √t. */
  relativeStep: true,
};
export type AdafactorOptions = Given<typeof defaults> & OptimizerOptions;

const rootMeanSquare = (x: Tensor): Tensor => x.square().mean().sqrt();

/** Adam's second moments as a product of row and column means, so that a matrix needs a vector of each (Shazeer & Stern 2018). */
export class Adafactor extends Optimizer<typeof defaults> {
  override readonly name = "adafactor";

  constructor(options: AdafactorOptions = {}) {
    super(options, 0.001, defaults, "adafactor");
    demandNotNegative("epsilon1", this.own.epsilon1);
    demandNotNegative("epsilon2", this.own.epsilon2);
    demandNotNegative("clipThreshold", this.own.clipThreshold);
  }

  override slotRules({ shape }: Variable): { readonly [name: string]: SlotRule } {
    if (shape.length < 2) return { velocity: {} };
    return { rows: { shape: shape.slice(0, -1) }, columns: { shape: [...shape.slice(0, -2), shape.at(-1)!] } };
  }

  override update({ weight, gradient: g, slots, learningRate, step }: Present): Next {
    const { beta2Decay, epsilon1, epsilon2, clipThreshold, relativeStep } = this.own;
    // Keras limits the rate by 1 / √t also without relativeStep; so do we.
    void relativeStep;
    const rate = learningRate.minimum(rsqrt(step));
    const alpha = rootMeanSquare(weight).maximum(epsilon2).mul(rate);
    const seen = step.pow(beta2Decay); // 1 − β₂
    const squares = g.square().add(epsilon1) as Tensor;
    const blend = (old: Tensor, now: Tensor): Tensor => old.mul(seen.neg().add(1)).add(now.mul(seen)) as Tensor;
    const next =
      weight.rank < 2
        ? { velocity: blend(slots["velocity"]!, squares) }
        : { rows: blend(slots["rows"]!, squares.mean(-1)), columns: blend(slots["columns"]!, squares.mean(-2)) };
    const change = g.div(spreadOf(next).sqrt()) as Tensor;
    const scale = rootMeanSquare(change).div(clipThreshold).maximum(full([], 1));
    return { weight: weight.sub(change.div(scale).mul(alpha)) as Tensor, slots: next };
  }
}

/** The second moment of each element: rows · columns / mean of the rows. */
function spreadOf(next: { velocity: Tensor } | { rows: Tensor; columns: Tensor }): Tensor {
  if ("velocity" in next) return next.velocity;
  const rows = next.rows.div(next.rows.mean(-1, { keepDims: true })) as Tensor;
  return rows.expandDims(-1).mul(next.columns.expandDims(-2)) as Tensor;
}
