import { ArgumentError, ShapeError } from "../base/errors.ts";
import { range } from "../base/shape.ts";
import { build, describe, type Node, shapeError } from "../graph/index.ts";
import { mul } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { broadcastShape, strengthen } from "./broadcast.ts";
import { ravel } from "./movement.ts";

/** The matrix product over the last two axes; leading axes broadcast, vectors are rows on the left and columns on the right. */
export function matmul(x: Node, y: Node): Node {
  strengthen("matmul", [x, y]);
  const scalar = [x, y].find((node) => node.shape.length === 0);
  if (scalar !== undefined) throw shapeError("matmul: a scalar is no matrix", [x, y], "use mul");
  const inner = [x.shape.at(-1), y.shape.at(y.shape.length === 1 ? -1 : -2)];
  if (inner[0] !== inner[1]) {
    throw new ShapeError({
      what: `matmul: inner sizes differ, ${inner[0]} and ${inner[1]}`,
      details: [describe("left", x), describe("right", y)],
      hint: `the last axis of left must have the size of ${y.shape.length === 1 ? "right" : "the second last axis of right"}`,
    });
  }
  const rows = x.shape.length > 1 ? ["row"] : [];
  const columns = y.shape.length > 1 ? ["column"] : [];
  const [left, right] = [x.shape.slice(0, -2), y.shape.slice(0, -2)];
  const batch = broadcastShape("matmul, batch axes", [left, right], [x, y]);
  // A batch axis of size 1 takes part in one operand only: it is dropped there instead of being repeated.
  const a = labelBatch(x, left.length, batch);
  const b = labelBatch(y, right.length, batch);
  const product = build.contract(a.node, b.node, {
    a: [...a.labels, ...rows, "inner"],
    b: [...b.labels, "inner", ...columns],
    out: [
      ...batchLabels(batch).filter((label) => a.labels.includes(label) || b.labels.includes(label)),
      ...rows,
      ...columns,
    ],
  });
  return build.reshape(product, [...batch, ...x.shape.slice(-2, -1), ...(y.shape.length > 1 ? y.shape.slice(-1) : [])]);
}

const batchLabels = (batch: readonly number[]): string[] => batch.map((_, axis) => `batch${axis}`);

/** `node` without the batch axes of size 1, and the labels of those that are left, aligned at the last. */
function labelBatch(node: Node, count: number, batch: readonly number[]): { node: Node; labels: string[] } {
  const kept = range(count).filter((axis) => node.shape[axis] !== 1);
  const names = batchLabels(batch).slice(batch.length - count);
  return {
    node: build.reshape(node, [...kept.map((axis) => node.shape[axis]!), ...node.shape.slice(count)]),
    labels: kept.map((axis) => names[axis]!),
  };
}

/** The sum of products over pairs of axes: the last `n` of `x` with the first `n` of `y`, or the listed ones. */
export function tensordot(x: Node, y: Node, axes: number | readonly [readonly number[], readonly number[]] = 2): Node {
  strengthen("tensordot", [x, y]);
  const [left, right] = pairAxes(x, y, axes);
  const clash = left.findIndex((axis, pair) => x.shape[axis] !== y.shape[right[pair]!]);
  if (clash >= 0) {
    const sizes = `${x.shape[left[clash]!]} and ${y.shape[right[clash]!]}`;
    throw shapeError(`tensordot: axes ${left[clash]} and ${right[clash]} have sizes ${sizes}`, [x, y]);
  }
  const a = x.shape.map((_, axis) => (left.includes(axis) ? `sum${left.indexOf(axis)}` : `left${axis}`));
  const b = y.shape.map((_, axis) => (right.includes(axis) ? `sum${right.indexOf(axis)}` : `right${axis}`));
  return build.contract(x, y, { a, b, out: [...a, ...b].filter((label) => !label.startsWith("sum")) });
}

function pairAxes(
  x: Node,
  y: Node,
  axes: number | readonly [readonly number[], readonly number[]],
): [number[], number[]] {
  if (typeof axes === "number") {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(x.shape.length, y.shape.length)) {
      throw shapeError(`tensordot: there are no ${axes} axes to sum over`, [x, y]);
    }
    return [range(axes).map((axis) => x.shape.length - axes + axis), range(axes)];
  }
  const left = axes[0].map((axis) => normalizeAxis("tensordot", axis, x.shape.length, x));
  const right = axes[1].map((axis) => normalizeAxis("tensordot", axis, y.shape.length, y));
  if (left.length !== right.length || new Set(left).size < left.length || new Set(right).size < right.length) {
    throw new ArgumentError(`tensordot: axes [${axes[0]}] and [${axes[1]}] are no pairs`);
  }
  return [left, right];
}

/** NumPy's dot: the sum over the last axis of `x` and the second last of `y` (the only one of a vector). */
export function dot(x: Node, y: Node): Node {
  if (x.shape.length === 0 || y.shape.length === 0) return mul(x, y);
  const [left, right] = [x.shape.length - 1, Math.max(0, y.shape.length - 2)];
  if (x.shape[left] !== y.shape[right]) {
    throw shapeError(`dot: inner sizes differ, ${x.shape[left]} and ${y.shape[right]}`, [x, y]);
  }
  return tensordot(x, y, [[left], [right]]);
}

/** All products of an element of `x` and one of `y`: [elements of x, elements of y]. */
export const outer = (x: Node, y: Node): Node => {
  const [rows, columns] = [ravel(x), ravel(y)];
  return mul(build.reshape(rows, [rows.shape[0]!, 1]), columns);
};
