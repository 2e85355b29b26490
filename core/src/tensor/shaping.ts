import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import type { Concatenated, Inserted, Squeezed, Stacked, Swapped, Transposed } from "./axes.ts";
import { asNode, type DTypeIn, type Given, isTensor, operand, type ShapeIn } from "./like.ts";
import type { Einsum } from "./notation.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import type { AsShape, MatMul, Plain, Possible, Reshape, Reversed } from "./types.ts";

// Shape, element access and linear algebra as free functions.

type Axis = number | readonly number[];
type Axes = Axis | undefined;
type ShapesIn<X extends readonly unknown[]> = { readonly [K in keyof X]: ShapeIn<X[K]> };
type Like<X> = Made<X, Shape>;
/** Of the element type of the first. */
type Both<X, Y> = Made<X | Y, Shape, DTypeIn<X>>;

const nodes = (xs: readonly Given[]) => xs.map((x) => asNode(x));

/** The elements in another shape; one size may be -1. */
export const reshape = recorded(
  "reshape",
  <X extends Operand, const T extends Shape>(
    x: X,
    shape: Possible<Reshape<T, ShapeIn<X>>, T>,
  ): Made<X, AsShape<Reshape<T, ShapeIn<X>>>> => made(ops.reshape(asNode(x), shape as Shape)),
);
export const ravel = recorded("ravel", <X extends Operand>(x: X): Made<X, [number]> => made(ops.ravel(asNode(x))));
/** The axes in another order; reversed when none is given. */
export const transpose = recorded(
  "transpose",
  <X extends Operand, const Order extends readonly number[] | undefined = undefined>(
    x: X,
    order?: Order,
  ): Made<X, Order extends readonly number[] ? Transposed<ShapeIn<X>, Order> : Reversed<ShapeIn<X>>> =>
    made(ops.transpose(asNode(x), order)),
);
export const moveAxis = recorded(
  "moveAxis",
  <X extends Operand>(x: X, from: number | readonly number[], to: number | readonly number[]): Like<X> =>
    made(ops.moveAxis(asNode(x), from, to)),
);
export const swapAxes = recorded(
  "swapAxes",
  <X extends Operand, const First extends number, const Second extends number>(
    x: X,
    first: First,
    second: Second,
  ): Made<X, Swapped<ShapeIn<X>, First, Second>> => made(ops.swapAxes(asNode(x), first, second)),
);
export const expandDims = recorded(
  "expandDims",
  <X extends Operand, const Axis extends number | readonly number[]>(
    x: X,
    axis: Axis,
  ): Made<X, Axis extends number ? Inserted<ShapeIn<X>, Axis, 1> : Shape> => made(ops.expandDims(asNode(x), axis)),
);
export const squeeze = recorded(
  "squeeze",
  <X extends Operand, const A extends Axes = undefined>(x: X, axis?: A): Made<X, Squeezed<ShapeIn<X>, A>> =>
    made(ops.squeeze(asNode(x), axis)),
);
export const broadcastTo = recorded(
  "broadcastTo",
  <X extends Operand, const T extends Shape>(x: X, shape: T): Made<X, Plain<T>> =>
    made(ops.broadcastTo(asNode(x), shape)),
);
export const flip = recorded(
  "flip",
  <X extends Operand>(x: X, axis?: Axes): Made<X> => made(ops.flip(asNode(x), axis)),
);
export const roll = recorded(
  "roll",
  <X extends Operand>(x: X, shift: number | readonly number[], axis?: number | readonly number[]): Made<X> =>
    made(ops.roll(asNode(x), shift, axis)),
);
export const tile = recorded(
  "tile",
  <X extends Operand>(x: X, repetitions: number | readonly number[]): Like<X> => made(ops.tile(asNode(x), repetitions)),
);
export const repeat = recorded(
  "repeat",
  <X extends Operand>(x: X, counts: number | readonly number[], axis?: number): Like<X> =>
    made(ops.repeat(asNode(x), counts, axis)),
);
export const pad = recorded(
  "pad",
  <X extends Operand>(
    x: X,
    widths: number | ops.PadPair | readonly ops.PadPair[],
    options: ops.PadOptions = {},
  ): Like<X> => made(ops.pad(asNode(x), widths, options)),
);

/** The tensors one after the other along `axis`. */
export const concatenate = recorded(
  "concatenate",
  <const X extends readonly Operand[], const Axis extends number = 0>(
    xs: Possible<Concatenated<ShapesIn<X>, Axis>, X>,
    axis?: Axis,
  ): Made<X[number], AsShape<Concatenated<ShapesIn<X>, Axis>>> =>
    made(ops.concatenate(nodes(xs as readonly Given[]), axis ?? 0)), // no sentence
);
/** The tensors, of one shape, along a new axis. */
export const stack = recorded(
  "stack",
  <const X extends readonly Operand[], const Axis extends number = 0>(
    xs: Possible<Stacked<ShapesIn<X>, Axis>, X>,
    axis?: Axis,
  ): Made<X[number], AsShape<Stacked<ShapesIn<X>, Axis>>> => made(ops.stack(nodes(xs as readonly Given[]), axis ?? 0)), // no sentence
);
/** Equal parts (a count), or the parts before each index. */
export const split = recorded(
  "split",
  <X extends Operand>(x: X, parts: number | readonly number[], axis = 0): Like<X>[] =>
    ops.split(asNode(x), parts, axis).map((node) => made(node)),
);
export const unstack = recorded("unstack", <X extends Operand>(x: X, axis = 0): Like<X>[] =>
  ops.unstack(asNode(x), axis).map((node) => made(node)),
);

/** A part: one item an axis, an index, a `{ start, stop, step }`, "..." or null (a new axis), as in NumPy. */
export const slice = recorded(
  "slice",
  <X extends Operand>(x: X, spec: ops.SliceSpec): Like<X> => made(ops.slice(asNode(x), spec)),
);
/** `x` with `update` written at `start`. */
export const sliceUpdate = recorded(
  "sliceUpdate",
  <X extends Placed>(x: X, start: readonly (number | Placed)[], update: Operand): Made<X> => {
    const { dtype } = asNode(x);
    const corner = start.map((place) => (typeof place === "number" ? place : asNode(place)));
    return made(ops.sliceUpdate(asNode(x), corner, operand(update, dtype)));
  },
);
/** The elements at `indices` along `axis` (of the flat tensor without an axis). */
export const take = recorded(
  "take",
  <X extends Operand>(x: X, indices: Axis | Placed, axis?: number): Like<X> =>
    made(ops.take(asNode(x), isTensor(indices) ? indices.node : (indices as Axis), axis)),
);
/** The slices at `indices` (i32, any shape) along `axis`; indices out of range read 0. */
export const gather = recorded(
  "gather",
  <X extends Operand, Y extends Operand>(x: X, indices: Y, axis = 0): Both<X, Y> =>
    made(ops.gather(asNode(x), asNode(indices, "i32"), axis)),
);
export const takeAlongAxis = recorded(
  "takeAlongAxis",
  <X extends Operand, Y extends Operand>(x: X, indices: Y, axis = -1): Both<X, Y> =>
    made(ops.takeAlongAxis(asNode(x), asNode(indices, "i32"), axis)),
);
const scattered = (op: typeof ops.scatterAdd, x: Given, indices: Given, updates: Given, axis: number): Node => {
  const node = asNode(x);
  return op(node, asNode(indices, "i32"), operand(updates, node.dtype), axis);
};
/** `x` with updates combined in at `indices` along `axis`. */
export const scatterAdd = recorded(
  "scatterAdd",
  <X extends Placed, Y extends Operand, U extends Operand>(
    x: X,
    indices: Y,
    updates: U,
    axis = 0,
  ): Made<X | Y | U, ShapeIn<X>, DTypeIn<X>> => made(scattered(ops.scatterAdd, x, indices, updates, axis)),
);
export const scatterSet = recorded(
  "scatterSet",
  <X extends Placed, Y extends Operand, U extends Operand>(
    x: X,
    indices: Y,
    updates: U,
    axis = 0,
  ): Made<X | Y | U, ShapeIn<X>, DTypeIn<X>> => made(scattered(ops.scatterSet, x, indices, updates, axis)),
);
export const scatterMax = recorded(
  "scatterMax",
  <X extends Placed, Y extends Operand, U extends Operand>(
    x: X,
    indices: Y,
    updates: U,
    axis = 0,
  ): Made<X | Y | U, ShapeIn<X>, DTypeIn<X>> => made(scattered(ops.scatterMax, x, indices, updates, axis)),
);
/** Ones at the labels, zeros elsewhere, along a new axis of size `classes`. */
export const oneHot = recorded(
  "oneHot",
  <X extends Operand, const N extends number, const Axis extends number = -1, D extends DType = "f32">(
    labels: X,
    classes: N,
    options: { readonly axis?: Axis; readonly dtype?: D } = {},
  ): Made<X, Inserted<ShapeIn<X>, Axis, N>, D> => made(ops.oneHot(asNode(labels, "i32"), classes, options)),
);

/** The matrix product, as in NumPy: vectors, matrices and batches of them. */
export const matmul = recorded(
  "matmul",
  <X extends Operand, Y extends Operand>(
    x: X,
    y: Possible<MatMul<ShapeIn<X>, ShapeIn<Y>>, Y>,
  ): Made<X | Y, AsShape<MatMul<ShapeIn<X>, ShapeIn<Y>>>, DTypeIn<X>> => made(ops.matmul(asNode(x), asNode(y))),
);
export const dot = recorded(
  "dot",
  <X extends Operand, Y extends Operand>(x: X, y: Y): Both<X, Y> => made(ops.dot(asNode(x), asNode(y))),
);
export const outer = recorded(
  "outer",
  <X extends Operand, Y extends Operand>(x: X, y: Y): Made<X | Y, [number, number], DTypeIn<X>> =>
    made(ops.outer(asNode(x), asNode(y))),
);
export const tensordot = recorded(
  "tensordot",
  <X extends Operand, Y extends Operand>(
    x: X,
    y: Y,
    axes: number | readonly [readonly number[], readonly number[]] = 2,
  ): Both<X, Y> => made(ops.tensordot(asNode(x), asNode(y), axes)),
);
/** Sums of products by Einstein's notation: `einsum("bij,bjk->bik", x, y)`. */
export const einsum = recorded(
  "einsum",
  <const E extends string, const X extends readonly Operand[]>(
    equation: Possible<Einsum<E, ShapesIn<X>>, E>,
    ...operands: X
  ): Made<X[number], AsShape<Einsum<E, ShapesIn<X>>>> => made(ops.einsum(equation as string, ...nodes(operands))),
);
export const tril = recorded(
  "tril",
  <X extends Operand>(x: X, offset = 0): Made<X> => made(ops.tril(asNode(x), offset)),
);
export const triu = recorded(
  "triu",
  <X extends Operand>(x: X, offset = 0): Made<X> => made(ops.triu(asNode(x), offset)),
);
export const trace = recorded("trace", <X extends Operand>(x: X): Like<X> => made(ops.trace(asNode(x))));
export const diagonal = recorded(
  "diagonal",
  <X extends Operand>(x: X, offset = 0): Like<X> => made(ops.diagonal(asNode(x), { offset })),
);
