import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import type { Concatenated, Inserted, Transposed } from "./axes.ts";
import { asNode, type DTypeIn, operand, type ShapeIn, type TensorLike } from "./like.ts";
import type { Einsum } from "./notation.ts";
import { recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { MatMul, MatMulOperand, Reshape, Reversed } from "./types.ts";
import type { AsShape, Possible } from "./windows.ts";

// Shape, element access and linear algebra as free functions.

type Axes = number | readonly number[] | undefined;
type ShapesIn<X extends readonly unknown[]> = { readonly [K in keyof X]: ShapeIn<X[K]> };
type Like<X> = Tensor<Shape, DTypeIn<X>>;

const nodes = (xs: readonly TensorLike[]) => xs.map((x) => asNode(x));

/** The elements in another shape; one size may be -1. */
export const reshape = recorded(
  "reshape",
  <X extends TensorLike, const T extends Shape>(x: X, shape: T): Tensor<Reshape<T>, DTypeIn<X>> =>
    new Tensor(ops.reshape(asNode(x), shape)),
);
export const ravel = recorded(
  "ravel",
  <X extends TensorLike>(x: X): Tensor<readonly [number], DTypeIn<X>> => new Tensor(ops.ravel(asNode(x))),
);
/** The axes in another order; reversed when none is given. */
export const transpose = recorded(
  "transpose",
  <X extends TensorLike, const Order extends readonly number[] | undefined = undefined>(
    x: X,
    order?: Order,
  ): Tensor<Order extends readonly number[] ? Transposed<ShapeIn<X>, Order> : Reversed<ShapeIn<X>>, DTypeIn<X>> =>
    new Tensor(ops.transpose(asNode(x), order)),
);
export const moveAxis = recorded(
  "moveAxis",
  <X extends TensorLike>(x: X, from: number | readonly number[], to: number | readonly number[]): Like<X> =>
    new Tensor(ops.moveAxis(asNode(x), from, to)),
);
export const swapAxes = recorded(
  "swapAxes",
  <X extends TensorLike>(x: X, first: number, second: number): Like<X> =>
    new Tensor(ops.swapAxes(asNode(x), first, second)),
);
export const expandDims = recorded(
  "expandDims",
  <X extends TensorLike, const Axis extends number | readonly number[]>(
    x: X,
    axis: Axis,
  ): Tensor<Axis extends number ? Inserted<ShapeIn<X>, Axis, 1> : Shape, DTypeIn<X>> =>
    new Tensor(ops.expandDims(asNode(x), axis)),
);
export const squeeze = recorded(
  "squeeze",
  <X extends TensorLike>(x: X, axis?: Axes): Like<X> => new Tensor(ops.squeeze(asNode(x), axis)),
);
export const broadcastTo = recorded(
  "broadcastTo",
  <X extends TensorLike, const T extends Shape>(x: X, shape: T): Tensor<T, DTypeIn<X>> =>
    new Tensor(ops.broadcastTo(asNode(x), shape)),
);
export const flip = recorded(
  "flip",
  <X extends TensorLike>(x: X, axis?: Axes): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.flip(asNode(x), axis)),
);
export const roll = recorded(
  "roll",
  <X extends TensorLike>(
    x: X,
    shift: number | readonly number[],
    axis?: number | readonly number[],
  ): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.roll(asNode(x), shift, axis)),
);
export const tile = recorded(
  "tile",
  <X extends TensorLike>(x: X, repetitions: number | readonly number[]): Like<X> =>
    new Tensor(ops.tile(asNode(x), repetitions)),
);
export const repeat = recorded(
  "repeat",
  <X extends TensorLike>(x: X, counts: number | readonly number[], axis?: number): Like<X> =>
    new Tensor(ops.repeat(asNode(x), counts, axis)),
);
export const pad = recorded(
  "pad",
  <X extends TensorLike>(
    x: X,
    widths: number | ops.PadPair | readonly ops.PadPair[],
    options: ops.PadOptions = {},
  ): Like<X> => new Tensor(ops.pad(asNode(x), widths, options)),
);

/** The tensors one after the other along `axis`. */
export const concatenate = recorded(
  "concatenate",
  <const X extends readonly TensorLike[], const Axis extends number = 0>(
    xs: X & Possible<Concatenated<ShapesIn<X>, Axis>>,
    axis?: Axis,
  ): Tensor<AsShape<Concatenated<ShapesIn<X>, Axis>>, DTypeIn<X[number]>> =>
    new Tensor(ops.concatenate(nodes(xs), axis ?? 0)),
);
/** The tensors, of one shape, along a new axis. */
export const stack = recorded(
  "stack",
  <X extends TensorLike>(xs: readonly X[], axis = 0): Like<X> => new Tensor(ops.stack(nodes(xs), axis)),
);
/** Equal parts (a count), or the parts before each index. */
export const split = recorded(
  "split",
  <X extends TensorLike>(x: X, parts: number | readonly number[], axis = 0): Like<X>[] =>
    ops.split(asNode(x), parts, axis).map((node) => new Tensor(node)),
);
export const unstack = recorded("unstack", <X extends TensorLike>(x: X, axis = 0): Like<X>[] =>
  ops.unstack(asNode(x), axis).map((node) => new Tensor(node)),
);

/** A part: one item an axis, an index, a `{ start, stop, step }`, "..." or null (a new axis), as in NumPy. */
export const slice = recorded(
  "slice",
  <X extends TensorLike>(x: X, spec: ops.SliceSpec): Like<X> => new Tensor(ops.slice(asNode(x), spec)),
);
/** `x` with `update` written at `start`. */
export const sliceUpdate = recorded(
  "sliceUpdate",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    start: readonly (number | Tensor)[],
    update: TensorLike,
  ): Tensor<S, D> => x.sliceUpdate(start, update),
);
/** The elements at `indices` along `axis` (of the flat tensor without an axis). */
export const take = recorded(
  "take",
  <X extends TensorLike>(x: X, indices: number | readonly number[] | Tensor, axis?: number): Like<X> =>
    new Tensor(ops.take(asNode(x), indices instanceof Tensor ? indices.node : indices, axis)),
);
/** The slices at `indices` (i32, any shape) along `axis`; indices out of range read 0. */
export const gather = recorded(
  "gather",
  <X extends TensorLike>(x: X, indices: TensorLike, axis = 0): Like<X> =>
    new Tensor(ops.gather(asNode(x), asNode(indices, "i32"), axis)),
);
export const takeAlongAxis = recorded(
  "takeAlongAxis",
  <X extends TensorLike>(x: X, indices: TensorLike, axis = -1): Like<X> =>
    new Tensor(ops.takeAlongAxis(asNode(x), asNode(indices, "i32"), axis)),
);
/** `x` with updates combined in at `indices` along `axis`. */
export const scatterAdd = recorded(
  "scatterAdd",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    indices: TensorLike,
    updates: TensorLike,
    axis = 0,
  ): Tensor<S, D> => new Tensor(ops.scatterAdd(x.node, asNode(indices, "i32"), operand(updates, x.dtype), axis)),
);
export const scatterSet = recorded(
  "scatterSet",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    indices: TensorLike,
    updates: TensorLike,
    axis = 0,
  ): Tensor<S, D> => new Tensor(ops.scatterSet(x.node, asNode(indices, "i32"), operand(updates, x.dtype), axis)),
);
export const scatterMax = recorded(
  "scatterMax",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    indices: TensorLike,
    updates: TensorLike,
    axis = 0,
  ): Tensor<S, D> => new Tensor(ops.scatterMax(x.node, asNode(indices, "i32"), operand(updates, x.dtype), axis)),
);
/** Ones at the labels, zeros elsewhere, along a new axis of size `classes`. */
export const oneHot = recorded(
  "oneHot",
  <D extends DType = "f32">(
    labels: TensorLike,
    classes: number,
    options: { readonly axis?: number; readonly dtype?: D } = {},
  ): Tensor<Shape, D> => new Tensor(ops.oneHot(asNode(labels, "i32"), classes, options)),
);

/** The matrix product, as in NumPy: vectors, matrices and batches of them. */
export const matmul = recorded(
  "matmul",
  <X extends TensorLike, Y extends TensorLike>(
    x: X,
    y: Y & MatMulOperand<ShapeIn<X>, ShapeIn<Y>>,
  ): Tensor<MatMul<ShapeIn<X>, ShapeIn<Y>>, DTypeIn<X>> => new Tensor(ops.matmul(asNode(x), asNode(y))),
);
export const dot = recorded(
  "dot",
  <X extends TensorLike>(x: X, y: TensorLike): Like<X> => new Tensor(ops.dot(asNode(x), asNode(y))),
);
export const outer = recorded(
  "outer",
  <X extends TensorLike>(x: X, y: TensorLike): Tensor<readonly [number, number], DTypeIn<X>> =>
    new Tensor(ops.outer(asNode(x), asNode(y))),
);
export const tensordot = recorded(
  "tensordot",
  <X extends TensorLike>(
    x: X,
    y: TensorLike,
    axes: number | readonly [readonly number[], readonly number[]] = 2,
  ): Like<X> => new Tensor(ops.tensordot(asNode(x), asNode(y), axes)),
);
/** Sums of products by Einstein's notation: `einsum("bij,bjk->bik", x, y)`. */
export const einsum = recorded(
  "einsum",
  <const E extends string, const X extends readonly TensorLike[]>(
    equation: E,
    ...operands: X & Possible<Einsum<E, ShapesIn<X>>>
  ): Tensor<AsShape<Einsum<E, ShapesIn<X>>>, DTypeIn<X[number]>> =>
    new Tensor(ops.einsum(equation, ...nodes(operands))),
);
export const tril = recorded(
  "tril",
  <X extends TensorLike>(x: X, offset = 0): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.tril(asNode(x), offset)),
);
export const triu = recorded(
  "triu",
  <X extends TensorLike>(x: X, offset = 0): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.triu(asNode(x), offset)),
);
export const trace = recorded("trace", <X extends TensorLike>(x: X): Like<X> => new Tensor(ops.trace(asNode(x))));
export const diagonal = recorded(
  "diagonal",
  <X extends TensorLike>(x: X, offset = 0): Like<X> => new Tensor(ops.diagonal(asNode(x), { offset })),
);
