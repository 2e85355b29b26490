import { isFloat } from "../base/dtype.ts";
import { ArgumentError, oneOf } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { abs, add, floorDivide, maximum, minimum, mod, mul, sub } from "./arithmetic.ts";
import { greaterEqual, less, logicalAnd, where } from "./compare.ts";
import { ravel } from "./movement.ts";
import { floor, round } from "./rounding.ts";

// Values between the elements of a tensor.

/** What stands beyond the ends: one value; the last element; all again; the mirror image without, and with, the last element. */
const fillModes = ["constant", "nearest", "wrap", "mirror", "reflect"] as const;
export type SamplingFill = (typeof fillModes)[number];

export interface FillOptions {
  /** Default "constant". */
  readonly fillMode?: SamplingFill | undefined;
  /** What "constant" gives. Default 0. */
  readonly fillValue?: number | undefined;
}
export interface CoordinateOptions extends FillOptions {
  /** 0: the nearest element (halves to the even place); 1: straight lines between neighbours. Default 1. */
  readonly order?: 0 | 1 | undefined;
}

/** Places along one axis of `size`. */
interface Along {
  readonly at: Node;
  readonly size: number;
}
/** One of the elements that a place lies between, along one axis. */
interface Neighbour {
  readonly index: Node;
  readonly exists: Node | undefined;
  readonly weight: Node | undefined;
}

/** `x` at `coordinates` [axes of x, ...places], which are elements' numbers with fractions. */
export function mapCoordinates(x: Node, coordinates: Node, { order = 1, ...fill }: CoordinateOptions = {}): Node {
  const rank = x.shape.length;
  if (coordinates.shape.length < 2 || coordinates.shape[0] !== rank)
    throw shapeError(`mapCoordinates: needs one row of coordinates for each of ${rank} axes`, [x, coordinates]);
  if (order !== 0 && order !== 1) throw new ArgumentError(`mapCoordinates: order ${order} is neither 0 nor 1`);
  const places = coordinates.shape.slice(1);
  const axes = x.shape.map((size, axis) => {
    const row = build.gather(coordinates, build.constant(axis, "i32"), 0);
    return { at: build.reshape(row, places), size };
  });
  const found = sampled("mapCoordinates", build.reshape(ravel(x), [sizeOf(x.shape), 1]), undefined, axes, order, fill);
  return build.reshape(found, places);
}

export interface AffineOptions extends FillOptions {
  /** Default "bilinear". */
  readonly interpolation?: "bilinear" | "nearest" | undefined;
}

/**
 * Images [batch, height, width, channels] (or one, without the batch), in which the pixel (x, y) comes from (a0·x + a1·y + a2,
 * b0·x + b1·y + b2) of the given ones; `transform` is [a0, a1, a2, b0, b1, b2, 0, 0], for all or for each.
 */
export function affineTransform(
  images: Node,
  transform: Node,
  { interpolation = "bilinear", ...fill }: AffineOptions = {},
): Node {
  oneOf("interpolation", interpolation, ["bilinear", "nearest"], "affineTransform");
  if (images.shape.length === 3) {
    const one = affineTransform(build.reshape(images, [1, ...images.shape]), transform, { interpolation, ...fill });
    return build.reshape(one, images.shape);
  }
  const [batch, height, width, channels] = images.shape as readonly [number, number, number, number];
  const given = transform.shape;
  const isFit = given.at(-1) === 8 && (given.length === 1 || (given.length === 2 && [1, batch].includes(given[0]!)));
  if (images.shape.length !== 4 || !isFit)
    throw shapeError("affineTransform: needs images and [8] or [batch, 8]", [images, transform]);
  const each = build.expand(build.reshape(transform, [given.length === 2 ? given[0]! : 1, 8]), [batch, 8]);
  const grid = [batch, height, width];
  const factor = (place: number): Node => {
    const column = build.gather(each, build.constant(place, "i32"), 1);
    return build.expand(build.reshape(build.cast(column, "f32"), [batch, 1, 1]), grid);
  };
  const [x, y] = [build.iota(grid, 2, "f32"), build.iota(grid, 1, "f32")];
  const from = (first: number): Node => add(add(mul(factor(first), x), mul(factor(first + 1), y)), factor(first + 2));
  const axes = [
    { at: from(3), size: height },
    { at: from(0), size: width },
  ];
  const table = build.reshape(images, [batch * height * width, channels]);
  const image = mul(build.iota(grid, 0), height * width);
  return sampled("affineTransform", table, image, axes, interpolation === "nearest" ? 0 : 1, fill);
}

/** Rows of `table`, which are numbered along `axes` from `base` on, at places between them. */
function sampled(
  op: string,
  table: Node,
  base: Node | undefined,
  axes: readonly Along[],
  order: 0 | 1,
  { fillMode = "constant", fillValue = 0 }: FillOptions,
): Node {
  oneOf("fillMode", fillMode, fillModes, op);
  const rows = build.cast(table, "f32");
  let corners: (Omit<Neighbour, "index"> & { readonly place: Node | undefined })[] = [
    { place: base, exists: undefined, weight: undefined },
  ];
  let stride = 1;
  for (const { at, size } of [...axes].reverse()) {
    const step = stride;
    corners = corners.flatMap(({ place, exists, weight }) =>
      neighbours(at, size, order, fillMode).map((next) => {
        const moved = mul(next.index, step);
        return {
          place: place === undefined ? moved : add(place, moved),
          exists: both(logicalAnd, exists, next.exists),
          weight: both(mul, weight, next.weight),
        };
      }),
    );
    stride *= size;
  }
  const column = (values: Node): Node => build.reshape(values, [...values.shape, 1]);
  const parts = corners.map(({ place, exists, weight }) => {
    const found = build.gather(rows, place!, 0); // there is an axis at least
    const kept = exists === undefined ? found : where(column(exists), found, fillValue);
    return weight === undefined ? kept : mul(kept, column(weight));
  });
  const value = parts.reduce((sum, part) => add(sum, part));
  return build.cast(isFloat(table.dtype) ? value : round(value), table.dtype);
}

const both = (join: (a: Node, b: Node) => Node, a: Node | undefined, b: Node | undefined): Node | undefined =>
  a === undefined || b === undefined ? (a ?? b) : join(a, b);

function neighbours(at: Node, size: number, order: 0 | 1, mode: SamplingFill): Neighbour[] {
  const wide = build.cast(at, "f32");
  const low = order === 0 ? round(wide) : floor(wide);
  const neighbour = (place: Node, weight?: Node): Neighbour => ({
    index: inside(place, size, mode),
    exists: mode === "constant" ? logicalAnd(greaterEqual(place, 0), less(place, size)) : undefined,
    weight,
  });
  const first = build.cast(low, "i32");
  if (order === 0) return [neighbour(first)];
  const share = sub(wide, build.detach(low));
  return [neighbour(first, sub(1, share)), neighbour(add(first, 1), share)];
}

/** Whole places brought into 0 … size − 1. */
function inside(place: Node, size: number, mode: SamplingFill): Node {
  if (mode === "wrap") return mod(place, size);
  if (mode === "mirror") return mirrored(place, size);
  // The mirror image at twice the resolution has the last element twice.
  if (mode === "reflect") return floorDivide(sub(mirrored(add(mul(place, 2), 1), 2 * size + 1), 1), 2);
  return minimum(maximum(place, 0), size - 1);
}

const mirrored = (place: Node, size: number): Node => {
  const last = size - 1;
  return last === 0 ? mul(place, 0) : abs(sub(mod(add(place, last), 2 * last), last));
};
