import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { range } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { equal, greater, less, where } from "./compare.ts";
import { between } from "./joining.ts";
import { moveAxis } from "./movement.ts";
import { sum } from "./reduce.ts";

/** A matrix with ones on the diagonal `offset` places above the main one, and zeros elsewhere. */
export function eye(
  rows: number,
  columns = rows,
  { offset = 0, dtype = "f32" }: { offset?: number; dtype?: DType } = {},
): Node {
  const shape = [rows, columns];
  return build.cast(equal(build.iota(shape, 1), add(build.iota(shape, 0), offset)), dtype);
}

/** `x` with zeros above the diagonal `offset` of its last two axes. */
export const tril = (x: Node, offset = 0): Node => {
  const [rows, columns] = lastIndices("tril", x);
  return where(greater(columns, add(rows, offset)), 0, x);
};

/** `x` with zeros below the diagonal `offset` of its last two axes. */
export const triu = (x: Node, offset = 0): Node => {
  const [rows, columns] = lastIndices("triu", x);
  return where(less(columns, add(rows, offset)), 0, x);
};

function lastIndices(op: string, x: Node): [Node, Node] {
  if (x.shape.length < 2) throw shapeError(`${op}: needs at least 2 axes`, [x]);
  const shape = x.shape.slice(-2);
  return [build.iota(shape, 0), build.iota(shape, 1)];
}

export interface DiagonalOptions {
  /** Places above the main diagonal; below it when negative. */
  readonly offset?: number;
  /** The axes of the rows and of the columns. */
  readonly axes?: readonly [number, number];
}

/** The diagonal of the matrices in `axes`, as the last axis of the result; a view. */
export function diagonal(x: Node, { offset = 0, axes = [0, 1] }: DiagonalOptions = {}): Node {
  if (!Number.isInteger(offset)) throw new ArgumentError(`diagonal: the offset ${offset} is no whole number`);
  const rank = x.shape.length;
  if (rank < 2) throw shapeError("diagonal: needs at least 2 axes", [x]);
  const [first, second] = [normalizeAxis("diagonal", axes[0], rank, x), normalizeAxis("diagonal", axes[1], rank, x)];
  if (first === second) throw new ArgumentError(`diagonal: axes [${axes}] are the same`);
  const matrix = moveAxis(x, [first, second], [rank - 2, rank - 1]);
  const [rows, columns] = [matrix.shape[rank - 2]!, matrix.shape[rank - 1]!]; // rank ≥ 2
  const [top, left] = [Math.max(0, -offset), Math.max(0, offset)];
  const size = Math.max(0, Math.min(rows - top, columns - left));
  const lead = matrix.shape.slice(0, -2);
  if (size === 0) return build.fill(0, { shape: [...lead, 0], dtype: x.dtype });
  const square = between(between(matrix, rank - 2, top, top + size), rank - 1, left, left + size);
  // In a row-major square of side n, diagonal neighbours are n + 1 apart.
  const flat = build.reshape(square, [...lead, size * size]);
  const step = [...lead.map(() => 1), size + 1];
  return build.slice(
    flat,
    range(lead.length + 1).map(() => 0),
    [...lead, size],
    step,
  );
}

/** The sum of a diagonal. */
export const trace = (x: Node, options: DiagonalOptions = {}): Node => sum(diagonal(x, options), -1);

/** A square matrix with the vector `x` on its diagonal, or the diagonal of the matrix `x`. */
export function diag(x: Node, offset = 0): Node {
  if (x.shape.length !== 1) return diagonal(x, { offset });
  const size = x.shape[0]! + Math.abs(offset);
  const shape = [size, size];
  const low = Math.max(0, offset);
  const padded = build.pad(x, { low: [low], high: [size - x.shape[0]! - low], between: [0], value: 0 });
  return where(equal(build.iota(shape, 1), add(build.iota(shape, 0), offset)), padded, 0);
}
