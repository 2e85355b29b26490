import { isFloat } from "../base/dtype.ts";
import { ArgumentError, oneOf } from "../base/errors.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, clip, div, floorDivide, mod, mul, sub } from "./arithmetic.ts";

const interpolations = ["nearest", "bilinear"] as const;
export type Interpolation = (typeof interpolations)[number];

export interface ResizeOptions {
  readonly interpolation?: Interpolation;
}

/** Images [batch, height, width, channels] (or one) at another height and width, without antialiasing; pixels are squares with centers. */
export function resize(
  x: Node,
  size: readonly [number, number],
  { interpolation = "bilinear" }: ResizeOptions = {},
): Node {
  if (x.shape.length === 3) {
    const one = resize(build.reshape(x, [1, ...x.shape]), size, { interpolation });
    return build.reshape(one, one.shape.slice(1));
  }
  if (x.shape.length !== 4) throw shapeError("resize: needs [batch, height, width, channels]", [x]);
  oneOf("interpolation", interpolation, interpolations, "resize");
  if (!size.every((length) => Number.isInteger(length) && length >= 1)) {
    throw new ArgumentError(`resize: [${size.join(", ")}] is no height and width`);
  }
  const resizeAxis = interpolation === "nearest" ? nearest : bilinear;
  return resizeAxis(resizeAxis(x, 1, size[0]), 2, size[1]);
}

/** The center of output pixel o lies at (o + ½)·size/length, in whole numbers (2o + 1)·size / (2·length). */
const centers = (size: number, length: number): Node => mul(add(mul(build.iota([length], 0), 2), 1), size);

function nearest(x: Node, axis: number, length: number): Node {
  const size = x.shape[axis]!; // checked: 4 axes
  return size === length ? x : build.gather(x, floorDivide(centers(size, length), 2 * length), axis);
}

/** A mean of the two pixels around the center, weighted by nearness; beyond the outermost centers the edge pixel. */
function bilinear(x: Node, axis: number, length: number): Node {
  const size = x.shape[axis]!; // checked: 4 axes
  if (size === length) return x;
  const dtype = isFloat(x.dtype) ? x.dtype : "f32";
  const wide = build.cast(x, dtype);
  const place = sub(centers(size, length), length); // relative to the center of pixel 0
  const below = floorDivide(place, 2 * length);
  const share = div(build.cast(mod(place, 2 * length), dtype), 2 * length);
  const weight = build.reshape(
    share,
    x.shape.map((_, other) => (other === axis ? length : 1)),
  );
  const low = build.gather(wide, clip(below, 0, size - 1), axis);
  const high = build.gather(wide, clip(add(below, 1), 0, size - 1), axis);
  return add(low, mul(sub(high, low), weight));
}
