import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { random, type Tensor, where } from "../tensor/index.ts";
import { demandTensor, fraction } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { optional, real } from "./fieldKinds.ts";
import { field, type GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank } from "./images.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";
import { generatorOf, keyOf, type RandomVariables, seedFields } from "./randomness.ts";
import type { Structure } from "./structure.ts";

type NoiseShape = readonly (number | null)[];

const rateFields = { rate: real(undefined, fraction), ...seedFields };
export const noiseShapeField = optional(
  field<NoiseShape, NoiseShape>({
    parse: (name, sizes) => {
      if (Array.isArray(sizes) && sizes.every((size) => size === null || (Number.isInteger(size) && size > 0)))
        return sizes;
      throw new ArgumentError(`${name} takes a list of sizes or null, received ${JSON.stringify(sizes)}`);
    },
    read: (json) => (Array.isArray(json) && json.length <= 16 ? json : undefined),
    expected: "a list of sizes or null",
  }),
);
const fields = {
  ...rateFields,
  /** The shape of the noise: where it is 1, values are dropped together; null is the input's size. Default: the input's. */
  noiseShape: noiseShapeField,
};

export interface DropoutOptions extends LayerOptions, GivenOf<typeof fields, "rate"> {}
export interface SpatialDropoutOptions extends LayerOptions, GivenOf<typeof rateFields, "rate"> {}

/** The noise's shape for an input. */
export const noiseShapeOf = (input: Shape, given: NoiseShape | undefined): Shape =>
  given === undefined ? input : input.map((size, axis) => given[axis] ?? size);

/** `x` with values dropped with probability `rate`, the others divided by 1 − rate. */
export function dropped(x: Tensor, rate: number, shape: Shape, variables: RandomVariables): Tensor {
  const kept = random.uniform(shape, { key: keyOf(variables) }).less(1 - rate);
  return where(kept, x.mul(1 / (1 - rate)), 0) as Tensor;
}

/**
 * While training, sets each value to 0 with probability `rate` and divides the others by 1 − rate, so that the mean stays
 * (Srivastava et al. 2014, inverted). Outside of training, the identity.
 */
export class Dropout extends AnyLayer<RandomVariables, typeof fields> {
  static override readonly name: string = "Dropout";
  static readonly fields = fields;
  static readonly positional = ["rate"];
  static readonly masking = "keep";

  constructor(rate: number, options: DropoutOptions = {}) {
    super(options, { rate });
  }

  override build(): RandomVariables {
    return generatorOf(this.options.seed);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, variables: RandomVariables, { training }: CallContext): Tensor {
    const { rate, noiseShape } = this.options;
    if (!training || rate === 0) return x;
    const values = floating(x);
    return dropped(values, rate, noiseShapeOf(values.shape, noiseShape), variables);
  }
}

/** Drops whole channels: neighbours in an image say much the same (Tompson et al. 2015). */
abstract class SpatialDropout extends AnyLayer<RandomVariables, typeof rateFields> {
  static readonly fields = rateFields;
  static readonly positional = ["rate"];
  static readonly masking = "keep";
  abstract readonly rank: Rank;

  constructor(rate: number, options: SpatialDropoutOptions = {}) {
    super(options, { rate });
  }

  override build(): RandomVariables {
    return generatorOf(this.options.seed);
  }

  override check(input: Structure<Shape>): void {
    demandImages(input, this.rank);
  }

  override call(x: Tensor, variables: RandomVariables, { training }: CallContext): Tensor {
    const { rate } = this.options;
    if (!training || rate === 0) return x;
    const shape = x.shape.map((size, axis) => (axis === 0 || axis === x.rank - 1 ? size : 1));
    return dropped(floating(x), rate, shape, variables);
  }
}

export class SpatialDropout1D extends SpatialDropout {
  static override readonly name: string = "SpatialDropout1D";
  get rank() {
    return 1 as const;
  }
}

export class SpatialDropout2D extends SpatialDropout {
  static override readonly name: string = "SpatialDropout2D";
  get rank() {
    return 2 as const;
  }
}

export class SpatialDropout3D extends SpatialDropout {
  static override readonly name: string = "SpatialDropout3D";
  get rank() {
    return 3 as const;
  }
}
