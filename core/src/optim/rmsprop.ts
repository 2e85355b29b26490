import { rsqrt, type Tensor } from "../tensor/index.ts";
import { fraction, notNegative, Optimizer, type OptimizerOptions, type Update } from "./optimizer.ts";

export interface RMSpropOptions extends OptimizerOptions {
  /** Default 0.001. */
  readonly learningRate?: number | undefined;
  /** How much of the mean square each step keeps. Default 0.9. */
  readonly rho?: number | undefined;
  /** Default 0. */
  readonly momentum?: number | undefined;
  /** Default 1e-7. */
  readonly epsilon?: number | undefined;
  /** Divides by the standard deviation instead of the root mean square. Default false. */
  readonly centered?: boolean | undefined;
}

/** v ← ρ·v + (1 − ρ)·g²; w ← w − rate·g / √(v + ε) (Hinton 2012, in Keras's form with ε under the root). */
export class RMSprop extends Optimizer {
  override readonly name = "rmsprop";
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly centered: boolean;

  constructor(options: RMSpropOptions = {}) {
    super(options.learningRate ?? 0.001, options, ["rho", "momentum", "epsilon", "centered"]);
    this.rho = fraction("rho", options.rho ?? 0.9);
    this.momentum = fraction("momentum", options.momentum ?? 0);
    this.epsilon = notNegative("epsilon", options.epsilon ?? 1e-7);
    this.centered = options.centered ?? false;
  }

  override get slotNames(): readonly string[] {
    return ["velocity", ...(this.momentum > 0 ? ["momentum"] : []), ...(this.centered ? ["average"] : [])];
  }

  override update(_w: Tensor, g: Tensor, slots: { [name: string]: Tensor }, rate: Tensor): Update {
    const blend = (old: Tensor, now: Tensor): Tensor => old.mul(this.rho).add(now.mul(1 - this.rho));
    const velocity = blend(slots["velocity"]!, g.square());
    const average = this.centered ? blend(slots["average"]!, g) : undefined;
    const spread = average === undefined ? velocity : velocity.sub(average.square());
    const step = g.mul(rate).mul(rsqrt(spread.add(this.epsilon)));
    const momentum = this.momentum > 0 ? slots["momentum"]!.mul(this.momentum).add(step) : undefined;
    return {
      change: (momentum ?? step).neg(),
      slots: {
        velocity,
        ...(momentum === undefined ? {} : { momentum }),
        ...(average === undefined ? {} : { average }),
      },
    };
  }

  override config(): Readonly<Record<string, unknown>> {
    const { rho, momentum, epsilon, centered } = this;
    return { ...this.options, rho, momentum, epsilon, centered };
  }
}
