import { build, type Node, shapeError } from "../../graph/index.ts";
import { add, div, mul, neg, sqrt, sub } from "../arithmetic.ts";
import { broadcastShape, expandTo } from "../broadcast.ts";
import { greaterEqual, where } from "../compare.ts";
import { eye, tril, triu } from "../diagonal.ts";
import { matmul } from "../linear.ts";
import { sum } from "../reduce.ts";
import { scan } from "../scan.ts";
import {
  batchOf,
  column,
  columnsOf,
  indices,
  isVector,
  requireMatrix,
  requireSquare,
  row,
  rowsOf,
  transposed,
  unit,
} from "./matrices.ts";

/** The lower triangle L of a positive definite matrix L·Lᵀ, of which the lower triangle is read; NaN for other matrices. Or the upper one, U of Uᵀ·U. */
export function cholesky(x: Node, { upper = false }: { readonly upper?: boolean } = {}): Node {
  if (upper) return transposed(cholesky(transposed(requireSquare("cholesky", x))));
  const matrix = requireSquare("cholesky", x);
  const size = rowsOf(matrix);
  // Column after column: what the columns before leave of it, divided by the root of its pivot.
  const { carry } = scan(
    ([lower], [k]) => {
      const at = unit(size, k!, matrix.dtype);
      const own = matmul(lower!, column(matmul(at, lower!)));
      const rest = sub(matmul(matrix, column(at)), own); // [..., size, 1]
      const pivot = sqrt(sum(mul(rest, column(at)), [-2], { keepDims: true }));
      const below = greaterEqual(column(indices(size)), k!);
      const made = where(below, div(rest, pivot), build.fill(0, rest));
      return { carry: [add(lower!, mul(made, at))], out: [] };
    },
    [build.fill(0, matrix)],
    [indices(size)],
  );
  // Murray 2016, equation 8: Φ takes the lower triangle with half of the diagonal.
  return build.custom("cholesky", carry[0]!, [matrix], (g, node) => {
    const inside = matmul(transposed(node), g);
    const half = mul(add(tril(inside), tril(inside, -1)), 0.5);
    const left = solveTriangular(node, half, { transpose: true });
    const both = transposed(solveTriangular(node, transposed(left), { transpose: true }));
    return [mul(add(both, transposed(both)), 0.5)];
  });
}

export interface TriangularOptions {
  /** Which triangle of the matrix is read. */
  readonly lower?: boolean;
  /** Solves with the transposed matrix. */
  readonly transpose?: boolean;
}

/** x of `a · x = b` for a triangular matrix; b is [..., rows, columns], or a vector for each matrix. */
export function solveTriangular(a: Node, b: Node, { lower = true, transpose = false }: TriangularOptions = {}): Node {
  if (isVector(a, b)) {
    const solved = solveTriangular(a, column(b), { lower, transpose });
    return build.reshape(solved, solved.shape.slice(0, -1));
  }
  const [matrix, right] = together("solveTriangular", requireSquare("solveTriangular", a), b);
  const used = transpose ? transposed(matrix) : matrix;
  const forwards = lower !== transpose;
  const size = rowsOf(matrix);
  const at = (k: Node): Node => unit(size, k, matrix.dtype);
  // Row after row: x_k = (b_k − Σ a_kj x_j) / a_kk, from the end of the triangle that has one element.
  const { carry } = scan(
    ([x], [k]) => {
      const own = matmul(row(at(k!)), used); // [..., 1, size]
      const rest = sub(matmul(row(at(k!)), right), matmul(own, x!));
      const pivot = sum(mul(own, at(k!)), [-1], { keepDims: true });
      return { carry: [add(x!, mul(column(at(k!)), div(rest, pivot)))], out: [] };
    },
    [build.fill(0, right)],
    [indices(size)],
    { reverse: !forwards },
  );
  return build.custom("solveTriangular", carry[0]!, [matrix, right], (g, node) => {
    const back = solveTriangular(matrix, g, { lower, transpose: !transpose });
    const products = transpose ? matmul(node, transposed(back)) : matmul(back, transposed(node));
    return [neg((lower ? tril : triu)(products)), back];
  });
}

/** Both with the same axes of the batch. */
export function together(op: string, a: Node, b: Node): [Node, Node] {
  const right = requireMatrix(op, b);
  if (columnsOf(a) !== rowsOf(right)) {
    throw shapeError(`${op}: a matrix of ${rowsOf(a)} rows for a right side of ${rowsOf(right)}`, [a, b]);
  }
  const batch = broadcastShape(op, [batchOf(a), batchOf(right)], [a, b]);
  return [expandTo(a, [...batch, ...a.shape.slice(-2)]), expandTo(right, [...batch, ...right.shape.slice(-2)])];
}

/** The inverse of L·Lᵀ, or of Uᵀ·U. */
export const choleskyInverse = (factor: Node, { upper = false }: { readonly upper?: boolean } = {}): Node => {
  const lower = upper ? transposed(factor) : factor;
  const ones = eye(rowsOf(lower), rowsOf(lower), { dtype: lower.dtype });
  const half = solveTriangular(lower, expandTo(ones, lower.shape));
  return matmul(transposed(half), half);
};
