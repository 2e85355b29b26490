import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import type { Appended, Below, Columns, Deep, Shorter, SideBySide, Spacious } from "./joins.ts";
import { asNode, type DTypeIn, type Given, type ShapeIn } from "./like.ts";
import type { Blocks, Inner } from "./products.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { AsShape, Plain, Possible, WithLast } from "./types.ts";

// NumPy's ways to put tensors together and to take them apart, as free functions; what they do is said in ops/assembling.ts.

type Like<X> = Made<X, Shape>;
/** Of the element type of the first. */
type Both<X, Y> = Made<X | Y, Shape, DTypeIn<X>>;
const nodes = (xs: readonly Given[]): Node[] => xs.map((x) => asNode(x));

type ShapesIn<X extends readonly unknown[]> = { readonly [K in keyof X]: ShapeIn<X[K]> };

/** The tensors side by side: along axis 1; vectors one after the other. */
export const hstack = recorded(
  "hstack",
  <const X extends readonly Operand[]>(
    xs: Possible<SideBySide<ShapesIn<X>>, X>,
  ): Made<X[number], AsShape<SideBySide<ShapesIn<X>>>> => made(ops.hstack(nodes(xs as readonly Given[]))), // no sentence
);
/** The tensors below each other: along axis 0; vectors as rows. */
export const vstack = recorded(
  "vstack",
  <const X extends readonly Operand[]>(
    xs: Possible<Below<ShapesIn<X>>, X>,
  ): Made<X[number], AsShape<Below<ShapesIn<X>>>> => made(ops.vstack(nodes(xs as readonly Given[]))), // no sentence
);
/** Along axis 2, which matrices and vectors get. */
export const dstack = recorded("dstack", <X extends Operand>(xs: readonly X[]): Like<X> => made(ops.dstack(nodes(xs))));
/** Vectors as columns; matrices side by side. */
export const columnStack = recorded(
  "columnStack",
  <const X extends readonly Operand[]>(
    xs: Possible<Columns<ShapesIn<X>>, X>,
  ): Made<X[number], AsShape<Columns<ShapesIn<X>>>> => made(ops.columnStack(nodes(xs as readonly Given[]))), // no sentence
);
/** `y` behind `x` along `axis`; without an axis, both flat. */
export const append = recorded(
  "append",
  <X extends Operand, Y extends Operand, const A extends number | undefined = undefined>(
    x: X,
    y: Possible<Appended<ShapeIn<X>, ShapeIn<Y>, A>, Y>,
    axis?: A,
  ): Made<X | Y, AsShape<Appended<ShapeIn<X>, ShapeIn<Y>, A>>, DTypeIn<X>> =>
    made(ops.append(asNode(x), asNode(y), axis)),
);

/** As `split`, where the first parts are one larger if the size does not divide. */
export const arraySplit = recorded(
  "arraySplit",
  <X extends Operand>(x: X, parts: number | readonly number[], axis = 0): Like<X>[] =>
    ops.arraySplit(asNode(x), parts, axis).map((node) => made(node)),
);
/* @__NO_SIDE_EFFECTS__ */
const splitting = (name: string, op: (x: Node, parts: number | readonly number[]) => Node[]) =>
  recorded(name, <X extends Operand>(x: X, parts: number | readonly number[]): Like<X>[] =>
    op(asNode(x), parts).map((node) => made(node)),
  );
export const hsplit = splitting("hsplit", ops.hsplit);
export const vsplit = splitting("vsplit", ops.vsplit);
export const dsplit = splitting("dsplit", ops.dsplit);

export const fliplr = recorded("fliplr", <X extends Operand>(x: X): Made<X> => made(ops.fliplr(asNode(x))));
export const flipud = recorded("flipud", <X extends Operand>(x: X): Made<X> => made(ops.flipud(asNode(x))));
/** Turned by `turns` right angles, from the first of `axes` to the second. */
export const rot90 = recorded(
  "rot90",
  <X extends Operand>(x: X, turns = 1, axes: readonly [number, number] = [0, 1]): Like<X> =>
    made(ops.rot90(asNode(x), turns, axes)),
);
/** The coordinates of a grid: a tensor for each vector. */
export const meshgrid = recorded(
  "meshgrid",
  <X extends Operand>(xs: readonly X[], options: { readonly indexing?: "xy" | "ij" } = {}): Like<X>[] =>
    ops.meshgrid(nodes(xs), options).map((node) => made(node)),
);

/** Differences of neighbours along `axis`, `times` over. */
export const diff = recorded(
  "diff",
  <X extends Operand, const Times extends number = 1, const A extends number = -1>(
    x: X,
    times?: Times,
    axis?: A,
  ): Made<X, Shorter<ShapeIn<X>, A, Times>> => made(ops.diff(asNode(x), times, axis)),
);
/** The area under points along `axis` by the trapezoidal rule. */
export const trapezoid = recorded(
  "trapezoid",
  <Y extends Operand>(
    y: Y,
    { x, ...options }: { readonly x?: Placed | undefined; readonly dx?: number; readonly axis?: number } = {},
  ): Like<Y> => made(ops.trapezoid(asNode(y), { ...options, x: x && asNode(x) })),
);

/* @__NO_SIDE_EFFECTS__ */
const pairing = (name: string, op: (x: Node, y: Node) => Node) =>
  recorded(name, <X extends Operand, Y extends Operand>(x: X, y: Y): Both<X, Y> => made(op(asNode(x), asNode(y))));
/** The vector product of what lies along `axis`. */
export const cross = recorded(
  "cross",
  <X extends Operand, Y extends Operand>(x: X, y: Y, axis = -1): Both<X, Y> =>
    made(ops.cross(asNode(x), asNode(y), axis)),
);
export const kron = recorded(
  "kron",
  <X extends Operand, Y extends Operand>(x: X, y: Y): Made<X | Y, Blocks<ShapeIn<X>, ShapeIn<Y>>, DTypeIn<X>> =>
    made(ops.kron(asNode(x), asNode(y))),
);
export const inner = recorded(
  "inner",
  <X extends Operand, Y extends Operand>(
    x: X,
    y: Possible<Inner<ShapeIn<X>, ShapeIn<Y>>, Y>,
  ): Made<X | Y, AsShape<Inner<ShapeIn<X>, ShapeIn<Y>>>, DTypeIn<X>> => made(ops.inner(asNode(x), asNode(y))),
);
export const vdot = pairing("vdot", ops.vdot);

/** The sums of products of x with `v` moved along it: over whole overlaps ("valid"), as many as x has, or all. */
export const correlate = recorded(
  "correlate",
  <X extends Operand, V extends Operand>(
    x: X,
    v: V,
    mode: "valid" | "same" | "full" = "valid",
  ): Made<X | V, [number], DTypeIn<X>> => made(ops.correlate(asNode(x), asNode(v), mode)),
);

/** A square matrix with the vector x on its diagonal, or the diagonal of the matrix x. */
export const diag = recorded(
  "diag",
  <X extends Operand>(x: X, offset = 0): Like<X> => made(ops.diag(asNode(x), offset)),
);
export const diagflat = recorded(
  "diagflat",
  <X extends Operand>(x: X, offset = 0): Like<X> => made(ops.diagflat(asNode(x), offset)),
);
/** The powers of each element of a vector, as columns. */
export const vander = recorded(
  "vander",
  <X extends Operand>(x: X, columns?: number, options: { readonly increasing?: boolean } = {}): Like<X> =>
    made(ops.vander(asNode(x), columns, options)),
);
/** The first of `choices` whose condition holds, and `otherwise` where none does. */
export const select = recorded(
  "select",
  <C extends Operand, X extends Operand>(
    conditions: readonly C[],
    choices: readonly X[],
    otherwise = 0,
  ): Made<C | X, Shape, DTypeIn<X>> => made(ops.select(nodes(conditions), nodes(choices), otherwise)),
);
/** bool: each element of x is among the elements of `set`. */
export const isIn = recorded(
  "isIn",
  <X extends Operand, Y extends Operand>(
    x: X,
    set: Y,
    options: { readonly invert?: boolean } = {},
  ): Made<X | Y, ShapeIn<X>, "bool"> =>
    made(ops.isIn(asNode(x), asNode(set, x instanceof Tensor ? x.dtype : undefined), options)),
);
/** The indices along each axis of places in a flat tensor of `shape`. */
export const unravelIndex = recorded(
  "unravelIndex",
  <X extends Operand>(places: X, shape: Shape): Made<X, ShapeIn<X>, "i32">[] =>
    ops.unravelIndex(asNode(places, "i32"), shape).map((node) => made(node)),
);

type Segments = (x: Node, segments: Node, count: number) => Node;
/* @__NO_SIDE_EFFECTS__ */
const segmented = (name: string, op: Segments) =>
  recorded(
    name,
    <X extends Operand, Y extends Operand>(x: X, segments: Y, count: number): Both<X, Y> =>
      made(op(asNode(x), asNode(segments, "i32"), count)),
  );
/** The sums of the rows of each of `count` segments, whose numbers the rows have. */
export const segmentSum = segmented("segmentSum", ops.segmentSum);
export const segmentMax = segmented("segmentMax", ops.segmentMax);
export const segmentMin = segmented("segmentMin", ops.segmentMin);
export const segmentProd = segmented("segmentProd", ops.segmentProd);
/** Zeros of `shape`, to which `values` are added at `indices` [..., axes]: the places along the first axes. */
export const scatter = recorded(
  "scatter",
  <X extends Operand, V extends Operand, const S extends Shape>(
    indices: X,
    values: V,
    shape: S,
  ): Made<X | V, Plain<S>, DTypeIn<V>> => made(ops.scatter(asNode(indices, "i32"), asNode(values), shape)),
);
/** Ones at all of the labels along the last axis: [..., labels] → [..., classes]. */
export const multiHot = recorded(
  "multiHot",
  <X extends Operand, const N extends number>(labels: X, classes: N): Made<X, WithLast<ShapeIn<X>, N>, "f32"> =>
    made(ops.multiHot(asNode(labels, "i32"), classes)),
);
/** The distances between the rows of x and those of y. */
export const cdist = pairing("cdist", ops.cdist);
/** The ratio, in decibels, of the largest possible value and the noise between two signals. */
export const psnr = recorded(
  "psnr",
  <X extends Operand, Y extends Operand>(x: X, y: Y, largest: number): Made<X | Y, [], DTypeIn<X>> =>
    made(ops.psnr(asNode(x), asNode(y), largest)),
);

/** Channels as blocks of `size` × `size` pixels. */
export const depthToSpace = recorded(
  "depthToSpace",
  <X extends Operand, const N extends number>(x: X, size: N): Made<X, Spacious<ShapeIn<X>, N>> =>
    made(ops.depthToSpace(asNode(x), size)),
);
/** Blocks of `size` × `size` pixels as channels. */
export const spaceToDepth = recorded(
  "spaceToDepth",
  <X extends Operand, const N extends number>(x: X, size: N): Made<X, Deep<ShapeIn<X>, N>> =>
    made(ops.spaceToDepth(asNode(x), size)),
);
/** All windows of an image as rows of [height · width · channels]. */
export const extractPatches = recorded(
  "extractPatches",
  <X extends Operand>(x: X, size: number | readonly [number, number], options: ops.PatchOptions = {}): Like<X> =>
    made(ops.extractPatches(asNode(x), size, options)),
);
/** The brightness of colours along the last axis. */
export const rgbToGrayscale = recorded(
  "rgbToGrayscale",
  <X extends Operand>(x: X): Like<X> => made(ops.rgbToGrayscale(asNode(x))),
);

/** Ones on and below the diagonal `offset`. */
export const tri = <D extends DType = "f32">(rows: number, columns = rows, offset = 0, dtype?: D): Tensor<Shape, D> =>
  made(ops.tri(rows, columns, offset, dtype ?? "f32"));
/** `count` numbers from `start` to `stop`, each the same multiple of the one before. */
export const geomspace = (
  start: number,
  stop: number,
  count = 50,
  options: ops.EndpointOptions = {},
): Tensor<[number], "f32"> => made(ops.geomspace(start, stop, count, options));
/** `count` powers of `base`, whose exponents go from `start` to `stop`. */
export const logspace = (
  start: number,
  stop: number,
  count = 50,
  base = 10,
  options: ops.EndpointOptions = {},
): Tensor<[number], "f32"> => made(ops.logspace(start, stop, count, base, options));

/** Windows of signal processing, of `size` points. */
export const hanning = (size: number): Tensor<[number], "f32"> => made(ops.hanning(size));
export const hamming = (size: number): Tensor<[number], "f32"> => made(ops.hamming(size));
export const blackman = (size: number): Tensor<[number], "f32"> => made(ops.blackman(size));
export const bartlett = (size: number): Tensor<[number], "f32"> => made(ops.bartlett(size));
