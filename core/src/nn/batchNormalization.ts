import { range, type Shape } from "../base/shape.ts";
import { normalizeBatch, type Tensor, type Variable } from "../tensor/index.ts";
import { type Affine, affineFields, affineOf, fromFront, normalized } from "./affine.ts";
import { demandAxis, demandMinimumRank, fraction } from "./checks.ts";
import type { CallContext } from "./context.ts";
import { flag, initializer, integer, optional, real } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";
import { type Masked, masked, maskOf, valuesOf } from "./masked.ts";
import {
  averaged,
  type RenormStatistics,
  type RenormVariables,
  renormalized,
  renormBounds,
  renormStatistics,
} from "./renorm.ts";
import { weight } from "./weight.ts";

const fields = {
  /** The axis of the channels, each of which is normalised for itself. Default −1. */
  axis: integer(-1),
  ...affineFields,
  /** How much of the running statistics each training step keeps. Default 0.99. */
  momentum: real(0.99, fraction),
  /** Default zeros. */
  movingMeanInitializer: initializer("zeros"),
  /** Default ones. */
  movingVarianceInitializer: initializer("ones"),
  /** Whether training corrects the batch's statistics towards running ones (Ioffe 2017). Default false. */
  renorm: flag(false),
  /** Bounds of the corrections. Default none. */
  renormClipping: optional(renormBounds),
  /** How much of the statistics of renorm each training step keeps. Default 0.99. */
  renormMomentum: real(0.99, fraction),
};

export interface BatchNormalizationOptions extends LayerOptions, GivenOf<typeof fields> {}
type BatchStatistics = Affine & {
  readonly movingMean: Variable;
  readonly movingVariance: Variable;
} & Partial<RenormStatistics>;

// Keras's epsilon, in divisions by the weight of a mask.
const tiny = 1e-7;

/**
 * Normalises each channel by the mean and the variance of the batch while training, and by running averages of them
 * otherwise (Ioffe & Szegedy 2015). A frozen layer never trains: it uses and keeps its running averages. Masked positions
 * do not count in the statistics.
 */
export class BatchNormalization extends AnyLayer<BatchStatistics, typeof fields> {
  static override readonly name: string = "BatchNormalization";
  static readonly fields = fields;
  static readonly masking = "own";

  constructor(options: BatchNormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): BatchStatistics {
    const { axis, movingMeanInitializer, movingVarianceInitializer, renorm } = this.options;
    const shape = [input.at(axis)!] as const;
    return {
      ...affineOf(shape, this.options),
      movingMean: weight(shape, { initializer: movingMeanInitializer, trainable: false }),
      movingVariance: weight(shape, { initializer: movingVarianceInitializer, trainable: false }),
      ...(renorm ? renormStatistics(shape, this.options) : {}),
    };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    demandAxis(input, this.options.axis, this.built ? this.own.movingMean.shape[0] : undefined);
  }

  override call(
    x: Tensor | Masked<Tensor>,
    variables: BatchStatistics,
    { training, frozen = false }: CallContext,
  ): Tensor | Masked<Tensor> {
    const values = floating(valuesOf(x));
    const mask = maskOf(x);
    const channel = fromFront(this.options.axis, values.rank);
    const last = channel === values.rank - 1;
    // The vectors of the channels, where they are not last, with axes of size 1 around them.
    const along = (vector: Tensor): Tensor =>
      last ? vector : (vector.reshape(values.shape.map((size, axis) => (axis === channel ? size : 1))) as Tensor);
    const { movingMean, movingVariance } = variables;
    const { epsilon } = this.options;
    if (!training || frozen) {
      const [mean, variance] = [along(movingMean.read()), along(movingVariance.read())];
      return masked(normalized(values, mean, variance, epsilon, variables, along), mask);
    }
    const axes = range(values.rank).filter((axis) => axis !== channel);
    const { mean, variance } =
      mask === undefined
        ? { mean: values.mean(axes) as Tensor, variance: values.variance(axes) as Tensor }
        : countedMoments(values, mask, axes, along);
    const { momentum } = this.options;
    const { gamma, beta } = this.options.renorm
      ? renormalized(variables as RenormVariables, mean, variance, this.options)
      : { gamma: variables.gamma?.read(), beta: variables.beta?.read() };
    movingMean.assign(averaged(movingMean, mean, momentum));
    if (!this.options.renorm) movingVariance.assign(averaged(movingVariance, variance, momentum));
    if (mask !== undefined)
      return masked(normalized(values, along(mean), along(variance), epsilon, { gamma, beta }, along), mask);
    return normalizeBatch(values, { axis: channel, scale: gamma, offset: beta, epsilon });
  }
}

/** Mean and variance over the positions that count. */
function countedMoments(
  x: Tensor,
  mask: Tensor,
  axes: readonly number[],
  along: (vector: Tensor) => Tensor,
): { readonly mean: Tensor; readonly variance: Tensor } {
  const spread = mask.reshape([...mask.shape, ...new Array<number>(x.rank - mask.rank).fill(1)]);
  const counting = spread.cast(x.dtype).broadcastTo(x.shape) as Tensor;
  const weight = counting.sum(axes).add(tiny);
  const mean = x.mul(counting).sum(axes).div(weight) as Tensor;
  const variance = x.sub(along(mean)).square().mul(counting).sum(axes).div(weight) as Tensor;
  return { mean, variance };
}
