import { build, type Node } from "../../graph/index.ts";
import { add, div, mul, sqrt, square, sub } from "../arithmetic.ts";
import { equal, greater, lessEqual, where } from "../compare.ts";
import { diagonal, eye } from "../diagonal.ts";
import { takeAlongAxis } from "../indexing.ts";
import { between } from "../joining.ts";
import { matmul } from "../linear.ts";
import { broadcastTo, flip } from "../movement.ts";
import { argsort } from "../order.ts";
import { max, sum } from "../reduce.ts";
import { scan } from "../scan.ts";
import { evenSize, moveOn, rotation, roundsOf, turn } from "./jacobi.ts";
import { batchOf, column, columnsOf, isVector, requireMatrix, row, rowsOf, transposed } from "./matrices.ts";
import { qr } from "./qr.ts";

interface Decomposition {
  /** [..., rows, k], orthonormal columns; k is the smaller of rows and columns. */
  readonly u: Node;
  /** [..., k], descending. */
  readonly s: Node;
  /** [..., k, columns], orthonormal rows. */
  readonly vt: Node;
}

/** x = u · diag(s) · vt, by rotations of the columns until they are orthogonal (Hestenes 1958). */
export function svd(x: Node): Decomposition {
  const matrix = requireMatrix("svd", x);
  if (rowsOf(matrix) < columnsOf(matrix)) {
    const { u, s, vt } = svd(transposed(matrix));
    return { u: transposed(vt), s, vt: transposed(u) };
  }
  const [rows, columns] = [rowsOf(matrix), columnsOf(matrix)];
  const rank = matrix.shape.length;
  // One matrix holds all three: u, v, and the singular values as its last row.
  const parts = (packed: Node): readonly [Node, Node, Node] => [
    between(packed, rank - 2, 0, rows),
    between(packed, rank - 2, rows, rows + columns),
    between(packed, rank - 2, rows + columns, rows + columns + 1), // [..., 1, columns]
  ];
  const packed = build.custom("svd", decompose(build.detach(matrix)), [matrix], (g, node) => {
    const [u, v, s] = parts(node);
    const [gu, gv, gs] = parts(g);
    return [derivative({ u, v, s }, { gu, gv, gs })];
  });
  const [u, v, s] = parts(packed);
  return { u, s: build.reshape(s, [...batchOf(matrix), columns]), vt: transposed(v) };
}

/** Townsend, "Differentiating the singular value decomposition" (2016); equal singular values count as apart. */
function derivative(
  { u, v, s }: { readonly u: Node; readonly v: Node; readonly s: Node },
  { gu, gv, gs }: { readonly gu: Node; readonly gv: Node; readonly gs: Node },
): Node {
  const gaps = sub(square(s), transposed(square(s)));
  const same = equal(gaps, 0);
  const apart = (y: Node): Node => where(same, 0, div(sub(y, transposed(y)), where(same, 1, gaps)));
  const zero = equal(s, 0);
  const inverse = where(zero, 0, div(1, where(zero, 1, s)));
  const size = columnsOf(u);
  const middle = add(
    add(mul(apart(matmul(transposed(u), gu)), s), mul(transposed(s), apart(matmul(transposed(v), gv)))),
    mul(eye(size, size, { dtype: u.dtype }), gs),
  );
  const inside = matmul(matmul(u, middle), transposed(v));
  // What the columns of u turn to outside of the space that they span.
  const scaled = mul(gu, inverse);
  const outside = matmul(sub(scaled, matmul(u, matmul(transposed(u), scaled))), transposed(v));
  return add(inside, outside);
}

/** [..., rows + 2·…]: u, v and the singular values, below each other. */
function decompose(x: Node): Node {
  const [rows, columns] = [rowsOf(x), columnsOf(x)];
  const even = evenSize(columns);
  const rank = x.shape.length;
  const none = x.shape.map(() => 0);
  const padded = build.pad(x, {
    low: none,
    high: x.shape.map((_, axis) => (axis === rank - 1 ? even - columns : 0)),
    between: none,
    value: 0,
  });
  const start = broadcastTo(eye(even, even, { dtype: x.dtype }), [...batchOf(x), even, even]);
  const { carry } = scan(
    ([u, v]) => {
      const own = sum(square(u!), -2);
      const off = sum(mul(u!, flip(u!, -1)), -2);
      const { c, s } = rotation(own, flip(own, -1), off);
      const turned = (y: Node): Node => moveOn(turn(y, row(c), row(s), -1), -1);
      return { carry: [turned(u!), turned(v!)], out: [] };
    },
    [padded, start],
    [],
    { length: roundsOf(even) },
  );
  const scaled = between(carry[0]!, rank - 1, 0, columns);
  const v = between(between(carry[1]!, rank - 1, 0, columns), rank - 2, 0, columns);
  const lengths = sqrt(sum(square(scaled), [-2], { keepDims: true }));
  const whole = build.concat([scaled, v, lengths], rank - 2);
  const order = argsort(lengths, -1, { descending: true });
  const sorted = takeAlongAxis(whole, broadcastTo(order, whole.shape), -1);
  const s = between(sorted, rank - 2, rows + columns, rows + columns + 1);
  const u = unitColumns(between(sorted, rank - 2, 0, rows), s);
  return build.concat([u, between(sorted, rank - 2, rows, rows + columns + 1)], rank - 2);
}

/** The columns divided by their lengths; those of no length become orthogonal to all others. */
function unitColumns(x: Node, lengths: Node): Node {
  const zero = lessEqual(lengths, mul(max(lengths, -1, { keepDims: true }), 1e-30));
  const units = where(zero, 0, div(x, where(zero, 1, lengths)));
  const { q, r } = qr(units);
  const signs = row(diagonal(r, { axes: [-2, -1] }));
  return where(zero, q, mul(q, where(greater(signs, 0), 1, build.fill(-1, signs))));
}

/** Moore and Penrose's inverse: singular values below `tolerance` times the largest count as 0. */
export function pinv(x: Node, { tolerance }: { readonly tolerance?: number } = {}): Node {
  const { u, s, vt } = svd(x);
  const limit = mul(max(s, -1, { keepDims: true }), tolerance ?? 1e-7 * Math.max(rowsOf(x), columnsOf(x)));
  const none = lessEqual(s, limit);
  const inverse = where(none, 0, div(1, where(none, 1, s)));
  return matmul(mul(transposed(vt), row(inverse)), transposed(u));
}
/** The x for which a · x is nearest to b; of several the shortest. */
export const lstsq = (a: Node, b: Node, options: { readonly tolerance?: number } = {}): Node => {
  const vector = isVector(a, b);
  const solved = matmul(pinv(a, options), vector ? column(b) : b);
  return vector ? build.reshape(solved, solved.shape.slice(0, -1)) : solved;
};
/** i32: how many singular values are above `tolerance` (of the largest unless given). */
export function matrixRank(x: Node, { tolerance }: { readonly tolerance?: number } = {}): Node {
  const { s } = svd(x);
  const limit = tolerance ?? mul(max(s, -1, { keepDims: true }), 1.2e-7 * Math.max(rowsOf(x), columnsOf(x)));
  return sum(build.cast(greater(s, limit), "i32"), -1);
}
