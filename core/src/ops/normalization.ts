import { isFloat } from "../base/dtype.ts";
import { range, sizeOf } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { add, div, maximum, mul, rsqrt, square, sub } from "./arithmetic.ts";
import { type Axes, normalizeAxes, normalizeAxis } from "./axes.ts";
import { requireFloat } from "./broadcast.ts";
import { powerNorm } from "./norm.ts";
import { mean, type ReduceOptions, sum, variance } from "./reduce.ts";

/** `x` divided by its norm along `axes`, or by `epsilon` where the norm is smaller. */
export function normalize(
  x: Node,
  axes: Axes = -1,
  { order = 2, epsilon = 1e-7 }: { order?: number; epsilon?: number } = {},
): Node {
  return div(x, maximum(powerNorm("normalize", x, axes, order, { keepDims: true }), epsilon));
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

/**
 * The same with the mean and the variance of `x` itself along all other axes. The derivative with respect to x takes but the
 * two sums that are the derivatives of offset and scale (Ioffe & Szegedy 2015, section 3).
 */
export function normalizeBatch(x: Node, options: BatchNormalizationOptions = {}): Node {
  requireFloat("normalizeBatch", x);
  const { axis = -1, epsilon = 1e-3, scale, offset } = options;
  const place = normalizeAxis("normalizeBatch", axis, x.shape.length, x);
  const axes = range(x.shape.length).filter((other) => other !== place);
  const value = batchNormalization(x, mean(x, axes), variance(x, axes), options);
  // In 16 bits sums round differently from f32 ones: there the parts are differentiated one by one.
  if (x.dtype !== "f32") return value;
  const along = (vector: Node): Node =>
    build.reshape(
      vector,
      x.shape.map((size, index) => (index === place ? size : 1)),
    );
  const inputs = [x, ...(scale === undefined ? [] : [scale]), ...(offset === undefined ? [] : [offset])];
  return build.custom("batchNormalization", value, inputs, (g, { inputs: [, operand, ...rest] }) => {
    const inverse = rsqrt(add(variance(operand!, axes), epsilon));
    const unit = mul(sub(operand!, along(mean(operand!, axes))), along(inverse));
    const [total, weighted] = [sum(g, axes), sum(mul(g, unit), axes)];
    const count = sizeOf(x.shape) / x.shape[place]!;
    const centered = sub(sub(g, along(div(total, count))), mul(unit, along(div(weighted, count))));
    const dx = mul(centered, along(scale === undefined ? inverse : mul(inverse, rest[0]!)));
    return [dx, ...(scale === undefined ? [] : [weighted]), ...(offset === undefined ? [] : [total])];
  });
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
  const centered = (node: Node): Node => sub(node, mean(node, list, { keepDims: true }));
  return scaleAndOffset(standardize("layerNormalization", x, list, epsilon, centered), x, list, scale, offset);
}

/** `x / √(mean(x²) + epsilon)` along `axes`, computed in f32, then scaled (Zhang and Sennrich 2019). */
export function rmsNormalization(
  x: Node,
  { axes = -1, scale, epsilon = 1e-6 }: Omit<LayerNormalizationOptions, "offset"> = {},
): Node {
  requireFloat("rmsNormalization", x);
  const list = normalizeAxes("rmsNormalization", axes, x);
  const asItIs = (node: Node): Node => node;
  return scaleAndOffset(standardize("rmsNormalization", x, list, epsilon, asItIs), x, list, scale, undefined);
}

/**
 * y = c / r with c = centered(x) and r² = mean(c²) + epsilon, in f32. The derivative, (centered(g) − y·mean(g·y)) / r, takes sums
 * that do not wait for each other: one pass over the rows, where the chain rule through c and r needs two.
 */
function standardize(
  name: string,
  x: Node,
  axes: readonly number[],
  epsilon: number,
  centered: (node: Node) => Node,
): Node {
  const wide = build.cast(x, "f32");
  const along = (node: Node): Node => mean(node, axes, { keepDims: true });
  const inverse = (node: Node): Node => rsqrt(add(along(square(centered(node))), epsilon));
  return build.custom(name, mul(centered(wide), inverse(wide)), [wide], (g, y) => [
    mul(sub(centered(g), mul(y, along(mul(g, y)))), inverse(y.inputs[1]!)),
  ]);
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
