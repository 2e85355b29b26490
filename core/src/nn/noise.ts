import type { Shape } from "../base/shape.ts";
import { random, type Tensor, where } from "../tensor/index.ts";
import { demandTensor, fraction, notNegative } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { noiseShapeField, noiseShapeOf } from "./dropout.ts";
import { real } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import { generatorOf, keyOf, type RandomVariables, seedFields } from "./randomness.ts";
import { regularizers } from "./regularizers.ts";
import type { Structure } from "./structure.ts";

const stddevFields = { stddev: real(undefined, notNegative), ...seedFields };
export interface GaussianNoiseOptions extends LayerOptions, GivenOf<typeof stddevFields, "stddev"> {}

/** While training, adds normally distributed noise; outside of training, the identity. */
export class GaussianNoise extends AnyLayer<RandomVariables, typeof stddevFields> {
  static override readonly name: string = "GaussianNoise";
  static readonly fields = stddevFields;
  static readonly positional = ["stddev"];
  static readonly masking = "keep";

  constructor(stddev: number, options: GaussianNoiseOptions = {}) {
    super(options, { stddev });
  }

  override build(): RandomVariables {
    return generatorOf(this.options.seed);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, variables: RandomVariables, { training }: CallContext): Tensor {
    const { stddev } = this.options;
    if (!training || stddev === 0) return x;
    return floating(x).add(random.normal(x.shape, { stddev, key: keyOf(variables) })) as Tensor;
  }
}

const rateFields = { rate: real(undefined, fraction), ...seedFields };
export interface GaussianDropoutOptions extends LayerOptions, GivenOf<typeof rateFields, "rate"> {}

/** While training, multiplies by noise of mean 1 and variance rate / (1 − rate) (Srivastava et al. 2014). */
export class GaussianDropout extends AnyLayer<RandomVariables, typeof rateFields> {
  static override readonly name: string = "GaussianDropout";
  static readonly fields = rateFields;
  static readonly positional = ["rate"];
  static readonly masking = "keep";

  constructor(rate: number, options: GaussianDropoutOptions = {}) {
    super(options, { rate });
  }

  override build(): RandomVariables {
    return generatorOf(this.options.seed);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, variables: RandomVariables, { training }: CallContext): Tensor {
    const { rate } = this.options;
    if (!training || rate === 0) return x;
    const stddev = Math.sqrt(rate / (1 - rate));
    return floating(x).mul(random.normal(x.shape, { mean: 1, stddev, key: keyOf(variables) })) as Tensor;
  }
}

const alphaFields = { ...rateFields, noiseShape: noiseShapeField };
export interface AlphaDropoutOptions extends LayerOptions, GivenOf<typeof alphaFields, "rate"> {}

// What SELU tends to below 0: −alpha · scale (Klambauer et al. 2017).
const seluFloor = -1.6732632423543772 * 1.0507009873554805;

/** Dropout for SELU: dropped values become SELU's floor, and an affine map keeps mean and variance (Klambauer et al. 2017). */
export class AlphaDropout extends AnyLayer<RandomVariables, typeof alphaFields> {
  static override readonly name: string = "AlphaDropout";
  static readonly fields = alphaFields;
  static readonly positional = ["rate"];
  static readonly masking = "keep";

  constructor(rate: number, options: AlphaDropoutOptions = {}) {
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
    const a = ((1 - rate) * (1 + rate * seluFloor ** 2)) ** -0.5;
    const b = -a * seluFloor * rate;
    const kept = random.uniform(noiseShapeOf(x.shape, noiseShape), { key: keyOf(variables) }).greaterEqual(rate);
    return (where(kept, floating(x), seluFloor) as Tensor).mul(a).add(b) as Tensor;
  }
}

const activityFields = {
  /** Factor of Σ |x|. Default 0. */
  l1: real(0, notNegative),
  /** Factor of Σ x². Default 0. */
  l2: real(0, notNegative),
};
export interface ActivityRegularizationOptions extends LayerOptions, GivenOf<typeof activityFields> {}

/** Passes its input on, and adds a penalty on it to the loss (over the batch's size). */
export class ActivityRegularization extends AnyLayer<Variables, typeof activityFields> {
  static override readonly name: string = "ActivityRegularization";
  static readonly fields = activityFields;
  static readonly masking = "keep";

  constructor(options: ActivityRegularizationOptions = {}) {
    super(options);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor): Tensor {
    const { l1, l2 } = this.options;
    const penalty = regularizers.l1l2({ l1, l2 })(floating(x));
    this.addLoss(penalty.div(x.shape[0] ?? 1) as Tensor);
    return x;
  }
}
