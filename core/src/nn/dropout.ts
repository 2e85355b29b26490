import type { Shape } from "../base/shape.ts";
import { random, type Tensor, where } from "../tensor/index.ts";
import { demandTensor, within } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { floating } from "./floating.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";
import type { Structure } from "./structure.ts";

/**
 * While training, sets each value to 0 with probability `rate` and divides the others by 1 − rate, so that the mean stays
 * (Srivastava et al. 2014, inverted). Outside of training, the identity.
 */
export class Dropout extends Layer {
  readonly rate: number;

  constructor(rate: number, options: LayerOptions = {}) {
    super(options);
    this.rate = within("rate", rate, 0, 1);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, _variables: object, { training }: CallContext): Tensor {
    if (!training || this.rate === 0) return x;
    const values = floating(x);
    const kept = random.uniform(values.shape).less(1 - this.rate);
    return where(kept, values.mul(1 / (1 - this.rate)), 0);
  }

  override config(): Config {
    return { rate: this.rate };
  }
}
