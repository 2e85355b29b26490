import type { Given } from "../nn/options.ts";
import { expm1, type Tensor } from "../tensor/index.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = {
  /** How much of the mean gradient each step keeps. */
  beta1: 0.9,
  /** How much of the mean squared gradient each step keeps. */
  beta2: 0.999,
  epsilon: 1e-7,
  /** Divides by the largest mean square so far (Reddi et al. 2018). */
  amsgrad: false,
};
export type AdamOptions = Given<typeof defaults> & OptimizerOptions;

/** 1 − βᵗ without cancellation: 1 − 0.999 in f32 would be wrong by 6e-5 of itself. */
export const unseen = (beta: number, step: Tensor): Tensor => expm1(step.mul(Math.log(beta))).neg();

/** Moves `old` towards `now` by 1 − β of the way; a rest of nothing fades. */
export const towards = (old: Tensor, now: Tensor, beta: number): Tensor => faded(old.add(now.sub(old).mul(1 - beta)));

/** m ← m + (1 − β₁)(g − m) and v ← v + (1 − β₂)(g² − v): the moments that Adam and its kin share. */
export const moments = (
  g: Tensor,
  slots: Present["slots"],
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): { readonly momentum: Tensor; readonly velocity: Tensor } => ({
  momentum: towards(slots["momentum"]!, g, beta1),
  velocity: towards(slots["velocity"]!, g.square(), beta2),
});

/**
 * m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); w ← w − α·m / (√v + ε) with α = rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ)
 * (Kingma & Ba 2015, section 2, the form before "ε̂"). Default rate 0.001.
 */
export class Adam extends Optimizer<typeof defaults> {
  override readonly name: string = "adam";

  constructor(options: AdamOptions = {}) {
    super(options, 0.001, defaults, "adam");
    demandFraction("beta1", this.own.beta1);
    demandFraction("beta2", this.own.beta2);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { momentum: {}, velocity: {}, ...(this.own.amsgrad ? { velocityHat: {} } : {}) };
  }

  override update({ weight, gradient: g, slots, learningRate, step }: Present): Next {
    const { beta1, beta2, epsilon, amsgrad } = this.own;
    const alpha = learningRate.mul(unseen(beta2, step).sqrt()).div(unseen(beta1, step));
    const { momentum, velocity } = moments(g, slots, this.own);
    const largest = amsgrad ? (slots["velocityHat"]!.maximum(velocity) as Tensor) : velocity;
    const change = momentum.mul(alpha).div(largest.sqrt().add(epsilon)).neg();
    return {
      weight: weight.add(change) as Tensor,
      slots: { momentum, velocity, ...(amsgrad ? { velocityHat: largest } : {}) },
    };
  }
}

/** Adam with weight decay apart from the gradient; default weightDecay 0.004 (Loshchilov & Hutter 2019). */
export class AdamW extends Adam {
  override readonly name = "adamw";

  constructor(options: AdamOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }
}
