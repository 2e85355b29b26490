import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { arange, concatenate, split, type Tensor } from "../../tensor/index.ts";
import { demandMinimumRank, positiveReal } from "../checks.ts";
import { real } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "../layer.ts";
import type { Structure } from "../structure.ts";

/**
 * `x` [batch, time, ..., size] with each pair of features (i, i + size/2) turned by an angle that grows with time:
 * t / maxWavelength^(2i/size). Products of turned queries and keys depend on their distance only (Su et al. 2021).
 */
export function rotate(x: Tensor, maxWavelength: number, scalingFactor = 1): Tensor {
  const size = x.shape.at(-1)!;
  if (size % 2 !== 0) throw new ArgumentError(`rotary positions need an even number of features, received ${size}`);
  const between = x.shape.slice(2, -1).map(() => 1);
  const frequency = arange(0, size, { step: 2, dtype: "f32" })
    .mul(-Math.log(maxWavelength) / size)
    .exp(); // [size/2]
  const time = arange(x.shape[1]!, { dtype: "f32" })
    .div(scalingFactor)
    .reshape([x.shape[1]!, ...between, 1]);
  const angle = time.mul(frequency); // [time, 1…, size/2]
  const [first, second] = split(x, 2, -1) as [Tensor, Tensor]; // two parts were asked for
  const [cos, sin] = [angle.cos().cast(x.dtype), angle.sin().cast(x.dtype)];
  return concatenate([first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin))], -1) as Tensor;
}

const fields = {
  /** The slowest turn's length in steps. Default 10,000. */
  maxWavelength: real(10_000, positiveReal),
  /** Steps are divided by it, so that longer sequences fit. Default 1. */
  scalingFactor: real(1, positiveReal),
};

export interface RotaryEmbeddingOptions extends LayerOptions, GivenOf<typeof fields> {}

/** Turns pairs of features by angles that tell the position in time: [batch, time, ..., features], an even number of them. */
export class RotaryEmbedding extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "RotaryEmbedding";
  static readonly fields = fields;
  static readonly masking = "keep";

  constructor(options: RotaryEmbeddingOptions = {}) {
    super(options);
  }

  override check(input: Structure<Shape>): void {
    demandMinimumRank(input, 3);
  }

  override call(x: Tensor): Tensor {
    return rotate(floating(x), this.options.maxWavelength, this.options.scalingFactor);
  }
}
