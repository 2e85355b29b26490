import type { Given } from "../nn/options.ts";
import type { Tensor } from "../tensor/index.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, type OptimizerOptions } from "./options.ts";

const defaults = { beta1: 0.9, beta2: 0.99 };
export type LionOptions = Given<typeof defaults> & OptimizerOptions;

/** Every element moves by ±rate: w ← w − rate·sign(β₁·m + (1 − β₁)·g); m ← β₂·m + (1 − β₂)·g (Chen et al. 2023). */
export class Lion extends Optimizer<typeof defaults> {
  override readonly name = "lion";

  constructor(options: LionOptions = {}) {
    super(options, 0.001, defaults, "lion");
    demandFraction("beta1", this.own.beta1);
    demandFraction("beta2", this.own.beta2);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { momentum: {} };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const m = slots["momentum"]!;
    const blend = (beta: number): Tensor => m.mul(beta).add(g.mul(1 - beta)) as Tensor;
    return {
      weight: weight.sub(blend(this.own.beta1).sign().mul(learningRate)) as Tensor,
      slots: { momentum: faded(blend(this.own.beta2)) },
    };
  }
}
