import type { Shape } from "../base/shape.ts";
import type { Apply, Masked, Rule, Structure } from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** What `predict` gives: tensors of the shapes that the rule's model gives, without their masks. */
export type Predicted<R extends Rule> =
  Plain<Apply<R, unknown>> extends infer Out extends Structure<Tensor> ? Out : Tensor;

type Plain<Out> = unknown extends Out
  ? Tensor
  : Out extends Shape
    ? Tensor<Out>
    : Out extends Masked<infer S>
      ? Plain<S>
      : Out extends string
        ? Tensor
        : { readonly [K in keyof Out]: Plain<Out[K]> };
