import { ArgumentError } from "../../base/errors.ts";
import { build, type Node } from "../../graph/index.ts";
import { abs, add, div, mul, neg, sub } from "../arithmetic.ts";
import { equal, greater, greaterEqual, logicalAnd, notEqual, where } from "../compare.ts";
import { diagonal, eye, tril, triu } from "../diagonal.ts";
import { log } from "../exponential.ts";
import { takeAlongAxis } from "../indexing.ts";
import { matmul } from "../linear.ts";
import { broadcastTo, moveAxis } from "../movement.ts";
import { argmax } from "../order.ts";
import { prod, sum } from "../reduce.ts";
import { scan } from "../scan.ts";
import { batchOf, column, indices, isVector, requireSquare, rowsOf, transposed, unit } from "./matrices.ts";
import { solveTriangular, together } from "./triangular.ts";

interface Factors {
  /** U, and below its diagonal L without its ones. */
  readonly lu: Node;
  /** i32 [..., size]: the row that each row was exchanged with, in order. */
  readonly pivots: Node;
  /** i32 [..., size]: the row of the matrix that stands at each place now. */
  readonly order: Node;
}

/** P·A = L·U with the largest pivots (Golub & Van Loan, algorithm 3.4.1), a column a step. */
function factors(x: Node): Factors {
  const size = rowsOf(x);
  const places = indices(size);
  const start = broadcastTo(places, [...batchOf(x), size]);
  const { carry, out } = scan(
    ([matrix, order], [k]) => {
      const at = column(unit(size, k!, x.dtype));
      const sizes = build.reshape(abs(matmul(matrix!, at)), [...batchOf(x), size]);
      const pivot = argmax(where(greaterEqual(places, k!), sizes, build.fill(-1, sizes)), -1, { keepDims: true });
      const exchanged = where(equal(places, k!), pivot, where(equal(places, pivot), k!, places));
      const rows = takeAlongAxis(matrix!, broadcastTo(column(exchanged), x.shape), -2);
      const pivotRow = matmul(transposed(at), rows); // [..., 1, size]
      const pivotValue = matmul(pivotRow, at); // [..., 1, 1]
      const none = equal(pivotValue, 0);
      const below = greater(column(places), k!);
      const factor = where(below, div(matmul(rows, at), where(none, 1, pivotValue)), 0);
      const reduced = sub(rows, mul(factor, where(greater(places, k!), pivotRow, 0)));
      const next = where(logicalAnd(below, equal(places, k!)), factor, reduced);
      return { carry: [next, takeAlongAxis(order!, exchanged, -1)], out: [pivot] };
    },
    [x, start],
    [places],
  );
  const pivots = moveAxis(build.reshape(out[0]!, [size, ...batchOf(x)]), 0, -1);
  return { lu: carry[0]!, order: carry[1]!, pivots };
}

/** L and U in one matrix (the ones of L left out), and the row that each row was exchanged with, in order. */
export function luFactor(x: Node): { lu: Node; pivots: Node } {
  const { lu, pivots } = factors(requireSquare("luFactor", x));
  return { lu, pivots };
}

/** x of `a · x = b`; b is [..., rows, columns], or a vector for each matrix. */
export function solve(a: Node, b: Node): Node {
  if (isVector(a, b)) {
    const solved = solve(a, column(b));
    return build.reshape(solved, solved.shape.slice(0, -1));
  }
  const [matrix, right] = together("solve", requireSquare("solve", a), b);
  const { lu, order } = factors(matrix);
  const sorted = takeAlongAxis(right, broadcastTo(column(order), right.shape), -2);
  const ones = eye(rowsOf(lu), rowsOf(lu), { dtype: lu.dtype });
  const value = solveTriangular(triu(lu), solveTriangular(add(tril(lu, -1), ones), sorted), { lower: false });
  return build.custom("solve", value, [matrix, right], (g, node) => {
    const back = solve(transposed(matrix), g);
    return [neg(matmul(back, transposed(node))), back];
  });
}

/** The inverse of a square matrix. */
export const inv = (x: Node): Node => {
  const matrix = requireSquare("inv", x);
  return solve(matrix, broadcastTo(eye(rowsOf(matrix), rowsOf(matrix), { dtype: matrix.dtype }), matrix.shape));
};

/** The diagonal of U, and the sign that the exchanges of rows give. */
function diagonalAndSign(x: Node): [Node, Node] {
  const { lu, pivots } = factors(x);
  const exchanges = sum(build.cast(notEqual(pivots, indices(rowsOf(x))), "i32"), -1);
  const odd = build.cast(build.binary("mod", exchanges, build.fill(2, exchanges)), x.dtype);
  return [diagonal(lu, { axes: [-2, -1] }), sub(1, mul(odd, 2))];
}

/** The determinant of a square matrix. Its derivative needs the inverse: it is NaN where there is none. */
export function det(x: Node): Node {
  const matrix = requireSquare("det", x);
  const [pivots, sign] = diagonalAndSign(matrix);
  return build.custom("det", mul(prod(pivots, -1), sign), [matrix], (g, node) => [
    mul(column(column(mul(g, node))), transposed(inv(matrix))),
  ]);
}

/** The sign of the determinant, and the logarithm of its size, which does not overflow. */
export function slogdet(x: Node): { sign: Node; logdet: Node } {
  const matrix = requireSquare("slogdet", x);
  const [pivots, exchanges] = diagonalAndSign(build.detach(matrix));
  const negative = sum(build.cast(greater(0, pivots), "i32"), -1);
  const odd = build.cast(build.binary("mod", negative, build.fill(2, negative)), matrix.dtype);
  const singular = equal(prod(build.cast(notEqual(pivots, 0), "i32"), -1), 0);
  const sign = where(singular, 0, mul(exchanges, sub(1, mul(odd, 2))));
  const value = sum(log(abs(pivots)), -1);
  const logdet = build.custom("slogdet", value, [matrix], (g) => [mul(column(column(g)), transposed(inv(matrix)))]);
  return { sign: build.detach(sign), logdet };
}

/** A square matrix multiplied with itself; negative powers are those of its inverse. */
export function matrixPower(x: Node, power: number): Node {
  const matrix = requireSquare("matrixPower", x);
  if (!Number.isInteger(power)) throw new ArgumentError(`matrixPower: ${power} is no whole number`);
  if (power < 0) return matrixPower(inv(matrix), -power);
  let result: Node | undefined;
  let factor = matrix;
  for (let rest = power; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? factor : matmul(result, factor);
    if (rest > 1) factor = matmul(factor, factor);
  }
  return result ?? broadcastTo(eye(rowsOf(matrix), rowsOf(matrix), { dtype: matrix.dtype }), matrix.shape);
}
