import type { Given } from "../nn/options.ts";
import { full, type Tensor } from "../tensor/index.ts";
import { moments, towards, unseen } from "./adam.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
export type AdamaxOptions = Given<typeof defaults> & OptimizerOptions;

/** Adam with the largest gradient in place of the mean square: u ← max(β₂·u, |g|) (Kingma & Ba 2015, section 7.1). */
export class Adamax extends Optimizer<typeof defaults> {
  override readonly name = "adamax";

  constructor(options: AdamaxOptions = {}) {
    super(options, 0.001, defaults, "adamax");
    demandFraction("beta1", this.own.beta1);
    demandFraction("beta2", this.own.beta2);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { momentum: {}, norm: {} };
  }

  override update({ weight, gradient: g, slots, learningRate, step }: Present): Next {
    const { beta1, beta2, epsilon } = this.own;
    const momentum = towards(slots["momentum"]!, g, beta1);
    const norm = faded(slots["norm"]!.mul(beta2).maximum(g.abs()));
    const rate = learningRate.div(unseen(beta1, step));
    return { weight: weight.sub(momentum.mul(rate).div(norm.add(epsilon))) as Tensor, slots: { momentum, norm } };
  }
}

/** How β₁ grows: 1 − ½·0.96ᵗ of its full value. */
const growth = 0.96;

/** Adam that looks ahead along its momentum, as Nesterov (Dozat 2016). Default rate 0.001. */
export class Nadam extends Optimizer<typeof defaults> {
  override readonly name = "nadam";

  constructor(options: AdamaxOptions = {}) {
    super(options, 0.001, defaults, "nadam");
    demandFraction("beta1", this.own.beta1);
    demandFraction("beta2", this.own.beta2);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { momentum: {}, velocity: {} };
  }

  /** The product of all μ so far. */
  override sharedRules(): { readonly [name: string]: number } {
    return { product: 1 };
  }

  override advance(
    { product }: { readonly [name: string]: Tensor },
    step: Tensor,
  ): { readonly [name: string]: Tensor } {
    return { product: product!.mul(this.#mu(step)) as Tensor };
  }

  /** μₜ = β₁·(1 − ½·0.96ᵗ) */
  #mu(step: Tensor): Tensor {
    return full([], growth).pow(step).mul(-0.5).add(1).mul(this.own.beta1) as Tensor;
  }

  /** The same on the host. */
  momentumAt(step: number): number {
    return this.own.beta1 * (1 - 0.5 * growth ** step);
  }

  override update({ weight, gradient: g, slots, learningRate, step, shared }: Present): Next {
    const [mu, next] = [this.#mu(step), this.#mu(step.add(1) as Tensor)];
    const product = shared["product"]!;
    const { momentum, velocity } = moments(g, slots, this.own);
    const left = (x: Tensor): Tensor => x.neg().add(1) as Tensor; // 1 − x
    const ahead = momentum.mul(next.div(left(product.mul(next) as Tensor)));
    const now = g.mul(left(mu).div(left(product)));
    const spread = velocity.div(unseen(this.own.beta2, step)).sqrt().add(this.own.epsilon);
    return {
      weight: weight.sub(ahead.add(now).mul(learningRate).div(spread)) as Tensor,
      slots: { momentum, velocity },
    };
  }
}
