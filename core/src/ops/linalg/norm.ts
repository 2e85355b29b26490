import { ArgumentError } from "../../base/errors.ts";
import { demandKnown } from "../../base/known.ts";
import { build, type Node } from "../../graph/index.ts";
import { abs } from "../arithmetic.ts";
import { type Axes, normalizeAxes, normalizeAxis, restoreAxes } from "../axes.ts";
import { requireFloat } from "../broadcast.ts";
import { moveAxis } from "../movement.ts";
import { type NormOptions, norm } from "../norm.ts";
import { max, min, type ReduceOptions, sum } from "../reduce.ts";
import { svd } from "./svd.ts";

/** The exponent of a vector's norm, or which norm of a matrix. */
export type NormOrder = number | "fro" | "nuc";

export interface MatrixNormOptions extends ReduceOptions {
  /**
   * Along one axis as in `NormOptions`. Along two (rows, columns) the norm of matrices, as in NumPy: 1 and −1 the largest and smallest
   * sum of a column, ∞ and −∞ of a row, 2 and −2 the largest and smallest singular value, "nuc" the sum of all, "fro" the root of the
   * sum of squares, as without an order.
   */
  readonly order?: NormOrder | undefined;
}

/** Norms of matrices, from [..., rows, columns] without signs and from singular values [..., count]. */
const bySums = { 1: [-2, max], "-1": [-2, min], Infinity: [-1, max], "-Infinity": [-1, min] } as const;
const bySingularValues = { 2: max, "-2": min, nuc: sum } as const;

/** The norm along `axes`, of vectors or of matrices. */
export function normOf(x: Node, axes?: Axes, options: MatrixNormOptions = {}): Node {
  demandKnown("norm", options, ["order", "keepDims"]);
  const { order, keepDims = false } = options;
  const list = normalizeAxes("norm", axes, x);
  if (order === undefined || list.length !== 2) return norm(x, axes, { order, keepDims } as NormOptions); // refused there
  if (order === "fro") return norm(x, axes, { keepDims });
  const kind = String(order);
  const isSum = Object.hasOwn(bySums, kind);
  if (!isSum && !Object.hasOwn(bySingularValues, kind))
    throw new ArgumentError({
      what: `norm: matrices have no norm of order ${kind}`,
      hint: 'orders of matrices are 1, -1, 2, -2, Infinity, -Infinity, "fro" and "nuc"',
    });
  // Which of the axes are rows is told by their order.
  const places = Array.isArray(axes) ? axes.map((axis) => normalizeAxis("norm", axis, x.shape.length)) : list;
  const matrices = build.cast(moveAxis(requireFloat("norm", x), places, [-2, -1]), "f32");
  const value = isSum ? sumNorm(matrices, kind as keyof typeof bySums) : singularNorm(matrices, kind as never); // looked up above
  const result = build.cast(value, x.dtype);
  return keepDims ? restoreAxes(result, x, list) : result;
}

function sumNorm(matrices: Node, kind: keyof typeof bySums): Node {
  const [axis, choose] = bySums[kind];
  return choose(sum(abs(matrices), axis), -1);
}

const singularNorm = (matrices: Node, kind: keyof typeof bySingularValues): Node =>
  bySingularValues[kind](svd(matrices).s, -1);
