import type { Given } from "../nn/options.ts";
import type { Tensor } from "../tensor/index.ts";
import { faded } from "./faded.ts";
import { type Next, Optimizer, type Present, type SlotRule } from "./optimizer.ts";
import { demandFraction, type OptimizerOptions } from "./options.ts";

const defaults = {
  /** How much of the last change each change keeps. */
  momentum: 0,
  /** Looks ahead along the momentum (Nesterov 1983; Sutskever et al. 2013). */
  nesterov: false,
};
export type SGDOptions = Given<typeof defaults> & OptimizerOptions;

/** w ← w − rate·g; with momentum: v ← momentum·v − rate·g, w ← w + v. Default rate 0.01. */
export class SGD extends Optimizer<typeof defaults> {
  override readonly name = "sgd";

  constructor(options: SGDOptions = {}) {
    super(options, 0.01, defaults, "sgd");
    demandFraction("momentum", this.own.momentum);
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return this.own.momentum === 0 ? {} : { momentum: {} };
  }

  override update({ weight, gradient: g, slots, learningRate }: Present): Next {
    const { momentum, nesterov } = this.own;
    const descent = g.mul(learningRate).neg() as Tensor;
    const v = slots["momentum"];
    if (v === undefined) return { weight: weight.add(descent) as Tensor, slots: {} };
    const next = faded(v.mul(momentum).add(descent));
    const change = nesterov ? next.mul(momentum).add(descent) : next;
    return { weight: weight.add(change) as Tensor, slots: { momentum: next } };
  }
}
