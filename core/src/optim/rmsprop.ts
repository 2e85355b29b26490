import type { Given } from "../nn/options.ts";
import { rsqrt, type Tensor } from "../tensor/index.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = {
  /** How much of the mean square each step keeps. */
  rho: 0.9,
  momentum: 0,
  epsilon: 1e-7,
  /** Divides by the standard deviation instead of the root mean square. */
  centered: false,
};
export type RMSpropOptions = Given<typeof defaults> & OptimizerOptions;

/** v ← ρ·v + (1 − ρ)·g²; w ← w − rate·g / √(v + ε) (Hinton 2012, in Keras's form with ε under the root). */
export class RMSprop extends Optimizer<typeof defaults> {
  override readonly name = "rmsprop";

  constructor(options: RMSpropOptions = {}) {
    super(options, 0.001, defaults, "rmsprop");
    demandFraction("rho", this.own.rho);
    demandFraction("momentum", this.own.momentum);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    const { momentum, centered } = this.own;
    return { velocity: {}, ...(momentum > 0 ? { momentum: {} } : {}), ...(centered ? { average: {} } : {}) };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const { rho, momentum, epsilon, centered } = this.own;
    const blend = (old: Tensor, now: Tensor): Tensor => faded(old.mul(rho).add(now.mul(1 - rho)));
    const velocity = blend(slots["velocity"]!, g.square());
    const average = centered ? blend(slots["average"]!, g) : undefined;
    const spread = average === undefined ? velocity : velocity.sub(average.square());
    const step = g.mul(learningRate).mul(rsqrt(spread.add(epsilon))) as Tensor;
    const next = momentum > 0 ? faded(slots["momentum"]!.mul(momentum).add(step)) : undefined;
    return {
      weight: weight.add((next ?? step).neg()) as Tensor,
      slots: {
        velocity,
        ...(next === undefined ? {} : { momentum: next }),
        ...(average === undefined ? {} : { average }),
      },
    };
  }
}
