import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn, type TensorLike } from "./like.ts";
import { recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";

// Decompositions of matrices, the last two axes; all other axes are a batch. Each has its derivative.

type Like<X> = Tensor<Shape, DTypeIn<X>>;
type Same<X> = Tensor<ShapeIn<X>, DTypeIn<X>>;

const same = (name: string, op: (x: Node) => Node) =>
  recorded(name, <X extends TensorLike>(x: X): Same<X> => new Tensor(op(asNode(x))));
const pairing = (name: string, op: (x: Node, y: Node) => Node) =>
  recorded(name, <X extends TensorLike>(x: X, y: TensorLike): Like<X> => new Tensor(op(asNode(x), asNode(y))));

/** The lower triangle L of a positive definite matrix L·Lᵀ. */
export const cholesky = same("cholesky", ops.cholesky);
/** The inverse of L·Lᵀ. */
export const choleskyInverse = same("choleskyInverse", ops.choleskyInverse);
export const inv = same("inv", ops.inv);
export const det = recorded("det", <X extends TensorLike>(x: X): Like<X> => new Tensor(ops.det(asNode(x))));
/** The sign of the determinant, and the logarithm of its size. */
export const slogdet = recorded(
  "slogdet",
  <X extends TensorLike>(x: X): { readonly sign: Like<X>; readonly logdet: Like<X> } => {
    const { sign, logdet } = ops.slogdet(asNode(x));
    return { sign: new Tensor(sign), logdet: new Tensor(logdet) };
  },
);
/** The logarithm of the determinant of a positive definite matrix. */
export const logdet = recorded(
  "logdet",
  <X extends TensorLike>(x: X): Like<X> => new Tensor(ops.slogdet(asNode(x)).logdet),
);
/** x of `a · x = b`. */
export const solve = pairing("solve", ops.solve);
/** The x for which a · x is nearest to b. */
export const lstsq = pairing("lstsq", ops.lstsq);
/** x of `a · x = b` for a triangular matrix. */
export const solveTriangular = recorded(
  "solveTriangular",
  <X extends TensorLike>(a: X, b: TensorLike, options: ops.TriangularOptions = {}): Like<X> =>
    new Tensor(ops.solveTriangular(asNode(a), asNode(b), options)),
);
/** L and U in one matrix, and the row that each row was exchanged with. */
export const luFactor = recorded(
  "luFactor",
  <X extends TensorLike>(x: X): { readonly lu: Same<X>; readonly pivots: Tensor<Shape, "i32"> } => {
    const { lu, pivots } = ops.luFactor(asNode(x));
    return { lu: new Tensor(lu), pivots: new Tensor(pivots) };
  },
);
export const matrixPower = recorded(
  "matrixPower",
  <X extends TensorLike>(x: X, power: number): Same<X> => new Tensor(ops.matrixPower(asNode(x), power)),
);
/** Orthonormal columns Q and a triangle R with Q·R = x. */
export const qr = recorded(
  "qr",
  <X extends TensorLike>(
    x: X,
    options: { readonly mode?: "reduced" | "complete" } = {},
  ): { readonly q: Like<X>; readonly r: Like<X> } => {
    const { q, r } = ops.qr(asNode(x), options);
    return { q: new Tensor(q), r: new Tensor(r) };
  },
);
/** Eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix. */
export const eigh = recorded(
  "eigh",
  <X extends TensorLike>(x: X): { readonly values: Like<X>; readonly vectors: Same<X> } => {
    const { values, vectors } = ops.eigh(asNode(x));
    return { values: new Tensor(values), vectors: new Tensor(vectors) };
  },
);
/** x = u · diag(s) · vt, with as many columns of u and rows of vt as x has rows or columns; s is descending. */
export const svd = recorded(
  "svd",
  <X extends TensorLike>(x: X): { readonly u: Like<X>; readonly s: Like<X>; readonly vt: Like<X> } => {
    const { u, s, vt } = ops.svd(asNode(x));
    return { u: new Tensor(u), s: new Tensor(s), vt: new Tensor(vt) };
  },
);
/** Moore and Penrose's inverse. */
export const pinv = recorded(
  "pinv",
  <X extends TensorLike>(x: X, options: { readonly tolerance?: number } = {}): Like<X> =>
    new Tensor(ops.pinv(asNode(x), options)),
);
/** i32: how many singular values are not 0, as far as the digits tell. */
export const matrixRank = recorded(
  "matrixRank",
  (x: TensorLike, options: { readonly tolerance?: number } = {}): Tensor<Shape, "i32"> =>
    new Tensor(ops.matrixRank(asNode(x), options)),
);
