import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, recorded } from "./recorded.ts";
import type { ReduceOptions } from "./tensor.ts";
import type { Reduced, WithAxis } from "./types.ts";

// Reductions as free functions: over all axes, or over `axes`.

type Axes = number | readonly number[] | undefined;

export const sum = recorded(
  "sum",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.sum(asNode(x), axes, options)),
);
export const mean = recorded(
  "mean",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.mean(asNode(x), axes, options)),
);
export const prod = recorded(
  "prod",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.prod(asNode(x), axes, options)),
);
export const max = recorded(
  "max",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.max(asNode(x), axes, options)),
);
export const min = recorded(
  "min",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.min(asNode(x), axes, options)),
);
export const logSumExp = recorded(
  "logSumExp",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.logSumExp(asNode(x), axes, options)),
);
export const any = recorded(
  "any",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "bool"> => made(ops.any(asNode(x), axes, options)),
);
export const all = recorded(
  "all",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "bool"> => made(ops.all(asNode(x), axes, options)),
);
export const variance = recorded(
  "variance",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.variance(asNode(x), axes, options)),
);
export const std = recorded(
  "std",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.std(asNode(x), axes, options)),
);
export const argmax = recorded(
  "argmax",
  <X extends Operand, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "i32"> => made(ops.argmax(asNode(x), axis, options)),
);
export const argmin = recorded(
  "argmin",
  <X extends Operand, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "i32"> => made(ops.argmin(asNode(x), axis, options)),
);
export const cumsum = recorded(
  "cumsum",
  <X extends Operand>(
    x: X,
    axis?: number,
    options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
  ): Made<X> => made(ops.cumsum(asNode(x), axis, options)),
);
export const cummax = recorded(
  "cummax",
  <X extends Operand>(
    x: X,
    axis?: number,
    options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
  ): Made<X> => made(ops.cummax(asNode(x), axis, options)),
);
/** Mean and variance along `axes`. */
export const moments = recorded(
  "moments",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Record<"mean" | "variance", Made<X, Reduced<ShapeIn<X>, A, K>>> => {
    const { mean, variance } = ops.moments(asNode(x), axes, options);
    return { mean: made(mean), variance: made(variance) };
  },
);
export const sort = recorded(
  "sort",
  <X extends Operand>(x: X, axis = -1, options: { readonly descending?: boolean } = {}): Made<X> =>
    made(ops.sort(asNode(x), axis, options)),
);
export const argsort = recorded(
  "argsort",
  <X extends Operand>(x: X, axis = -1, options: { readonly descending?: boolean } = {}): Made<X, ShapeIn<X>, "i32"> =>
    made(ops.argsort(asNode(x), axis, options)),
);
/** The `k` largest elements along `axis`, largest first, and their indices. */
export const topK = recorded(
  "topK",
  <X extends Operand, const K extends number, const Axis extends number = -1>(
    x: X,
    k: K,
    axis?: Axis,
  ): {
    readonly values: Made<X, WithAxis<ShapeIn<X>, Axis, K>>;
    readonly indices: Made<X, WithAxis<ShapeIn<X>, Axis, K>, "i32">;
  } => {
    const { values, indices } = ops.topK(asNode(x), k, axis ?? -1);
    return { values: made(values), indices: made(indices) };
  },
);
