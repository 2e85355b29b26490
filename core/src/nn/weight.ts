import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { type Initializer, type Plain, type Variable, variable } from "../tensor/index.ts";
import { type Constraint, type ConstraintName, constraintCatalog } from "./constraints.ts";
import { type InitializerName, resolveInitializer } from "./initializers.ts";
import { type Regularizer, type RegularizerName, regularizerCatalog } from "./regularizers.ts";

export interface WeightOptions {
  /** Default glorotUniform, as in Keras; for numbers of one a unit, layers say zeros or ones. */
  readonly initializer?: InitializerName | Initializer | undefined;
  /** A penalty on the weight, added to the loss. */
  readonly regularizer?: RegularizerName | Regularizer | undefined;
  /** What the weight is projected onto after each step. */
  readonly constraint?: ConstraintName | Constraint | undefined;
  /** False: optimizers leave it alone. */
  readonly trainable?: boolean | undefined;
  readonly dtype?: DType | undefined;
}

/** A Variable of a layer. */
export function weight<const S extends Shape>(shape: S, options: WeightOptions = {}): Variable<Plain<S>> {
  const { initializer = "glorotUniform", regularizer, constraint, trainable = true, dtype = "f32" } = options;
  return variable(shape, resolveInitializer(initializer), {
    trainable,
    dtype,
    ...(regularizer === undefined ? {} : { regularizer: regularizerCatalog.resolve(regularizer) }),
    ...(constraint === undefined ? {} : { constraint: constraintCatalog.resolve(constraint) }),
  });
}
