import type { Shape } from "../base/shape.ts";
import { rsqrt, type Tensor, type Variable } from "../tensor/index.ts";
import { demandLast, demandMinimumRank, fraction, notNegative } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { constraint, flag, initializer, real, regularizer } from "./fieldKinds.ts";
import type { GivenOf, ValuesOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { Layer, type LayerOptions } from "./layer.ts";
import { weight } from "./weight.ts";

const fields = {
  /** Added to the variance. Default 0.001, as in Keras. */
  epsilon: real(1e-3, notNegative),
  /** Whether to add a learned offset (beta). Default true. */
  center: flag(true),
  /** Whether to multiply by a learned factor (gamma). Default true. */
  scale: flag(true),
  /** Default zeros. */
  betaInitializer: initializer("zeros"),
  /** Default ones. */
  gammaInitializer: initializer("ones"),
  betaRegularizer: regularizer(),
  gammaRegularizer: regularizer(),
  betaConstraint: constraint(),
  gammaConstraint: constraint(),
};

export interface NormalizationOptions extends LayerOptions, GivenOf<typeof fields> {}

type Affine = { readonly gamma?: Variable; readonly beta?: Variable };

const affine = (size: number, options: ValuesOf<typeof fields>): Affine => ({
  ...(options.scale
    ? {
        gamma: weight([size], {
          initializer: options.gammaInitializer,
          regularizer: options.gammaRegularizer,
          constraint: options.gammaConstraint,
        }),
      }
    : {}),
  ...(options.center
    ? {
        beta: weight([size], {
          initializer: options.betaInitializer,
          regularizer: options.betaRegularizer,
          constraint: options.betaConstraint,
        }),
      }
    : {}),
});

/** (x − mean) / √(variance + epsilon) · gamma + beta. */
function normalized(x: Tensor, mean: Tensor, variance: Tensor, epsilon: number, { gamma, beta }: Affine): Tensor {
  const inverse = rsqrt(variance.add(epsilon));
  const unit = x.sub(mean).mul(inverse);
  const scaled = gamma === undefined ? unit : unit.mul(gamma);
  return beta === undefined ? scaled : scaled.add(beta);
}

const batchFields = {
  ...fields,
  /** How much of the running statistics each training step keeps. Default 0.99. */
  momentum: real(0.99, fraction),
  /** Default zeros. */
  movingMeanInitializer: initializer("zeros"),
  /** Default ones. */
  movingVarianceInitializer: initializer("ones"),
};

export interface BatchNormalizationOptions extends LayerOptions, GivenOf<typeof batchFields> {}

type BatchStatistics = Affine & { readonly movingMean: Variable; readonly movingVariance: Variable };

/**
 * Normalises each channel (last axis) by the mean and the variance of the batch while training, and by running averages
 * of them otherwise (Ioffe & Szegedy 2015). A frozen layer never trains: it uses and keeps its running averages.
 */
export class BatchNormalization extends Layer<BatchStatistics, typeof batchFields> {
  static readonly fields = batchFields;
  static readonly masking = "keep";

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): BatchStatistics {
    const { movingMeanInitializer, movingVarianceInitializer } = this.options;
    const size = input.at(-1)!;
    return {
      ...affine(size, this.options),
      movingMean: weight([size], { initializer: movingMeanInitializer, trainable: false }),
      movingVariance: weight([size], { initializer: movingVarianceInitializer, trainable: false }),
    };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    if (this.built) demandLast(input, this.own.movingMean.shape[0]!);
  }

  override call(x: Tensor, variables: BatchStatistics, { training, frozen = false }: CallContext): Tensor {
    const values = floating(x);
    const { movingMean, movingVariance } = variables;
    if (!training || frozen) {
      return normalized(values, movingMean.read(), movingVariance.read(), this.options.epsilon, variables);
    }
    const axes = values.shape.slice(0, -1).map((_, axis) => axis);
    const mean = values.mean(axes);
    const variance = values.variance(axes);
    movingMean.assign(this.#averaged(movingMean, mean));
    movingVariance.assign(this.#averaged(movingVariance, variance));
    return normalized(values, mean, variance, this.options.epsilon, variables);
  }

  /** moving · momentum + batch · (1 − momentum); the batch's biased variance, as in Keras. */
  #averaged(moving: Variable, batch: Tensor): Tensor {
    return moving
      .read()
      .mul(this.options.momentum)
      .add(batch.stopGradient().mul(1 - this.options.momentum));
  }
}

/** Normalises each example over its last axis (Ba et al. 2016). */
export class LayerNormalization extends Layer<Affine, typeof fields> {
  static readonly fields = fields;
  static readonly masking = "keep";

  constructor(options: NormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): Affine {
    return affine(input.at(-1)!, this.options);
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    const size = this.built ? (this.own.gamma ?? this.own.beta)?.shape[0] : undefined;
    if (size !== undefined) demandLast(input, size);
  }

  override call(x: Tensor, variables: Affine): Tensor {
    const values = floating(x);
    const mean = values.mean(-1, { keepDims: true });
    const variance = values.variance(-1, { keepDims: true });
    return normalized(values, mean, variance, this.options.epsilon, variables);
  }
}
