import { isFloat } from "../../base/dtype.ts";
import { type Shape, sameShape } from "../../base/shape.ts";
import { build, type Node, shapeError } from "../../graph/index.ts";
import { mul } from "../arithmetic.ts";
import { requireFloat } from "../broadcast.ts";
import { equal } from "../compare.ts";
import { expandDims, swapAxes } from "../movement.ts";

// Words that the decompositions share. Matrices are the last two axes; all others are a batch.

export const transposed = (x: Node): Node => swapAxes(x, -1, -2);
export const rowsOf = (x: Node): number => x.shape.at(-2)!; // matrices have two axes
export const columnsOf = (x: Node): number => x.shape.at(-1)!;
export const batchOf = (x: Node): Shape => x.shape.slice(0, -2);

/** A vector as a column, and as a row. */
export const column = (x: Node): Node => expandDims(x, -1);
export const row = (x: Node): Node => expandDims(x, -2);

/** The products of the elements of two vectors. */
export const outerOf = (x: Node, y: Node): Node => mul(column(x), row(y));

/** 0, 1, … along the only axis. */
export const indices = (size: number): Node => build.iota([size], 0);
/** 1 at place `k` of a vector, 0 elsewhere. */
export const unit = (size: number, k: Node, dtype: Node["dtype"]): Node => build.cast(equal(indices(size), k), dtype);

/** A right side that is one vector for each matrix: as NumPy has it for one matrix, and Keras for a batch. */
export const isVector = (a: Node, b: Node): boolean => b.shape.length === 1 || sameShape(b.shape, a.shape.slice(0, -1));

export function requireMatrix(op: string, x: Node): Node {
  if (x.shape.length < 2) throw shapeError(`${op}: needs a matrix, or a batch of them`, [x]);
  return isFloat(x.dtype) ? requireFloat(op, x) : build.cast(x, "f32");
}
export function requireSquare(op: string, x: Node): Node {
  const matrix = requireMatrix(op, x);
  if (rowsOf(matrix) === columnsOf(matrix)) return matrix;
  throw shapeError(`${op}: needs a square matrix, received ${rowsOf(matrix)} × ${columnsOf(matrix)}`, [x]);
}
