import { isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { range, type Shape, sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, div, mul, pow, sub } from "./arithmetic.ts";
import { normalizeAxis } from "./axes.ts";
import { type Operand, strengthen, toNode } from "./broadcast.ts";
import { equal, greaterEqual, logicalNot, notEqual, where } from "./compare.ts";
import { type EndpointOptions, linspace } from "./create.ts";
import { diag } from "./diagonal.ts";
import { exp } from "./exponential.ts";
import { between, concatenate, split, stack } from "./joining.ts";
import { tensordot } from "./linear.ts";
import { expandDims, flip, moveAxis, ravel, reshape, swapAxes } from "./movement.ts";
import { any, sum } from "./reduce.ts";
import { cos } from "./trigonometric.ts";

// NumPy's ways to put arrays together and to take them apart, made of others.

const atLeast = (x: Node, rank: number): Node => {
  if (x.shape.length >= rank) return x;
  if (rank === 3 && x.shape.length === 2) return expandDims(x, 2);
  if (rank === 3) return build.reshape(x, [1, sizeOf(x.shape), 1]);
  return build.reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]);
};

/** The tensors side by side: along axis 1, vectors along their only one. */
export const hstack = (xs: readonly Node[]): Node => {
  const whole = xs.map((x) => atLeast(x, 1));
  return concatenate(whole, whole[0]?.shape.length === 1 ? 0 : 1);
};
/** The tensors one below the other; vectors are rows. */
export const vstack = (xs: readonly Node[]): Node =>
  concatenate(
    xs.map((x) => atLeast(x, 2)),
    0,
  );
/** The tensors behind each other, along axis 2. */
export const dstack = (xs: readonly Node[]): Node =>
  concatenate(
    xs.map((x) => atLeast(x, 3)),
    2,
  );
/** Vectors as the columns of a matrix. */
export const columnStack = (xs: readonly Node[]): Node =>
  concatenate(
    xs.map((x) => (x.shape.length < 2 ? build.reshape(x, [sizeOf(x.shape), 1]) : x)),
    1,
  );
/** `y` behind `x` along `axis`; without an axis, both flat. */
export const append = (x: Node, y: Node, axis?: number): Node =>
  axis === undefined ? concatenate([ravel(x), ravel(y)], 0) : concatenate([x, y], axis);

/** As `split`, where the first parts are one larger if the size does not divide. */
export function arraySplit(x: Node, parts: number | readonly number[], axis = 0): Node[] {
  if (typeof parts !== "number") return split(x, parts, axis);
  const size = x.shape[normalizeAxis("arraySplit", axis, x.shape.length, x)]!;
  if (!Number.isInteger(parts) || parts < 1) throw new ArgumentError(`arraySplit: ${parts} is no number of parts`);
  const cuts = range(parts - 1).map((part) => Math.ceil(((part + 1) * size) / parts));
  // NumPy gives the rest to the first parts.
  const rest = size % parts;
  const base = Math.floor(size / parts);
  return split(
    x,
    cuts.map((_, part) => (part + 1) * base + Math.min(part + 1, rest)),
    axis,
  );
}
export const hsplit = (x: Node, parts: number | readonly number[]): Node[] =>
  split(x, parts, x.shape.length === 1 ? 0 : 1);
export const vsplit = (x: Node, parts: number | readonly number[]): Node[] => split(x, parts, 0);
export const dsplit = (x: Node, parts: number | readonly number[]): Node[] => split(x, parts, 2);

/** Rows in the opposite order. */
export const flipud = (x: Node): Node => flip(x, 0);
/** Columns in the opposite order. */
export const fliplr = (x: Node): Node => flip(x, 1);
/** Turned by `turns` right angles, from the first of `axes` to the second. */
export function rot90(x: Node, turns = 1, [from, to]: readonly [number, number] = [0, 1]): Node {
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 0) return x;
  if (quarter === 2) return flip(x, [from, to]);
  return quarter === 1 ? flip(swapAxes(x, from, to), from) : swapAxes(flip(x, from), from, to);
}

/** The coordinates of a grid: a tensor for each vector, with its values along its own axis. */
export function meshgrid(xs: readonly Node[], { indexing = "xy" }: { readonly indexing?: "xy" | "ij" } = {}): Node[] {
  const place = (at: number): number => (indexing === "xy" && at < 2 && xs.length > 1 ? 1 - at : at);
  const flat = xs.map(ravel);
  const shape = range(xs.length).map((axis) => flat[place(axis)]!.shape[0]!);
  return flat.map((x, at) => {
    const alone = shape.map((_, axis) => (axis === place(at) ? x.shape[0]! : 1));
    return build.expand(build.reshape(x, alone), shape);
  });
}

/** Differences of neighbours along `axis`, `times` over. */
export function diff(x: Node, times = 1, axis = -1): Node {
  const place = normalizeAxis("diff", axis, x.shape.length, x);
  let now = x;
  for (let time = 0; time < times; time++) {
    const size = now.shape[place]!;
    const [low, high] = [between(now, place, 0, Math.max(0, size - 1)), between(now, place, Math.min(1, size), size)];
    now = now.dtype === "bool" ? notEqual(high, low) : sub(high, low);
  }
  return now;
}
/** The area under points along `axis` by the trapezoidal rule: `dx` apart, or at `x`. */
export function trapezoid(
  values: Node,
  { x, dx = 1, axis = -1 }: { readonly x?: Node | undefined; readonly dx?: number; readonly axis?: number } = {},
): Node {
  const y = isFloat(values.dtype) ? values : build.cast(values, "f32");
  const place = normalizeAxis("trapezoid", axis, y.shape.length, y);
  const size = y.shape[place]!;
  const pairs = add(between(y, place, 1, size), between(y, place, 0, size - 1));
  if (x === undefined) return sum(mul(pairs, dx / 2), place);
  const widths = diff(build.cast(x, y.dtype), 1, x.shape.length === 1 ? 0 : place);
  const sides = range(y.shape.length).map((at) => (at === place ? size - 1 : 1));
  return sum(mul(pairs, mul(x.shape.length === 1 ? build.reshape(widths, sides) : widths, 0.5)), place);
}

/** The vector product of vectors of 3 along `axis`; of vectors of 2, its only component. */
export function cross(x: Node, y: Node, axis = -1): Node {
  const last = (each: Node): Node => moveAxis(each, axis, -1);
  const product = crossOfLast(last(x), last(y));
  const isVector = product.shape.length === Math.max(x.shape.length, y.shape.length);
  return isVector ? moveAxis(product, -1, axis) : product;
}

function crossOfLast(x: Node, y: Node): Node {
  const [a, b] = [x, y].map((each) => {
    const size = each.shape.at(-1);
    if (size !== 3 && size !== 2) throw shapeError("cross: the axis of the vectors must have 2 or 3 elements", [x, y]);
    return range(size).map((at) =>
      build.reshape(between(each, each.shape.length - 1, at, at + 1), each.shape.slice(0, -1)),
    );
  }) as [Node[], Node[]]; // two in, two out
  const [ax, ay, az] = a as [Node, Node, Node?];
  const [bx, by, bz] = b as [Node, Node, Node?];
  const z = sub(mul(ax, by), mul(ay, bx));
  if (az === undefined && bz === undefined) return z;
  const [az0, bz0] = [az ?? build.fill(0, ax), bz ?? build.fill(0, bx)];
  return stack([sub(mul(ay, bz0), mul(az0, by)), sub(mul(az0, bx), mul(ax, bz0)), z], -1);
}
/** Kronecker's product: every element of `x` times all of `y`, as blocks. */
export function kron(x: Node, y: Node): Node {
  const rank = Math.max(x.shape.length, y.shape.length);
  const [a, b] = [atRank(x, rank), atRank(y, rank)];
  const left = build.reshape(
    a,
    a.shape.flatMap((size) => [size, 1]),
  );
  const right = build.reshape(
    b,
    b.shape.flatMap((size) => [1, size]),
  );
  return reshape(
    mul(left, right),
    a.shape.map((size, axis) => size * b.shape[axis]!),
  );
}
const atRank = (x: Node, rank: number): Node =>
  build.reshape(x, [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape]);
/** The sums of products over the last axes of both. */
export const inner = (x: Node, y: Node): Node =>
  x.shape.length === 0 || y.shape.length === 0
    ? mul(x, y)
    : tensordot(x, y, [[x.shape.length - 1], [y.shape.length - 1]]);
/** The sum of the products of all elements. */
export const vdot = (x: Node, y: Node): Node => tensordot(ravel(x), ravel(y), 1);

/** Ones on and below the diagonal `offset`. */
export const tri = (rows: number, columns = rows, offset = 0, dtype: Node["dtype"] = "f32"): Node => {
  const shape = [rows, columns];
  return build.cast(greaterEqual(add(build.iota(shape, 0), offset), build.iota(shape, 1)), dtype);
};
/** A square matrix with all elements of `x` on its diagonal. */
export const diagflat = (x: Node, offset = 0): Node => diag(ravel(x), offset);
/** The powers xⁿ⁻¹ … x⁰ of each element of a vector, as columns. */
export function vander(
  x: Node,
  columns = x.shape[0] ?? 1,
  { increasing = false }: { readonly increasing?: boolean } = {},
): Node {
  const powers = range(columns).map((power) => pow(x, power));
  return stack(increasing ? powers : powers.reverse(), -1);
}
/** The first of `choices` whose condition holds, and `otherwise` where none does. */
export function select(conditions: readonly Node[], choices: readonly Operand[], otherwise: Operand = 0): Node {
  if (conditions.length !== choices.length || choices.length === 0) {
    throw new ArgumentError(`select: ${conditions.length} conditions for ${choices.length} choices`);
  }
  const given = strengthen("select", [otherwise, ...choices]);
  return choices
    .map((_, at) => at)
    .reduceRight((rest, at) => where(conditions[at]!, given[at + 1]!, rest), given[0]! as Node);
}
/** bool: each element of `x` is among the elements of `set`. */
export const isIn = (x: Operand, set: Node, { invert = false }: { readonly invert?: boolean } = {}): Node => {
  const found = any(equal(expandDims(toNode(x), -1), ravel(set)), -1);
  return invert ? logicalNot(found) : found;
};
/** The indices along each axis of places in a flat tensor of `shape`. */
export function unravelIndex(places: Operand, shape: Shape): Node[] {
  const flat = toNode(places);
  return shape.map((size, axis) => {
    const step = build.fill(sizeOf(shape.slice(axis + 1)), flat);
    return build.binary("mod", build.binary("div", flat, step), build.fill(size, flat));
  });
}
/** `count` numbers from `start` to `stop`, each the same multiple of the one before. */
export const geomspace = (start: number, stop: number, count = 50, options: EndpointOptions = {}): Node => {
  if (start * stop <= 0) throw new ArgumentError(`geomspace: ${start} and ${stop} must have one sign and not be 0`);
  const powers = linspace(Math.log(Math.abs(start)), Math.log(Math.abs(stop)), count, options);
  return mul(exp(powers), Math.sign(start));
};
/** `count` powers of `base`, whose exponents go from `start` to `stop`. */
export const logspace = (start: number, stop: number, count = 50, base = 10, options: EndpointOptions = {}): Node =>
  exp(mul(linspace(start, stop, count, options), Math.log(base)));

// Windows of signal processing, of `size` points (as NumPy's: symmetric).

const turns = (size: number, times: number): Node => {
  if (size < 2) return build.fill(0, { shape: [size], dtype: "f32" });
  return mul(build.iota([size], 0, "f32"), (2 * Math.PI * times) / (size - 1));
};
const ofOne = (size: number, window: Node): Node =>
  size < 2 ? build.fill(1, { shape: [size], dtype: "f32" }) : window;
export const hanning = (size: number): Node => ofOne(size, sub(0.5, mul(0.5, cos(turns(size, 1)))));
export const hamming = (size: number): Node => ofOne(size, sub(0.54, mul(0.46, cos(turns(size, 1)))));
export const blackman = (size: number): Node =>
  ofOne(size, add(sub(0.42, mul(0.5, cos(turns(size, 1)))), mul(0.08, cos(turns(size, 2)))));
export const bartlett = (size: number): Node => {
  const place = build.iota([size], 0, "f32");
  const half = (size - 1) / 2;
  return ofOne(size, sub(1, div(where(greaterEqual(place, half), sub(place, half), sub(half, place)), half || 1)));
};
