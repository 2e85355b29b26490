import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import type { Concatenated, Inserted, Moved, Squeezed, Stacked, Swapped, Transposed } from "./axes.ts";
import { asNode, type DTypeIn, type Given, isTensor, operand, type ShapeIn } from "./like.ts";
import type { Einsum } from "./notation.ts";
import type { IndexShape, Sliced, Split, Taken, TakenAlong, Unstacked } from "./parts.ts";
import type { Diagonal, Dot, Outer, TensorDot, Traced } from "./products.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import type { Padded, Repeated, Tiled } from "./repeats.ts";
import type { AsShape, BroadcastTo, MatMul, Possible, Reshape, Reversed } from "./types.ts";

// Shape, element access and linear algebra as free functions.

type Axis = number | readonly number[];
type Axes = Axis | undefined;
type ShapesIn<X extends readonly unknown[]> = { readonly [K in keyof X]: ShapeIn<X[K]> };
type Widths = number | ops.PadPair | readonly ops.PadPair[];
/** One result for each of the shapes. */
type MadeEach<X, Shapes> = Shapes extends Shape[]
  ? { [K in keyof Shapes]: Made<X, AsShape<Shapes[K]>> }
  : Made<X, Shape>[];

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
  <X extends Operand, const From extends Axis, const To extends Axis>(
    x: X,
    from: From,
    to: To,
  ): Made<X, Moved<ShapeIn<X>, From, To>> => made(ops.moveAxis(asNode(x), from, to)),
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
  <X extends Operand, const A extends Axes = undefined>(
    x: X,
    axis?: Possible<Squeezed<ShapeIn<X>, A>, A>,
  ): Made<X, AsShape<Squeezed<ShapeIn<X>, A>>> => made(ops.squeeze(asNode(x), axis as A)), // no sentence
);
export const broadcastTo = recorded(
  "broadcastTo",
  <X extends Operand, const T extends Shape>(
    x: X,
    shape: Possible<BroadcastTo<ShapeIn<X>, T>, T>,
  ): Made<X, AsShape<BroadcastTo<ShapeIn<X>, T>>> => made(ops.broadcastTo(asNode(x), shape as T)), // no sentence
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
  <X extends Operand, const R extends Axis>(x: X, repetitions: R): Made<X, Tiled<ShapeIn<X>, R>> =>
    made(ops.tile(asNode(x), repetitions)),
);
export const repeat = recorded(
  "repeat",
  <X extends Operand, const Counts extends Axis, const A extends number | undefined = undefined>(
    x: X,
    counts: Counts,
    axis?: A,
  ): Made<X, Repeated<ShapeIn<X>, Counts, A>> => made(ops.repeat(asNode(x), counts, axis)),
);
export const pad = recorded(
  "pad",
  <X extends Operand, const W extends Widths>(
    x: X,
    widths: Possible<Padded<ShapeIn<X>, W>, W>,
    options: ops.PadOptions = {},
  ): Made<X, AsShape<Padded<ShapeIn<X>, W>>> => made(ops.pad(asNode(x), widths as Widths, options)), // no sentence
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
  <X extends Operand, const Parts extends Axis, const A extends number = 0>(
    x: X,
    parts: Possible<Split<ShapeIn<X>, Parts, A>, Parts>,
    axis?: A,
  ): MadeEach<X, Split<ShapeIn<X>, Parts, A>> =>
    ops.split(asNode(x), parts as Axis, axis).map((node) => made(node)) as MadeEach<X, Split<ShapeIn<X>, Parts, A>>, // one a part
);
export const unstack = recorded(
  "unstack",
  <X extends Operand, const A extends number = 0>(x: X, axis?: A): MadeEach<X, Unstacked<ShapeIn<X>, A>> =>
    ops.unstack(asNode(x), axis).map((node) => made(node)) as MadeEach<X, Unstacked<ShapeIn<X>, A>>, // one a slice
);

/** A part: one item an axis, an index, a `{ start, stop, step }`, "..." or null (a new axis), as in NumPy. */
export const slice = recorded(
  "slice",
  <X extends Operand, const Spec extends ops.SliceSpec>(
    x: X,
    spec: Possible<Sliced<ShapeIn<X>, Spec>, Spec>,
  ): Made<X, AsShape<Sliced<ShapeIn<X>, Spec>>> => made(ops.slice(asNode(x), spec as Spec)), // no sentence
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
  <X extends Operand, const I extends Axis | Placed, const A extends number | undefined = undefined>(
    x: X,
    indices: I,
    axis?: A,
  ): Made<X | Extract<I, Placed>, Taken<ShapeIn<X>, I extends Placed ? ShapeIn<I> : IndexShape<I>, A>, DTypeIn<X>> =>
    made(ops.take(asNode(x), isTensor(indices) ? indices.node : (indices as Axis), axis)),
);
/** The slices at `indices` (i32, any shape) along `axis`; indices out of range read 0. */
export const gather = recorded(
  "gather",
  <X extends Operand, Y extends Operand, const A extends number = 0>(
    x: X,
    indices: Y,
    axis?: A,
  ): Made<X | Y, Taken<ShapeIn<X>, ShapeIn<Y>, A>, DTypeIn<X>> =>
    made(ops.gather(asNode(x), asNode(indices, "i32"), axis)),
);
export const takeAlongAxis = recorded(
  "takeAlongAxis",
  <X extends Operand, Y extends Operand, const A extends number = -1>(
    x: X,
    indices: Possible<TakenAlong<ShapeIn<X>, ShapeIn<Y>, A>, Y>,
    axis?: A,
  ): Made<X | Y, AsShape<TakenAlong<ShapeIn<X>, ShapeIn<Y>, A>>, DTypeIn<X>> =>
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
  <X extends Operand, Y extends Operand>(
    x: X,
    y: Possible<Dot<ShapeIn<X>, ShapeIn<Y>>, Y>,
  ): Made<X | Y, AsShape<Dot<ShapeIn<X>, ShapeIn<Y>>>, DTypeIn<X>> => made(ops.dot(asNode(x), asNode(y))),
);
export const outer = recorded(
  "outer",
  <X extends Operand, Y extends Operand>(x: X, y: Y): Made<X | Y, Outer<ShapeIn<X>, ShapeIn<Y>>, DTypeIn<X>> =>
    made(ops.outer(asNode(x), asNode(y))),
);
export const tensordot = recorded(
  "tensordot",
  <X extends Operand, Y extends Operand, const A extends number | readonly [readonly number[], readonly number[]] = 2>(
    x: X,
    y: Possible<TensorDot<ShapeIn<X>, ShapeIn<Y>, A>, Y>,
    axes?: A,
  ): Made<X | Y, AsShape<TensorDot<ShapeIn<X>, ShapeIn<Y>, A>>, DTypeIn<X>> =>
    made(ops.tensordot(asNode(x), asNode(y), axes)),
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
/** The axes of the rows and of the columns. */
type Plane = readonly [number, number];
type TracedIn<X, A> = A extends readonly [0, 1] ? Traced<ShapeIn<X>> : Shape;
type DiagonalIn<X, A> = A extends readonly [0, 1] ? Diagonal<ShapeIn<X>> : Shape;
/** The sum of the diagonal `offset` places above the main one. */
export const trace = recorded(
  "trace",
  <X extends Operand, const A extends Plane = [0, 1]>(x: X, offset = 0, axes?: A): Made<X, TracedIn<X, A>> =>
    made(ops.trace(asNode(x), { offset, ...(axes && { axes }) })),
);
/** The diagonal `offset` places above the main one, as the last axis. */
export const diagonal = recorded(
  "diagonal",
  <X extends Operand, const A extends Plane = [0, 1]>(x: X, offset = 0, axes?: A): Made<X, DiagonalIn<X, A>> =>
    made(ops.diagonal(asNode(x), { offset, ...(axes && { axes }) })),
);
