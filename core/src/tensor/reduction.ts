import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, recorded, recordedWith } from "./recorded.ts";
import type { ReduceOptions } from "./tensor.ts";
import type { Reduced, WithAxis } from "./types.ts";

// Reductions as free functions: over all axes, or over `axes`.

type Axes = number | readonly number[] | undefined;

export const sum = recordedWith(
  ["keepDims"],
  "sum",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.sum(asNode(x), axes, options)),
);
export const mean = recordedWith(
  ["keepDims"],
  "mean",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.mean(asNode(x), axes, options)),
);
export const prod = recordedWith(
  ["keepDims"],
  "prod",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.prod(asNode(x), axes, options)),
);
export const max = recordedWith(
  ["keepDims"],
  "max",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.max(asNode(x), axes, options)),
);
export const min = recordedWith(
  ["keepDims"],
  "min",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.min(asNode(x), axes, options)),
);
export const logSumExp = recordedWith(
  ["keepDims"],
  "logSumExp",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.logSumExp(asNode(x), axes, options)),
);
export const any = recordedWith(
  ["keepDims"],
  "any",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "bool"> => made(ops.any(asNode(x), axes, options)),
);
export const all = recordedWith(
  ["keepDims"],
  "all",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "bool"> => made(ops.all(asNode(x), axes, options)),
);
export const variance = recordedWith(
  ["keepDims", "correction"],
  "variance",
  <X extends Operand, const A extends Axes = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.variance(asNode(x), axes, options)),
);
export const std = recordedWith(
  ["keepDims", "correction"],
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
export const cumsum = recordedWith(
  ["reverse", "exclusive"],
  "cumsum",
  <X extends Operand>(
    x: X,
    axis?: number,
    options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {},
  ): Made<X> => made(ops.cumsum(asNode(x), axis, options)),
);
export const cummax = recordedWith(
  ["reverse", "exclusive"],
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
export const sort = recordedWith(
  ["descending"],
  "sort",
  <X extends Operand>(x: X, axis = -1, options: { readonly descending?: boolean } = {}): Made<X> =>
    made(ops.sort(asNode(x), axis, options)),
);
export const argsort = recordedWith(
  ["descending"],
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
