import type { Shape } from "../base/shape.ts";
import { rsqrt, type Tensor, type Variable } from "../tensor/index.ts";
import { notNegative } from "./checks.ts";
import { constraint, flag, initializer, real, regularizer } from "./fieldKinds.ts";
import type { ValuesOf } from "./fields.ts";
import { weight } from "./weight.ts";

/** Options of normalizations with a learned factor and offset. */
export const affineFields = {
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

type Values = ValuesOf<typeof affineFields>;
export type Affine = { readonly gamma?: Variable; readonly beta?: Variable };

const gammaOf = (shape: Shape, options: Values): Variable =>
  weight(shape, {
    initializer: options.gammaInitializer,
    regularizer: options.gammaRegularizer,
    constraint: options.gammaConstraint,
  });

const betaOf = (shape: Shape, options: Values): Variable =>
  weight(shape, {
    initializer: options.betaInitializer,
    regularizer: options.betaRegularizer,
    constraint: options.betaConstraint,
  });

/** Gamma and beta of this shape, as far as the options want them. */
export const affineOf = (shape: Shape, options: Values): Affine => ({
  ...(options.scale ? { gamma: gammaOf(shape, options) } : {}),
  ...(options.center ? { beta: betaOf(shape, options) } : {}),
});

/** Factors and offsets of channels. */
export interface Transform {
  readonly gamma?: Tensor | undefined;
  readonly beta?: Tensor | undefined;
}

/** (x − mean) / √(variance + epsilon) · gamma + beta; `along` brings gamma and beta into the shape in which they broadcast. */
export function normalized(
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
  { gamma, beta }: Transform,
  along: (vector: Tensor) => Tensor = (vector) => vector,
): Tensor {
  const inverse = rsqrt(variance.add(epsilon));
  const unit = x.sub(mean).mul(inverse);
  const scaled = gamma === undefined ? unit : unit.mul(along(gamma));
  return beta === undefined ? scaled : scaled.add(along(beta));
}

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
