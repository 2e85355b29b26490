import type { Shape } from "../base/shape.ts";
import type { Variable } from "../tensor/index.ts";
import { activation, constraint, flag, initializer, regularizer } from "./fieldKinds.ts";
import type { ValuesOf } from "./fields.ts";
import { weight } from "./weight.ts";

/** The options of layers that multiply by a kernel, and add a bias. */
export const kernelFields = {
  /** Applied to the result. Default linear. */
  activation: activation(),
  /** Whether to add a learned offset. Default true. */
  useBias: flag(true),
  /** Default glorotUniform. */
  kernelInitializer: initializer("glorotUniform"),
  /** Default zeros. */
  biasInitializer: initializer("zeros"),
  kernelRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  kernelConstraint: constraint(),
  biasConstraint: constraint(),
};

type Values = ValuesOf<typeof kernelFields>;
export type KernelVariables = { readonly kernel: Variable; readonly bias?: Variable };

/** The kernel as its options say. */
export const kernelOf = (shape: Shape, options: Omit<Values, "activation">): Variable =>
  weight(shape, {
    initializer: options.kernelInitializer,
    regularizer: options.kernelRegularizer,
    constraint: options.kernelConstraint,
  });

/** The bias as its options say: nothing with `useBias: false`. */
export const biasOf = (
  shape: Shape,
  options: Pick<Values, "useBias" | "biasInitializer" | "biasRegularizer" | "biasConstraint">,
): { readonly bias?: Variable } =>
  options.useBias
    ? {
        bias: weight(shape, {
          initializer: options.biasInitializer,
          regularizer: options.biasRegularizer,
          constraint: options.biasConstraint,
        }),
      }
    : {};
