import { expm1, type Tensor } from "../tensor/index.ts";
import { fraction, notNegative, Optimizer, type OptimizerOptions, type Update } from "./optimizer.ts";

export interface AdamOptions extends OptimizerOptions {
  /** Default 0.001. */
  readonly learningRate?: number | undefined;
  /** How much of the mean gradient each step keeps. Default 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the mean squared gradient each step keeps. Default 0.999. */
  readonly beta2?: number | undefined;
  /** Default 1e-7. */
  readonly epsilon?: number | undefined;
}

/**
 * m ← m + (1 − β₁)(g − m); v ← v + (1 − β₂)(g² − v); w ← w − α·m / (√v + ε) with α = rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ)
 * (Kingma & Ba 2015, section 2, the form before "ε̂").
 */
export class Adam extends Optimizer {
  override readonly name: "adam" | "adamw" = "adam";
  override readonly slotNames = ["momentum", "velocity"];
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;

  constructor(options: AdamOptions = {}) {
    super(options.learningRate ?? 0.001, options, ["beta1", "beta2", "epsilon"]);
    this.beta1 = fraction("beta1", options.beta1 ?? 0.9);
    this.beta2 = fraction("beta2", options.beta2 ?? 0.999);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
  }

  override update(_w: Tensor, g: Tensor, slots: { [name: string]: Tensor }, rate: Tensor, step: Tensor): Update {
    // 1 − βᵗ without cancellation: 1 − 0.999 in f32 would be wrong by 6e-5 of itself.
    const unseen = (beta: number): Tensor => expm1(step.mul(Math.log(beta))).neg();
    const alpha = rate.mul(unseen(this.beta2).sqrt()).div(unseen(this.beta1));
    const m = slots["momentum"]!;
    const v = slots["velocity"]!;
    const momentum = m.add(g.sub(m).mul(1 - this.beta1));
    const velocity = v.add(
      g
        .square()
        .sub(v)
        .mul(1 - this.beta2),
    );
    return {
      change: momentum.mul(alpha).div(velocity.sqrt().add(this.epsilon)).neg(),
      slots: { momentum, velocity },
    };
  }

  override config(): Readonly<Record<string, unknown>> {
    const { beta1, beta2, epsilon } = this;
    return { ...this.options, beta1, beta2, epsilon };
  }
}

/** Adam with weight decay apart from the gradient; default weightDecay 0.004 (Loshchilov & Hutter 2019). */
export class AdamW extends Adam {
  override readonly name = "adamw";

  constructor(options: AdamOptions = {}) {
    super({ ...options, weightDecay: options.weightDecay ?? 0.004 });
  }
}
