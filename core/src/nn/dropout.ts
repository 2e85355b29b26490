import type { Shape } from "../base/shape.ts";
import { random, type Tensor, where } from "../tensor/index.ts";
import { demandTensor, fraction } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { real } from "./fieldKinds.ts";
import { floating } from "./floating.ts";
import { Layer, type LayerOptions, type Variables } from "./layer.ts";
import type { Structure } from "./structure.ts";

const fields = { rate: real(undefined, fraction) };

/**
 * While training, sets each value to 0 with probability `rate` and divides the others by 1 − rate, so that the mean stays
 * (Srivastava et al. 2014, inverted). Outside of training, the identity.
 */
export class Dropout extends Layer<Variables, typeof fields> {
  static readonly fields = fields;
  static readonly positional = ["rate"];
  static readonly masking = "keep";

  constructor(rate: number, options: LayerOptions = {}) {
    super(options, { rate });
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, _variables: object, { training }: CallContext): Tensor {
    const { rate } = this.options;
    if (!training || rate === 0) return x;
    const values = floating(x);
    const kept = random.uniform(values.shape).less(1 - rate);
    return where(kept, values.mul(1 / (1 - rate)), 0);
  }
}
