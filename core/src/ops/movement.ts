import { ArgumentError } from "../base/errors.ts";
import { printShape, range, type Shape, sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { type Axes, demandList, dropAxes, normalizeAxes, normalizeAxis } from "./axes.ts";
import { expandTo } from "./broadcast.ts";

/** The elements of `x`, row by row, in another shape; one size may be −1 and is then derived. */
export function reshape(x: Node, shape: Shape): Node {
  const elements = sizeOf(x.shape);
  const free = demandList("reshape", "the shape", shape).indexOf(-1);
  const invalid = shape.find((size, axis) => !Number.isInteger(size) || (size < 0 && axis !== free));
  if (invalid !== undefined) {
    const why = invalid === -1 ? "only one size may be -1" : `${invalid} is not a size`;
    throw shapeError(`reshape: ${printShape(x.shape)} to ${printShape(shape)}: ${why}`, [x]);
  }
  const known = sizeOf(shape.filter((_, axis) => axis !== free));
  const rest = elements / known;
  const fits = free < 0 ? known === elements : known !== 0 && Number.isInteger(rest);
  if (!fits) {
    throw shapeError(
      `reshape: ${elements} elements do not fit ${printShape(shape)}`,
      [x],
      free < 0 ? `${printShape(shape)} has ${known} elements` : `${elements} is not a multiple of ${known}`,
    );
  }
  return build.reshape(
    x,
    shape.map((size, axis) => (axis === free ? rest : size)),
  );
}

/** All elements of `x` along one axis. */
export const ravel = (x: Node): Node => build.reshape(x, [sizeOf(x.shape)]);

/** The axes of `x` in another order; reversed when no order is given. */
export function transpose(x: Node, order?: readonly number[]): Node {
  const rank = x.shape.length;
  if (order === undefined) return build.permute(x, range(rank).reverse());
  const axes = demandList("transpose", "the order", order).map((axis) => normalizeAxis("transpose", axis, rank, x));
  if (axes.length !== rank || new Set(axes).size !== rank) {
    throw shapeError(`transpose: [${order.join(", ")}] is no order of ${rank} axes`, [x], "name every axis once");
  }
  return build.permute(x, axes);
}

/** `x` with the axes `from` at the places `to`; the others keep their order. */
export function moveAxis(x: Node, from: number | readonly number[], to: number | readonly number[]): Node {
  const rank = x.shape.length;
  const [sources, targets] = [from, to].map((axes) =>
    (typeof axes === "number" ? [axes] : axes).map((axis) => normalizeAxis("moveAxis", axis, rank, x)),
  ) as [number[], number[]]; // two lists in, two lists out
  if (
    sources.length !== targets.length ||
    new Set(sources).size < sources.length ||
    new Set(targets).size < targets.length
  ) {
    throw new ArgumentError(`moveAxis: axes [${sources.join(", ")}] cannot move to [${targets.join(", ")}]`);
  }
  const others = range(rank).filter((axis) => !sources.includes(axis));
  const order = range(rank).map((place) => {
    const moved = targets.indexOf(place);
    return moved < 0 ? others.shift()! : sources[moved]!; // as many others as places left
  });
  return build.permute(x, order);
}

/** `x` with two axes exchanged. */
export function swapAxes(x: Node, first: number, second: number): Node {
  const rank = x.shape.length;
  const a = normalizeAxis("swapAxes", first, rank, x);
  const b = normalizeAxis("swapAxes", second, rank, x);
  return build.permute(
    x,
    range(rank).map((axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/** `x` with new axes of size 1; `axis` names their places in the result. */
export function expandDims(x: Node, axis: number | readonly number[]): Node {
  const places = typeof axis === "number" ? [axis] : axis;
  const rank = x.shape.length + places.length;
  const fresh = places.map((place) => normalizeAxis("expandDims", place, rank, x));
  if (new Set(fresh).size < fresh.length) throw new ArgumentError(`expandDims: axes [${places}] name a place twice`);
  const sizes = [...x.shape];
  return build.reshape(
    x,
    range(rank).map((place) => (fresh.includes(place) ? 1 : sizes.shift()!)), // as many sizes as places left
  );
}

/** `x` without the given axes, which must have size 1; without all such axes when none is given. */
export function squeeze(x: Node, axis?: Axes): Node {
  if (axis === undefined) {
    return dropAxes(
      x,
      range(x.shape.length).filter((index) => x.shape[index] === 1),
    );
  }
  const axes = normalizeAxes("squeeze", axis, x);
  const wide = axes.find((index) => x.shape[index] !== 1);
  if (wide === undefined) return dropAxes(x, axes);
  throw shapeError(`squeeze: axis ${wide} has size ${x.shape[wide]}, not 1`, [x]);
}

/** `x` repeated along axes of size 1, and along new leading axes, to `shape`. */
export function broadcastTo(x: Node, shape: Shape): Node {
  const offset = shape.length - x.shape.length;
  if (offset >= 0 && x.shape.every((size, axis) => size === 1 || size === shape[axis + offset]))
    return expandTo(x, shape);
  throw shapeError(
    `broadcastTo: ${printShape(x.shape)} does not broadcast to ${printShape(shape)}`,
    [x],
    "sizes are compared from the last axis; each must be equal or 1",
  );
}

/** `x` with the order of the elements reversed along `axis` (all axes when none is given). */
export function flip(x: Node, axis?: Axes): Node {
  const axes = normalizeAxes("flip", axis, x).filter((index) => x.shape[index]! > 1);
  if (axes.length === 0) return x;
  const start = x.shape.map((size, index) => (axes.includes(index) ? size - 1 : 0));
  const step = x.shape.map((_, index) => (axes.includes(index) ? -1 : 1));
  return build.slice(x, start, x.shape, step);
}
