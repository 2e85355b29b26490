import { build, type Node } from "../../graph/index.ts";
import { add, div, mul, sub } from "../arithmetic.ts";
import { equal, where } from "../compare.ts";
import { diagonal, eye } from "../diagonal.ts";
import { takeAlongAxis } from "../indexing.ts";
import { between } from "../joining.ts";
import { matmul } from "../linear.ts";
import { broadcastTo, flip } from "../movement.ts";
import { argsort } from "../order.ts";
import { scan } from "../scan.ts";
import { evenSize, moveOn, rotation, roundsOf, turn } from "./jacobi.ts";
import { batchOf, column, requireSquare, row, rowsOf, transposed } from "./matrices.ts";

/** Eigenvalues, ascending, and eigenvectors (columns) of a symmetric matrix. */
export function eigh(x: Node): { values: Node; vectors: Node } {
  const matrix = requireSquare("eigh", x);
  const size = rowsOf(matrix);
  const symmetric = mul(add(matrix, transposed(matrix)), 0.5);
  const rank = matrix.shape.length;
  // One matrix holds both: the eigenvalues are its last row.
  const packed = build.custom("eigh", decompose(build.detach(symmetric)), [symmetric], (g, node) => {
    const vectors = between(node, rank - 2, 0, size);
    const values = between(node, rank - 2, size, size + 1); // [..., 1, size]
    const gaps = sub(values, transposed(values));
    const same = equal(gaps, 0);
    const turned = matmul(transposed(vectors), between(g, rank - 2, 0, size));
    const inside = where(same, 0, div(turned, where(same, 1, gaps)));
    const own = mul(eye(size, size, { dtype: node.dtype }), between(g, rank - 2, size, size + 1));
    const whole = matmul(matmul(vectors, add(inside, own)), transposed(vectors));
    return [mul(add(whole, transposed(whole)), 0.5)];
  });
  const values = between(packed, rank - 2, size, size + 1);
  return {
    values: build.reshape(values, [...batchOf(matrix), size]),
    vectors: between(packed, rank - 2, 0, size),
  };
}

/** [..., size + 1, size]: eigenvectors, and below them eigenvalues. */
function decompose(x: Node): Node {
  const size = rowsOf(x);
  const even = evenSize(size);
  const rank = x.shape.length;
  const more = x.shape.map((_, axis) => (axis < rank - 2 ? 0 : even - size));
  const none = x.shape.map(() => 0);
  const padded = build.pad(x, { low: none, high: more, between: none, value: 0 });
  const { carry } = scan(
    ([a, v]) => {
      const own = diagonal(a!, { axes: [-2, -1] });
      const off = diagonal(flip(a!, -1), { axes: [-2, -1] });
      const { c, s } = rotation(own, flip(own, -1), off);
      const rows = turn(turn(a!, row(c), row(s), -1), column(c), column(s), -2);
      return { carry: [moveOn(moveOn(rows, -1), -2), moveOn(turn(v!, row(c), row(s), -1), -1)], out: [] };
    },
    [padded, broadcastTo(eye(even, even, { dtype: x.dtype }), padded.shape)],
    [],
    { length: roundsOf(even) },
  );
  const crop = (y: Node, axis: number): Node => between(y, axis, 0, size);
  const values = crop(diagonal(carry[0]!, { axes: [-2, -1] }), rank - 2);
  const vectors = crop(crop(carry[1]!, rank - 2), rank - 1);
  const whole = build.concat([vectors, row(values)], rank - 2);
  const order = argsort(values, -1);
  return takeAlongAxis(whole, broadcastTo(row(order), whole.shape), -1);
}
