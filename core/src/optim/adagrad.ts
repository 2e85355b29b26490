import type { Given } from "../nn/options.ts";
import type { Tensor } from "../tensor/index.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, demandNotNegative, type OptimizerOptions } from "./options.ts";

const adagradDefaults = { initialAccumulatorValue: 0.1, epsilon: 1e-7 };
export type AdagradOptions = Given<typeof adagradDefaults> & OptimizerOptions;

/** a ← a + g²; w ← w − rate·g / √(a + ε) (Duchi et al. 2011). Default rate 0.001. */
export class Adagrad extends Optimizer<typeof adagradDefaults> {
  override readonly name = "adagrad";

  constructor(options: AdagradOptions = {}) {
    super(options, 0.001, adagradDefaults, "adagrad");
    demandNotNegative("initialAccumulatorValue", this.own.initialAccumulatorValue);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { accumulator: { value: this.own.initialAccumulatorValue } };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const accumulator = slots["accumulator"]!.add(g.square()) as Tensor;
    const change = g.mul(learningRate).div(accumulator.add(this.own.epsilon).sqrt());
    return { weight: weight.sub(change) as Tensor, slots: { accumulator } };
  }
}

const adadeltaDefaults = { rho: 0.95, epsilon: 1e-7 };
export type AdadeltaOptions = Given<typeof adadeltaDefaults> & OptimizerOptions;

/** Steps as large as past changes were, in units of past gradients (Zeiler 2012). Default rate 0.001. */
export class Adadelta extends Optimizer<typeof adadeltaDefaults> {
  override readonly name = "adadelta";

  constructor(options: AdadeltaOptions = {}) {
    super(options, 0.001, adadeltaDefaults, "adadelta");
    demandFraction("rho", this.own.rho);
    demandNotNegative("epsilon", this.own.epsilon);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { accumulatedGradient: {}, accumulatedChange: {} };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const { rho, epsilon } = this.own;
    const blend = (old: Tensor, now: Tensor): Tensor => faded(old.mul(rho).add(now.square().mul(1 - rho)));
    const root = (x: Tensor): Tensor => x.add(epsilon).sqrt() as Tensor;
    const gradients = blend(slots["accumulatedGradient"]!, g);
    const changes = slots["accumulatedChange"]!;
    const change = root(changes).mul(g).div(root(gradients)).neg() as Tensor;
    return {
      weight: weight.add(change.mul(learningRate)) as Tensor,
      slots: { accumulatedGradient: gradients, accumulatedChange: blend(changes, change) },
    };
  }
}
