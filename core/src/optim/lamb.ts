import type { Given } from "../nn/options.ts";
import { type Tensor, where } from "../tensor/index.ts";
import { moments, unseen } from "./adam.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
export type LambOptions = Given<typeof defaults> & OptimizerOptions;

const norm = (x: Tensor): Tensor => x.square().sum().sqrt();

/** Adam whose step has the length of the variable times the rate, for very large batches (You et al. 2020). */
export class Lamb extends Optimizer<typeof defaults> {
  override readonly name = "lamb";

  constructor(options: LambOptions = {}) {
    super(options, 0.001, defaults, "lamb");
    demandFraction("beta1", this.own.beta1);
    demandFraction("beta2", this.own.beta2);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { momentum: {}, velocity: {} };
  }

  override update({ weight, gradient: g, slots, learningRate, step }: Present): Next {
    const { beta1, beta2, epsilon } = this.own;
    const { momentum, velocity } = moments(g, slots, this.own);
    const spread = velocity.div(unseen(beta2, step)).sqrt().add(epsilon);
    const direction = momentum.div(unseen(beta1, step)).div(spread) as Tensor;
    const [length, size] = [norm(weight), norm(direction)];
    const both = length.greater(0).logicalAnd(size.greater(0));
    const trust = where(both, length.divideNoNaN(size), 1);
    return { weight: weight.sub(direction.mul(trust.mul(learningRate))) as Tensor, slots: { momentum, velocity } };
  }
}
