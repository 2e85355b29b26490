import { type DType, isInteger } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { printShape, range, rowStrides, sameShape, sizeOf, without } from "../base/shape.ts";
import { build, dtypeError, type Node, type ScatterName, shapeError } from "../graph/index.ts";
import { add, mul } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { broadcastShape, expandTo, type Operand, strengthen } from "./broadcast.ts";
import { greaterEqual, less, logicalAnd, where } from "./compare.ts";
import { stack } from "./joining.ts";
import { ravel } from "./movement.ts";
import { slice } from "./slice.ts";

/** Integer indices as i32; throws DTypeError for anything else. */
function indexNode(op: string, indices: Node): Node {
  if (isInteger(indices.dtype)) return build.cast(indices, "i32");
  throw dtypeError(`${op}: indices are ${indices.dtype}, not integers`, [indices], 'cast them: cast(indices, "i32")');
}

/** The slices of `x` along `axis` at `indices`, whose shape takes the place of the axis; out of range (also negative) gives 0. */
export function gather(x: Node, indices: Node, axis = 0): Node {
  return build.gather(x, indexNode("gather", indices), normalizeAxis("gather", axis, x.shape.length, x));
}

/** As `gather`, but negative indices count from the end, and numbers are indices too. Without an axis: of `ravel(x)`. */
export function take(x: Node, indices: number | readonly number[] | Node, axis?: number): Node {
  if (axis === undefined) return take(ravel(x), indices, 0);
  const place = normalizeAxis("take", axis, x.shape.length, x);
  const whole = range(place).map(() => ({}));
  if (typeof indices === "number") return slice(x, [...whole, indices]);
  if (!isNode(indices)) {
    if (indices.length === 0) return slice(x, [...whole, { stop: 0 }]);
    return stack(
      indices.map((index) => slice(x, [...whole, index])),
      place,
    );
  }
  return build.gather(x, fromEnd(indexNode("take", indices), x.shape[place]!), place);
}

// A list of numbers is the only other member of the union.
const isNode = (indices: readonly number[] | Node): indices is Node => !Array.isArray(indices);

const fromEnd = (indices: Node, size: number): Node => where(less(indices, 0), add(indices, size), indices);

/** The elements of `x` along `axis` at `indices`, an array of the same rank; negative indices count from the end, others outside give 0. */
export function takeAlongAxis(x: Node, indices: Node, axis = -1): Node {
  const place = normalizeAxis("takeAlongAxis", axis, x.shape.length, x);
  const size = x.shape[place]!; // a normalized axis exists
  if (indices.shape.length !== x.shape.length) {
    throw shapeError(`takeAlongAxis: the indices have ${indices.shape.length} axes, not ${x.shape.length}`, [
      x,
      indices,
    ]);
  }
  const index = fromEnd(indexNode("takeAlongAxis", indices), size);
  const inside = logicalAnd(greaterEqual(index, 0), less(index, size));
  return pickAlong(x, index, place, inside);
}

/** `takeAlongAxis` for indices from 0 that are known to be in range, unless `inside` says otherwise. */
export function pickAlong(x: Node, indices: Node, axis: number, inside?: Node): Node {
  const other = (shape: readonly number[]) => shape.map((size, index) => (index === axis ? 1 : size));
  const around = broadcastShape("takeAlongAxis", [other(x.shape), other(indices.shape)], [x, indices]);
  const within = (size: number) => around.map((old, index) => (index === axis ? size : old));
  const [source, shape] = [expandTo(x, within(x.shape[axis]!)), within(indices.shape[axis]!)];
  // One axis longer than 1: the index needs no row number.
  if (sizeOf(without(shape, [axis])) === 1) {
    return build.reshape(build.gather(ravel(source), ravel(indices), 0), shape);
  }
  const strides = rowStrides(source.shape);
  const index = shape.reduce<Node>(
    (sum, size, each) => {
      if (each === axis || size === 1) return sum;
      return add(sum, mul(build.iota(shape, each), strides[each]!));
    },
    mul(expandTo(indices, shape), strides[axis]!),
  );
  // Outside of its axis an index would read another row; −1 reads 0.
  const safe = inside === undefined ? index : where(expandTo(inside, shape), index, -1);
  return build.gather(ravel(source), safe, 0);
}

/** Rows of `classes` elements along a new `axis`, 1 at the label and 0 elsewhere; a label out of range gives zeros. */
export function oneHot(
  labels: Node,
  classes: number,
  { axis = -1, dtype = "f32" }: { axis?: number; dtype?: DType } = {},
): Node {
  if (!Number.isInteger(classes) || classes < 1)
    throw new ArgumentError(`oneHot: ${classes} is not a number of classes`);
  const place = normalizeAxis("oneHot", axis, labels.shape.length + 1, labels);
  const shape = [...labels.shape.slice(0, place), classes, ...labels.shape.slice(place)];
  const column = build.reshape(
    indexNode("oneHot", labels),
    shape.map((size, index) => (index === place ? 1 : size)),
  );
  return build.cast(build.compare("eq", build.expand(column, shape), build.iota(shape, place)), dtype);
}

/** `x` with `updates` added at `indices` along `axis`; repeated indices add up, indices out of range are dropped. */
export const scatterAdd = (x: Node, indices: Node, updates: Operand, axis = 0): Node =>
  scatterBy("add", x, indices, updates, axis);

/** `x` with `updates` written at `indices` along `axis`; of repeated indices the last one wins. */
export const scatterSet = (x: Node, indices: Node, updates: Operand, axis = 0): Node =>
  scatterBy("set", x, indices, updates, axis);

/** `x` raised to `updates` at `indices` along `axis` where these are larger. */
export const scatterMax = (x: Node, indices: Node, updates: Operand, axis = 0): Node =>
  scatterBy("max", x, indices, updates, axis);

const scatterWords: { readonly [K in ScatterName]: string } = {
  add: "scatterAdd",
  set: "scatterSet",
  max: "scatterMax",
};

function scatterBy(name: ScatterName, x: Node, indices: Node, updates: Operand, axis: number): Node {
  const op = scatterWords[name];
  const place = normalizeAxis(op, axis, x.shape.length, x);
  const index = indexNode(op, indices);
  const [, values] = strengthen(op, [x, updates]);
  const shape = [...x.shape.slice(0, place), ...index.shape, ...x.shape.slice(place + 1)];
  if (!sameShape(broadcastShape(op, [values.shape, shape], [values, x]), shape)) {
    throw shapeError(`${op}: updates ${printShape(values.shape)} do not fit ${printShape(shape)}`, [x, index, values]);
  }
  return build.scatter(name, x, index, expandTo(values, shape), place);
}

/** Sums of the rows of `x` (axis 0) that have the same number in `segments`: [segments, ...]. */
export function segmentSum(x: Node, segments: Node, count: number): Node {
  return scatterAdd(build.fill(0, { shape: [count, ...x.shape.slice(1)], dtype: x.dtype }), segments, x);
}
