import { ArgumentError, suggest } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { arange, full, type Initializer, random, scan, type Tensor } from "../tensor/index.ts";

export const zeros = (): Initializer => constant(0);
export const ones = (): Initializer => constant(1);
export const constant =
  (value: number): Initializer =>
  (shape, dtype) =>
    full(shape, value, dtype);

/** Normally distributed, without truncation. Keras defaults: mean 0, stddev 0.05. */
export const randomNormal =
  ({ mean = 0, stddev = 0.05 } = {}): Initializer =>
  (shape, dtype, key) =>
    random.normal(shape, { mean, stddev, dtype, key });

/** Uniform in [minval, maxval). Keras defaults: −0.05 to 0.05. */
export const randomUniform =
  ({ minval = -0.05, maxval = 0.05 } = {}): Initializer =>
  (shape, dtype, key) =>
    random.uniform(shape, { low: minval, high: maxval, dtype, key });

/** Normal, redrawn beyond two standard deviations. Keras defaults: mean 0, stddev 0.05. */
export const truncatedNormal =
  ({ mean = 0, stddev = 0.05 } = {}): Initializer =>
  (shape, dtype, key) =>
    random.truncatedNormal(shape, { mean, stddev, dtype, key });

export interface VarianceScalingOptions {
  readonly scale?: number;
  readonly mode?: "fanIn" | "fanOut" | "fanAverage";
  readonly distribution?: "truncatedNormal" | "normal" | "uniform";
}

// The standard deviation of a unit normal cut off at ±2.
const truncatedDeviation = 0.87962566103423978;

/** Inputs and outputs of one unit: sizes of the last two axes, times the window of a convolution kernel. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  if (shape.length === 0) return { fanIn: 1, fanOut: 1 };
  if (shape.length === 1) return { fanIn: shape[0]!, fanOut: shape[0]! };
  const window = sizeOf(shape.slice(0, -2));
  return { fanIn: shape.at(-2)! * window, fanOut: shape.at(-1)! * window };
}

/** Random with variance scale / n, where n is the fan that `mode` names (Glorot & Bengio 2010; He et al. 2015). */
export const varianceScaling =
  ({ scale = 1, mode = "fanIn", distribution = "truncatedNormal" }: VarianceScalingOptions = {}): Initializer =>
  (shape, dtype, key) => {
    const { fanIn, fanOut } = fans(shape);
    const fan = { fanIn, fanOut, fanAverage: (fanIn + fanOut) / 2 }[mode];
    const variance = scale / Math.max(1, fan);
    if (distribution === "uniform") {
      const limit = Math.sqrt(3 * variance);
      return random.uniform(shape, { low: -limit, high: limit, dtype, key });
    }
    if (distribution === "normal") return random.normal(shape, { stddev: Math.sqrt(variance), dtype, key });
    return random.truncatedNormal(shape, { stddev: Math.sqrt(variance) / truncatedDeviation, dtype, key });
  };

export const glorotUniform = (): Initializer => varianceScaling({ mode: "fanAverage", distribution: "uniform" });
export const glorotNormal = (): Initializer => varianceScaling({ mode: "fanAverage" });
export const heUniform = (): Initializer => varianceScaling({ scale: 2, distribution: "uniform" });
export const heNormal = (): Initializer => varianceScaling({ scale: 2 });
export const lecunUniform = (): Initializer => varianceScaling({ distribution: "uniform" });
export const lecunNormal = (): Initializer => varianceScaling();

/** Orthonormal rows or columns, whichever are fewer, times `gain` (Saxe et al. 2014). Needs rank 2 or more. */
export const orthogonal =
  ({ gain = 1 } = {}): Initializer =>
  (shape, dtype, key) => {
    if (shape.length < 2)
      throw new ArgumentError(`orthogonal: needs a shape of rank 2 or more, received [${shape.join(", ")}]`);
    const rows = sizeOf(shape.slice(0, -1));
    const columns = shape.at(-1)!;
    const few = Math.min(rows, columns);
    const vectors = orthonormal(random.normal([few, Math.max(rows, columns)], { key }));
    const matrix = rows < columns ? vectors : vectors.transpose();
    return matrix
      .mul(gain)
      .reshape(shape as Shape)
      .cast(dtype);
  };

/** The rows made orthonormal one after the other: Gram–Schmidt, subtracting twice for accuracy (Giraud et al. 2005). */
function orthonormal(vectors: Tensor): Tensor {
  const order = arange(vectors.shape[0]!).cast("f32");
  const { carry } = scan(
    (found: Tensor, { vector, index }: { readonly vector: Tensor; readonly index: Tensor }) => {
      const project = (v: Tensor): Tensor => v.sub(found.matmul(v).matmul(found));
      const rest = project(project(vector));
      const unit = rest.div(rest.mul(rest).sum().sqrt());
      const here = order.equal(index).cast("f32").expandDims(1); // [count, 1]
      return { carry: found.add(here.mul(unit)) as Tensor, out: [] };
    },
    full(vectors.shape, 0),
    { vector: vectors, index: order as Tensor },
  );
  return carry;
}

/** The identity matrix times `gain`; rank 2 only. */
export const identity =
  ({ gain = 1 } = {}): Initializer =>
  (shape, dtype) => {
    if (shape.length !== 2)
      throw new ArgumentError(`identity: needs a shape of rank 2, received [${shape.join(", ")}]`);
    const row = arange(shape[0]!).expandDims(1);
    return row.equal(arange(shape[1]!)).cast(dtype).mul(gain);
  };

/** Initializers by name, with their default options. */
export const initializers = {
  zeros,
  ones,
  randomNormal,
  randomUniform,
  truncatedNormal,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  orthogonal,
  identity,
} as const satisfies Record<string, () => Initializer>;

export type InitializerName = keyof typeof initializers;

/** The initializer itself, or the one of that name; an unknown name is an error with the nearest valid ones. */
export function resolveInitializer(given: InitializerName | Initializer): Initializer {
  if (typeof given === "function") return given;
  const make = Object.hasOwn(initializers, given) ? initializers[given] : undefined;
  if (make === undefined) {
    throw new ArgumentError({
      what: `unknown initializer "${given}"`,
      hint: suggest(given, Object.keys(initializers)),
    });
  }
  return make();
}
