import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn, type TensorLike } from "./like.ts";
import { recorded } from "./recorded.ts";
import { type ReduceOptions, Tensor } from "./tensor.ts";
import type { Reduced } from "./types.ts";

// Reductions as free functions: over all axes, or over `axes`.

type Axes = number | readonly number[] | undefined;

export const sum = recorded(
  "sum",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.sum(asNode(x), axes, options)),
);
export const mean = recorded(
  "mean",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.mean(asNode(x), axes, options)),
);
export const prod = recorded(
  "prod",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.prod(asNode(x), axes, options)),
);
export const max = recorded(
  "max",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.max(asNode(x), axes, options)),
);
export const min = recorded(
  "min",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.min(asNode(x), axes, options)),
);
export const logSumExp = recorded(
  "logSumExp",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.logSumExp(asNode(x), axes, options)),
);
export const any = recorded(
  "any",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, "bool"> => new Tensor(ops.any(asNode(x), axes, options)),
);
export const all = recorded(
  "all",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, "bool"> => new Tensor(ops.all(asNode(x), axes, options)),
);
export const variance = recorded(
  "variance",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.variance(asNode(x), axes, options)),
);
export const std = recorded(
  "std",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.std(asNode(x), axes, options)),
);
export const norm = recorded(
  "norm",
  <X extends TensorLike, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly order?: number } = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => new Tensor(ops.norm(asNode(x), axes, options)),
);
export const argmax = recorded(
  "argmax",
  <X extends TensorLike, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, "i32"> => new Tensor(ops.argmax(asNode(x), axis, options)),
);
export const argmin = recorded(
  "argmin",
  <X extends TensorLike, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<ShapeIn<X>, A, K>, "i32"> => new Tensor(ops.argmin(asNode(x), axis, options)),
);
export const cumsum = recorded(
  "cumsum",
  <X extends TensorLike>(
    x: X,
    axis?: number,
    options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
  ): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.cumsum(asNode(x), axis, options)),
);
export const cummax = recorded(
  "cummax",
  <X extends TensorLike>(
    x: X,
    axis?: number,
    options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
  ): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.cummax(asNode(x), axis, options)),
);
/** Mean and variance along `axes`. */
export const moments = recorded(
  "moments",
  (x: Tensor, axes?: Axes, options: ReduceOptions = {}): { readonly mean: Tensor; readonly variance: Tensor } => {
    const { mean, variance } = ops.moments(x.node, axes, options);
    return { mean: new Tensor(mean), variance: new Tensor(variance) };
  },
);
export const sort = recorded(
  "sort",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    axis = -1,
    options: { readonly descending?: boolean } = {},
  ): Tensor<S, D> => x.sort(axis, options),
);
export const argsort = recorded(
  "argsort",
  <S extends Shape>(x: Tensor<S>, axis = -1, options: { readonly descending?: boolean } = {}): Tensor<S, "i32"> =>
    x.argsort(axis, options),
);
/** The `k` largest elements along `axis`, largest first, and their indices. */
export const topK = recorded(
  "topK",
  <D extends DType>(
    x: Tensor<Shape, D>,
    k: number,
    axis = -1,
  ): { readonly values: Tensor<Shape, D>; readonly indices: Tensor<Shape, "i32"> } => x.topK(k, axis),
);
