import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, recorded } from "./recorded.ts";
import type { ReduceOptions } from "./tensor.ts";
import type { Reduced } from "./types.ts";

// Decompositions of matrices, the last two axes; all other axes are a batch. Each has its derivative.

type Like<X> = Made<X, Shape>;
/** Of the element type of the first. */
type Both<X, Y> = Made<X | Y, Shape, DTypeIn<X>>;
type Same<X> = Made<X>;

/* @__NO_SIDE_EFFECTS__ */
const same = (name: string, op: (x: Node) => Node) =>
  recorded(name, <X extends Operand>(x: X): Same<X> => made(op(asNode(x))));
/* @__NO_SIDE_EFFECTS__ */
const pairing = (name: string, op: (x: Node, y: Node) => Node) =>
  recorded(name, <X extends Operand, Y extends Operand>(x: X, y: Y): Both<X, Y> => made(op(asNode(x), asNode(y))));

/* @__NO_SIDE_EFFECTS__ */
const triangular = (name: string, op: (x: Node, options: { readonly upper?: boolean }) => Node) =>
  recorded(
    name,
    <X extends Operand>(x: X, options: { readonly upper?: boolean } = {}): Same<X> => made(op(asNode(x), options)),
  );

/** The lower triangle L of a positive definite matrix L·Lᵀ, or the upper one U of Uᵀ·U. */
export const cholesky = triangular("cholesky", ops.cholesky);
/** The inverse of L·Lᵀ, or of Uᵀ·U. */
export const choleskyInverse = triangular("choleskyInverse", ops.choleskyInverse);
export const inv = same("inv", ops.inv);
export const det = recorded("det", <X extends Operand>(x: X): Like<X> => made(ops.det(asNode(x))));
/** The sign of the determinant, and the logarithm of its size. */
export const slogdet = recorded(
  "slogdet",
  <X extends Operand>(x: X): { readonly sign: Like<X>; readonly logdet: Like<X> } => {
    const { sign, logdet } = ops.slogdet(asNode(x));
    return { sign: made(sign), logdet: made(logdet) };
  },
);
/** The logarithm of the determinant of a positive definite matrix. */
export const logdet = recorded("logdet", <X extends Operand>(x: X): Like<X> => made(ops.slogdet(asNode(x)).logdet));
/** x of `a · x = b`. */
export const solve = pairing("solve", ops.solve);
/** The x for which a · x is nearest to b. */
export const lstsq = recorded(
  "lstsq",
  <X extends Operand, Y extends Operand>(a: X, b: Y, options: { readonly tolerance?: number } = {}): Both<X, Y> =>
    made(ops.lstsq(asNode(a), asNode(b), options)),
);
/** x of `a · x = b` for a triangular matrix. */
export const solveTriangular = recorded(
  "solveTriangular",
  <X extends Operand, Y extends Operand>(a: X, b: Y, options: ops.TriangularOptions = {}): Both<X, Y> =>
    made(ops.solveTriangular(asNode(a), asNode(b), options)),
);
/** L and U in one matrix, and the row that each row was exchanged with. */
export const luFactor = recorded(
  "luFactor",
  <X extends Operand>(x: X): { readonly lu: Same<X>; readonly pivots: Made<X, Shape, "i32"> } => {
    const { lu, pivots } = ops.luFactor(asNode(x));
    return { lu: made(lu), pivots: made(pivots) };
  },
);
export const matrixPower = recorded(
  "matrixPower",
  <X extends Operand>(x: X, power: number): Same<X> => made(ops.matrixPower(asNode(x), power)),
);
/** Orthonormal columns Q and a triangle R with Q·R = x. */
export const qr = recorded(
  "qr",
  <X extends Operand>(
    x: X,
    options: { readonly mode?: "reduced" | "complete" } = {},
  ): { readonly q: Like<X>; readonly r: Like<X> } => {
    const { q, r } = ops.qr(asNode(x), options);
    return { q: made(q), r: made(r) };
  },
);
/** Eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix. */
export const eigh = recorded(
  "eigh",
  <X extends Operand>(x: X): { readonly values: Like<X>; readonly vectors: Same<X> } => {
    const { values, vectors } = ops.eigh(asNode(x));
    return { values: made(values), vectors: made(vectors) };
  },
);
/** x = u · diag(s) · vt, with as many columns of u and rows of vt as x has rows or columns; s is descending. */
export const svd = recorded(
  "svd",
  <X extends Operand>(x: X): { readonly u: Like<X>; readonly s: Like<X>; readonly vt: Like<X> } => {
    const { u, s, vt } = ops.svd(asNode(x));
    return { u: made(u), s: made(s), vt: made(vt) };
  },
);
/** Moore and Penrose's inverse. */
export const pinv = recorded(
  "pinv",
  <X extends Operand>(x: X, options: { readonly tolerance?: number } = {}): Like<X> =>
    made(ops.pinv(asNode(x), options)),
);
/** i32: how many singular values are not 0, as far as the digits tell. */
export const matrixRank = recorded(
  "matrixRank",
  <X extends Operand>(x: X, options: { readonly tolerance?: number } = {}): Made<X, Shape, "i32"> =>
    made(ops.matrixRank(asNode(x), options)),
);
/**
 * The norm along `axes`. Without an order the root of the sum of squares, along any of them. Along one axis, order is the exponent of a
 * vector's norm; along two (rows, columns) it is 1, −1, 2, −2, ∞, −∞, "fro" or "nuc", the norm of a matrix, as in NumPy.
 */
export const norm = recorded(
  "norm",
  <X extends Operand, const A extends number | readonly number[] | undefined = undefined, K extends boolean = false>(
    x: X,
    axes?: A,
    options: ReduceOptions<K> & { readonly order?: ops.NormOrder } = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, DTypeIn<X>> => made(ops.normOf(asNode(x), axes, options)),
);
