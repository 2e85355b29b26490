import { ArgumentError } from "../base/errors.ts";
import type { Given } from "../nn/options.ts";
import type { Tensor } from "../tensor/index.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandNotNegative, type OptimizerOptions } from "./options.ts";

const defaults = {
  learningRatePower: -0.5,
  initialAccumulatorValue: 0.1,
  l1RegularizationStrength: 0,
  l2RegularizationStrength: 0,
  l2ShrinkageRegularizationStrength: 0,
  beta: 0,
};
export type FtrlOptions = Given<typeof defaults> & OptimizerOptions;

/** Follow the regularized leader (McMahan et al. 2013): exact zeros with L1, for wide sparse models. Default rate 0.001. */
export class Ftrl extends Optimizer<typeof defaults> {
  override readonly name = "ftrl";

  constructor(options: FtrlOptions = {}) {
    super(options, 0.001, defaults, "ftrl");
    const { learningRatePower, ...rest } = this.own;
    for (const [name, value] of Object.entries(rest)) demandNotNegative(name, value);
    if (!(learningRatePower <= 0))
      throw new ArgumentError(`learningRatePower must be at most 0, received ${learningRatePower}`);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { accumulator: { value: this.own.initialAccumulatorValue }, linear: {} };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const { learningRatePower, l1RegularizationStrength: l1, l2RegularizationStrength, beta } = this.own;
    const scaled = (n: Tensor): Tensor => n.pow(-learningRatePower).div(learningRate) as Tensor;
    const old = slots["accumulator"]!;
    const accumulator = old.add(g.square()) as Tensor;
    const shrinkage = 2 * this.own.l2ShrinkageRegularizationStrength;
    const pull = shrinkage === 0 ? g : g.add(weight.mul(shrinkage));
    const linear = slots["linear"]!.add(pull.sub(scaled(accumulator).sub(scaled(old)).mul(weight))) as Tensor;
    const l2 = learningRate.mul(2).reciprocal().mul(beta).add(l2RegularizationStrength);
    const quadratic = scaled(accumulator).add(l2.mul(2));
    return { weight: linear.clip(-l1, l1).sub(linear).div(quadratic) as Tensor, slots: { accumulator, linear } };
  }
}
