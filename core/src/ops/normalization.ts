import { isFloat } from "../base/dtype.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, div, maximum, mul, rsqrt, square, sub } from "./arithmetic.ts";
import { type Axes, normalizeAxes, normalizeAxis } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { mean, norm, type ReduceOptions, variance } from "./reduce.ts";

/** `x` divided by its norm along `axes`, or by `epsilon` where the norm is smaller. */
export function normalize(
  x: Node,
  axes: Axes = -1,
  { order = 2, epsilon = 1e-7 }: { order?: number; epsilon?: number } = {},
): Node {
  return div(x, maximum(norm(x, axes, { order, keepDims: true }), epsilon));
}

/** Mean and variance along `axes`. */
export const moments = (x: Node, axes?: Axes, options: ReduceOptions = {}): { mean: Node; variance: Node } => ({
  mean: mean(x, axes, options),
  variance: variance(x, axes, options),
});

export interface BatchNormalizationOptions {
  readonly axis?: number;
  readonly scale?: Node | undefined;
  readonly offset?: Node | undefined;
  readonly epsilon?: number;
}

/** `(x − mean) / √(variance + epsilon) · scale + offset`, where the parameters are vectors along `axis`. */
export function batchNormalization(
  x: Node,
  mean: Node,
  variance: Node,
  { axis = -1, scale, offset, epsilon = 1e-3 }: BatchNormalizationOptions = {},
): Node {
  requireFloat("batchNormalization", x);
  const place = normalizeAxis("batchNormalization", axis, x.shape.length, x);
  const along = (vector: Node, role: string): Node => {
    if (vector.shape.length === 1 && vector.shape[0] === x.shape[place]) {
      return build.reshape(
        vector,
        x.shape.map((size, index) => (index === place ? size : 1)),
      );
    }
    throw shapeError(`batchNormalization: the ${role} is no vector of size ${x.shape[place]}, that of axis ${axis}`, [
      x,
      vector,
    ]);
  };
  const inverse = rsqrt(add(variance, epsilon));
  const factor = scale === undefined ? inverse : mul(inverse, scale);
  const centered = sub(x, along(mean, "mean"));
  const scaled = mul(centered, along(factor, "variance"));
  return offset === undefined ? scaled : add(scaled, along(offset, "offset"));
}

export interface LayerNormalizationOptions {
  readonly axes?: Axes;
  readonly scale?: Node | undefined;
  readonly offset?: Node | undefined;
  readonly epsilon?: number;
}

/** `x` with mean 0 and variance 1 along `axes` (the last one), computed in f32, then scaled and offset (Ba et al. 2016). */
export function layerNormalization(
  x: Node,
  { axes = -1, scale, offset, epsilon = 1e-3 }: LayerNormalizationOptions = {},
): Node {
  requireFloat("layerNormalization", x);
  const list = normalizeAxes("layerNormalization", axes, x);
  const wide = build.cast(x, "f32");
  const centered = sub(wide, mean(wide, list, { keepDims: true }));
  const spread = mean(square(centered), list, { keepDims: true });
  return scaleAndOffset(mul(centered, rsqrt(add(spread, epsilon))), x, list, scale, offset);
}

/** `x / √(mean(x²) + epsilon)` along `axes`, computed in f32, then scaled (Zhang and Sennrich 2019). */
export function rmsNormalization(
  x: Node,
  { axes = -1, scale, epsilon = 1e-6 }: Omit<LayerNormalizationOptions, "offset"> = {},
): Node {
  requireFloat("rmsNormalization", x);
  const list = normalizeAxes("rmsNormalization", axes, x);
  const wide = build.cast(x, "f32");
  const spread = mean(square(wide), list, { keepDims: true });
  return scaleAndOffset(mul(wide, rsqrt(add(spread, epsilon))), x, list, scale, undefined);
}

/** The parameters have the sizes of the normalized axes, in order. */
function scaleAndOffset(
  normal: Node,
  x: Node,
  axes: readonly number[],
  scale: Node | undefined,
  offset: Node | undefined,
): Node {
  const along = (parameter: Node): Node =>
    build.cast(
      build.reshape(
        parameter,
        x.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
      ),
      isFloat(normal.dtype) ? normal.dtype : "f32",
    );
  const scaled = scale === undefined ? normal : mul(normal, along(scale));
  return build.cast(offset === undefined ? scaled : add(scaled, along(offset)), x.dtype);
}
