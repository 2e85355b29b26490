import type { Shape } from "../base/shape.ts";
import { rsqrt, type Tensor, type Variable, variable } from "../tensor/index.ts";
import { demandLast, demandMinimumRank, within } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { floating } from "./floating.ts";
import { ones, zeros } from "./initializers.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";

export interface NormalizationOptions extends LayerOptions {
  /** Added to the variance. Default 0.001, as in Keras. */
  readonly epsilon?: number | undefined;
  /** Whether to add a learned offset (beta). Default true. */
  readonly center?: boolean | undefined;
  /** Whether to multiply by a learned factor (gamma). Default true. */
  readonly scale?: boolean | undefined;
}

type Affine = { readonly gamma?: Variable; readonly beta?: Variable };

const affine = (size: number, { center, scale }: { center: boolean; scale: boolean }): Affine => ({
  ...(scale ? { gamma: variable([size], ones()) } : {}),
  ...(center ? { beta: variable([size], zeros()) } : {}),
});

/** (x − mean) / √(variance + epsilon) · gamma + beta. */
function normalized(x: Tensor, mean: Tensor, variance: Tensor, epsilon: number, { gamma, beta }: Affine): Tensor {
  const inverse = rsqrt(variance.add(epsilon));
  const unit = x.sub(mean).mul(inverse);
  const scaled = gamma === undefined ? unit : unit.mul(gamma);
  return beta === undefined ? scaled : scaled.add(beta);
}

export interface BatchNormalizationOptions extends NormalizationOptions {
  /** How much of the running statistics each training step keeps. Default 0.99. */
  readonly momentum?: number | undefined;
}

type BatchStatistics = Affine & { readonly movingMean: Variable; readonly movingVariance: Variable };

/**
 * Normalises each channel (last axis) by the mean and the variance of the batch while training, and by running averages
 * of them otherwise (Ioffe & Szegedy 2015). A frozen layer never trains: it uses and keeps its running averages.
 */
export class BatchNormalization extends Layer<BatchStatistics> {
  readonly momentum: number;
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
    this.momentum = within("momentum", options.momentum ?? 0.99, 0, 1);
    this.epsilon = within("epsilon", options.epsilon ?? 1e-3, 0, Number.MAX_VALUE);
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
  }

  override build(input: Shape): BatchStatistics {
    const size = input.at(-1)!;
    return {
      ...affine(size, this),
      movingMean: variable([size], zeros(), { trainable: false }),
      movingVariance: variable([size], ones(), { trainable: false }),
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
      return normalized(values, movingMean.read(), movingVariance.read(), this.epsilon, variables);
    }
    const axes = values.shape.slice(0, -1).map((_, axis) => axis);
    const mean = values.mean(axes);
    const variance = values.variance(axes);
    movingMean.assign(this.#averaged(movingMean, mean));
    movingVariance.assign(this.#averaged(movingVariance, variance));
    return normalized(values, mean, variance, this.epsilon, variables);
  }

  /** moving · momentum + batch · (1 − momentum); the batch's biased variance, as in Keras. */
  #averaged(moving: Variable, batch: Tensor): Tensor {
    return moving
      .read()
      .mul(this.momentum)
      .add(batch.stopGradient().mul(1 - this.momentum));
  }

  override config(): Config {
    const { momentum, epsilon, center, scale } = this;
    return { momentum, epsilon, center, scale };
  }
}

/** Normalises each example over its last axis (Ba et al. 2016). */
export class LayerNormalization extends Layer<Affine> {
  readonly epsilon: number;
  readonly center: boolean;
  readonly scale: boolean;

  constructor(options: NormalizationOptions = {}) {
    super(options);
    this.epsilon = within("epsilon", options.epsilon ?? 1e-3, 0, Number.MAX_VALUE);
    this.center = options.center ?? true;
    this.scale = options.scale ?? true;
  }

  override build(input: Shape): Affine {
    return affine(input.at(-1)!, this);
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
    return normalized(values, mean, variance, this.epsilon, variables);
  }

  override config(): Config {
    const { epsilon, center, scale } = this;
    return { epsilon, center, scale };
  }
}
