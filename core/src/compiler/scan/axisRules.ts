import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";

/**
 * How an axis passes through a node, when every element of the result reads only what lies at the same place along it. A number is
 * the axis on the other side, "free" says that the other side has no such axis and is the same for all places, "mixed" that
 * places are mixed, or that nothing is known.
 */
export type Passed = number | "free" | "mixed";

/** The axis of input `index` that stands for axis `axis` of the node. */
export function axisOfInput(node: Node, index: number, axis: number): Passed {
  const x = node.inputs[index]!;
  if (isSame(node)) return axis;
  if (isOp(node, "reshape")) return sameAxis(node.shape, axis, x.shape);
  if (isOp(node, "permute")) return node.attrs.order[axis]!;
  if (isOp(node, "expand")) return x.shape[axis] === node.shape[axis] ? axis : "free";
  if (isOp(node, "slice") || isOp(node, "pad") || isOp(node, "concat")) return keepsAxis(node, axis) ? axis : "mixed";
  if (isOp(node, "windows")) return axis < x.shape.length && !node.attrs.axes.includes(axis) ? axis : "mixed";
  if (isOp(node, "fold")) return node.attrs.axes.includes(axis) ? "mixed" : axis;
  if (isOp(node, "reduce")) return keptAxes(node)[axis]!;
  if (isOp(node, "cumulative") || isOp(node, "argsort")) return axis === node.attrs.axis ? "mixed" : axis;
  if (isOp(node, "measure")) return axis === node.shape.length - 1 ? "mixed" : axis;
  if (isOp(node, "contract")) {
    const labels = index === 0 ? node.attrs.a : node.attrs.b;
    const found = labels.indexOf(node.attrs.out[axis]!);
    return found < 0 ? "free" : found;
  }
  if (isOp(node, "conv")) return axis > 0 ? "mixed" : index === 0 ? 0 : "free";
  if (isOp(node, "gather")) {
    const from = node.attrs.axis;
    const count = node.inputs[1]!.shape.length;
    const ofIndices = axis >= from && axis < from + count;
    if (index === 1) return ofIndices ? axis - from : "free";
    return ofIndices ? "free" : axis < from ? axis : axis - count + 1;
  }
  return "mixed";
}

/** The axis of the node that stands for axis `axis` of its input `index`. */
export function axisOfResult(node: Node, index: number, axis: number): Passed {
  const x = node.inputs[index]!;
  if (isSame(node)) return axis;
  if (isOp(node, "reshape")) return sameAxis(x.shape, axis, node.shape);
  if (isOp(node, "permute")) return node.attrs.order.indexOf(axis);
  if (isOp(node, "expand")) return x.shape[axis] === node.shape[axis] ? axis : "mixed";
  if (isOp(node, "slice") || isOp(node, "pad") || isOp(node, "concat")) return keepsAxis(node, axis) ? axis : "mixed";
  if (isOp(node, "windows")) return node.attrs.axes.includes(axis) ? "mixed" : axis;
  if (isOp(node, "fold")) return axis < node.shape.length && !node.attrs.axes.includes(axis) ? axis : "mixed";
  if (isOp(node, "reduce")) return found(keptAxes(node).indexOf(axis));
  if (isOp(node, "cumulative") || isOp(node, "argsort")) return axis === node.attrs.axis ? "mixed" : axis;
  if (isOp(node, "measure")) return axis === node.shape.length - 1 ? "mixed" : axis;
  if (isOp(node, "contract")) {
    const labels = index === 0 ? node.attrs.a : node.attrs.b;
    return found(node.attrs.out.indexOf(labels[axis]!));
  }
  if (isOp(node, "conv")) return index === 0 && axis === 0 ? 0 : "mixed";
  if (isOp(node, "gather")) {
    const from = node.attrs.axis;
    if (index === 1) return axis + from;
    if (axis === from) return "mixed";
    return axis < from ? axis : axis + node.inputs[1]!.shape.length - 1;
  }
  return "mixed";
}

/** Whether a source can be made for a part of the places along `axis`. */
export const isDivisible = (node: Node, axis: number): boolean => isOp(node, "iota") && node.attrs.axis !== axis;

/** Whether element i of the result reads the inputs' elements i. */
const isSame = (node: Node): boolean =>
  kindOf(node) === "map" || isOp(node, "detach") || isOp(node, "tap") || isOp(node, "custom");

const found = (axis: number): Passed => (axis < 0 ? "mixed" : axis);

const keptAxes = ({ inputs, attrs }: Node<"reduce">): number[] =>
  [...inputs[0]!.shape.keys()].filter((axis) => !attrs.axes.includes(axis));

function keepsAxis(node: Node<"slice"> | Node<"pad"> | Node<"concat">, axis: number): boolean {
  if (isOp(node, "concat")) return axis !== node.attrs.axis;
  if (isOp(node, "pad")) {
    const { low, high, between } = node.attrs;
    return low[axis] === 0 && high[axis] === 0 && between[axis] === 0;
  }
  if (!isOp(node, "slice")) return false;
  const { start, size, step } = node.attrs;
  return start[axis] === 0 && size[axis] === node.inputs[0]!.shape[axis] && step[axis] === 1;
}

/** The axis of `to` that has the size and the distance in memory of axis `axis` of `from`, which has as many elements. */
function sameAxis(from: readonly number[], axis: number, to: readonly number[]): Passed {
  const before = sizeOf(from.slice(0, axis));
  return found(to.findIndex((size, other) => size === from[axis] && sizeOf(to.slice(0, other)) === before));
}
