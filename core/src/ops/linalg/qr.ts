import type { Node } from "../../graph/index.ts";
import { div, mul, sqrt, square, sub } from "../arithmetic.ts";
import { equal, greater, greaterEqual, less, where } from "../compare.ts";
import { eye, triu } from "../diagonal.ts";
import { between } from "../joining.ts";
import { matmul } from "../linear.ts";
import { broadcastTo } from "../movement.ts";
import { sum } from "../reduce.ts";
import { scan } from "../scan.ts";
import { batchOf, column, columnsOf, indices, requireMatrix, rowsOf, transposed, unit } from "./matrices.ts";

/**
 * Orthonormal columns Q and a triangle R with Q·R = x, by Householder's reflections (Golub & Van Loan, algorithm 5.2.1),
 * with LAPACK's signs. "reduced" has as many columns of Q as x has rows or columns, "complete" is square.
 */
export function qr(
  x: Node,
  { mode = "reduced" }: { readonly mode?: "reduced" | "complete" } = {},
): { q: Node; r: Node } {
  const matrix = requireMatrix("qr", x);
  const [rows, columns] = [rowsOf(matrix), columnsOf(matrix)];
  const count = Math.min(rows, columns);
  const places = column(indices(rows));
  const start = broadcastTo(eye(rows, rows, { dtype: matrix.dtype }), [...batchOf(matrix), rows, rows]);
  const { carry } = scan(
    ([r, q], [k]) => {
      const own = matmul(r!, column(unit(columns, k!, matrix.dtype))); // [..., rows, 1]
      const below = where(greaterEqual(places, k!), own, 0);
      const rest = sum(square(where(greater(places, k!), own, 0)), [-2], { keepDims: true });
      const pivot = sum(mul(own, column(unit(rows, k!, matrix.dtype))), [-2], { keepDims: true });
      // Nothing to reflect where all below the diagonal is 0 already.
      const none = equal(rest, 0);
      const length = sqrt(where(none, 1, sum(square(below), [-2], { keepDims: true })));
      const target = where(less(pivot, 0), length, mul(length, -1));
      const v = where(none, 0, sub(below, mul(target, column(unit(rows, k!, matrix.dtype)))));
      const scale = where(none, 0, div(2, where(none, 1, sum(square(v), [-2], { keepDims: true }))));
      const left = sub(r!, mul(mul(v, scale), matmul(transposed(v), r!)));
      const right = sub(q!, mul(matmul(q!, v), transposed(mul(v, scale))));
      return { carry: [left, right], out: [] };
    },
    [matrix, start],
    [indices(count)],
  );
  const [r, q] = carry as [Node, Node]; // as the body returns them
  const kept = mode === "complete" ? rows : count;
  const rank = matrix.shape.length;
  return { q: between(q, rank - 1, 0, kept), r: triu(between(r, rank - 2, 0, kept)) };
}
