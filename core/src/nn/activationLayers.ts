import type { Shape } from "../base/shape.ts";
import { elu, leakyRelu, softmax, Tensor, type Variable, where } from "../tensor/index.ts";
import { demandMinimumRank, demandTensor, notNegative } from "./checks.ts";
import { axes, constraint, initializer, integers, optional, real, regularizer } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import type { Structure } from "./structure.ts";
import { weight } from "./weight.ts";

// Activations with options or weights of their own.

const leakyFields = {
  /** The slope below 0. Default 0.3. */
  negativeSlope: real(0.3),
};
export interface LeakyReLUOptions extends LayerOptions, GivenOf<typeof leakyFields> {}

/** x above 0, negativeSlope · x below (Maas et al. 2013). */
export class LeakyReLU extends AnyLayer<Variables, typeof leakyFields> {
  static override readonly name: string = "LeakyReLU";
  static readonly fields = leakyFields;
  static readonly masking = "keep";

  constructor(options: LeakyReLUOptions = {}) {
    super(options);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor): Tensor {
    return leakyRelu(floating(x), this.options.negativeSlope);
  }
}

const eluFields = {
  /** What the function tends to below 0, negative. Default 1. */
  alpha: real(1),
};
export interface ELUOptions extends LayerOptions, GivenOf<typeof eluFields> {}

/** x above 0, alpha · (exp(x) − 1) below (Clevert et al. 2016). */
export class ELU extends AnyLayer<Variables, typeof eluFields> {
  static override readonly name: string = "ELU";
  static readonly fields = eluFields;
  static readonly masking = "keep";

  constructor(options: ELUOptions = {}) {
    super(options);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor): Tensor {
    return elu(floating(x), this.options.alpha);
  }
}

const reluFields = {
  /** No value is greater. Default: none. */
  maxValue: optional(real(undefined, notNegative)),
  /** The slope below the threshold. Default 0. */
  negativeSlope: real(0, notNegative),
  /** Where the function begins to rise. Default 0. */
  threshold: real(0, notNegative),
};
export interface ReLUOptions extends LayerOptions, GivenOf<typeof reluFields> {}

/** x above `threshold`, negativeSlope · (x − threshold) else; at most `maxValue`. */
export class ReLU extends AnyLayer<Variables, typeof reluFields> {
  static override readonly name: string = "ReLU";
  static readonly fields = reluFields;
  static readonly masking = "keep";

  constructor(options: ReLUOptions = {}) {
    super(options);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(given: Tensor): Tensor {
    const x = floating(given);
    const { maxValue, negativeSlope, threshold } = this.options;
    const below = negativeSlope === 0 ? 0 : x.sub(threshold).mul(negativeSlope);
    const rising =
      threshold === 0 && negativeSlope === 0 ? x.relu() : (where(x.greater(threshold), x, below) as Tensor);
    return maxValue === undefined ? rising : (where(rising.greater(maxValue), maxValue, rising) as Tensor);
  }
}

const preluFields = {
  /** Default zeros. */
  alphaInitializer: initializer("zeros"),
  alphaRegularizer: regularizer(),
  alphaConstraint: constraint(),
  /** Axes along which slopes are shared, counted from 1 (0 is the batch); [1, 2] for images. Default: none. */
  sharedAxes: optional(integers((_name, axes) => axes)),
};
export interface PReLUOptions extends LayerOptions, GivenOf<typeof preluFields> {}
type PReLUVariables = { readonly alpha: Variable };

/** x above 0, alpha · x below, with a learned slope for each feature (He et al. 2015). */
export class PReLU extends AnyLayer<PReLUVariables, typeof preluFields> {
  static override readonly name: string = "PReLU";
  static readonly fields = preluFields;
  static readonly masking = "keep";

  constructor(options: PReLUOptions = {}) {
    super(options);
  }

  override build(input: Shape): PReLUVariables {
    const { alphaInitializer, alphaRegularizer, alphaConstraint, sharedAxes = [] } = this.options;
    const shape = input.slice(1).map((size, axis) => (sharedAxes.includes(axis + 1) ? 1 : size));
    const options = { initializer: alphaInitializer, regularizer: alphaRegularizer, constraint: alphaConstraint };
    return { alpha: weight(shape, options) };
  }

  override check(input: Structure<Shape>): void {
    demandMinimumRank(input, 2);
  }

  override call(given: Tensor, { alpha }: PReLUVariables): Tensor {
    const x = floating(given);
    return where(x.greater(0), x, x.mul(alpha)) as Tensor;
  }
}

const softmaxFields = {
  /** The axis, or the axes, along which the result sums to 1. Default −1. */
  axis: axes(-1),
};
export interface SoftmaxOptions extends LayerOptions, GivenOf<typeof softmaxFields> {}

/** exp(x) / Σ exp(x). Given as `{ x, mask }`, where the mask is false the result is 0. */
export class Softmax extends AnyLayer<Variables, typeof softmaxFields> {
  static override readonly name: string = "Softmax";
  static readonly fields = softmaxFields;
  static readonly masking = "keep";

  constructor(options: SoftmaxOptions = {}) {
    super(options);
  }

  override call(given: Tensor | { readonly x: Tensor; readonly mask: Tensor }): Tensor {
    const { axis } = this.options;
    if (given instanceof Tensor) return softmax(floating(given), axis);
    const { x, mask } = given;
    const counting = mask.dtype === "bool" ? mask : mask.greater(0.5);
    // Large, but far from the end of f32, so that rows without any mask stay finite.
    const scores = where(counting, floating(x), -1e9) as Tensor;
    return where(counting, softmax(scores, axis), 0) as Tensor;
  }
}
