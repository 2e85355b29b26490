import { ArgumentError } from "../base/errors.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import {
  arange,
  asTensor,
  full,
  type Initializer,
  random,
  scan,
  type Tensor,
  type TensorLike,
} from "../tensor/index.ts";
import { finite } from "./checks.ts";
import { catalog } from "./named.ts";

const filled =
  (value: number): Initializer =>
  (shape, dtype) =>
    full(shape, value, dtype);
const zerosMaker = (): Initializer => filled(0);
const onesMaker = (): Initializer => filled(1);
/** The same number everywhere, or given numbers, such as vectors of words, which are spread over the shape where they have fewer axes. */
const constantMaker = (value: TensorLike = 0): Initializer => {
  if (typeof value === "number") return filled(finite("value", value));
  return (shape, dtype) => asTensor(value).cast(dtype).broadcastTo(shape) as Tensor;
};

export interface SeedOptions {
  /** The same values every time. Default: a key of the default generator, another one for each variable. */
  readonly seed?: number;
}

/** The key of `seed`, or the one that the variable was given. */
const keyOf = (seed: number | undefined, key: Key): Key => (seed === undefined ? key : random.key(seed));
type Key = Parameters<Initializer>[2];

export interface NormalOptions extends SeedOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Default 0.05. */
  readonly stddev?: number;
}

/** Normally distributed, without truncation. */
const randomNormalMaker =
  ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  (shape, dtype, key) =>
    random.normal(shape, { mean, stddev, dtype, key: keyOf(seed, key) });

export interface UniformOptions extends SeedOptions {
  /** Default −0.05. */
  readonly minval?: number;
  /** Default 0.05. */
  readonly maxval?: number;
}

/** Uniform in [minval, maxval). */
const randomUniformMaker =
  ({ minval = -0.05, maxval = 0.05, seed }: UniformOptions = {}): Initializer =>
  (shape, dtype, key) =>
    random.uniform(shape, { low: minval, high: maxval, dtype, key: keyOf(seed, key) });

/** Normal, redrawn beyond two standard deviations. */
const truncatedNormalMaker =
  ({ mean = 0, stddev = 0.05, seed }: NormalOptions = {}): Initializer =>
  (shape, dtype, key) =>
    random.truncatedNormal(shape, { mean, stddev, dtype, key: keyOf(seed, key) });

export interface VarianceScalingOptions extends SeedOptions {
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
const varianceScalingMaker = (options: VarianceScalingOptions = {}): Initializer => {
  const { scale = 1, mode = "fanIn", distribution = "truncatedNormal", seed } = options;
  return (shape, dtype, given) => {
    const key = keyOf(seed, given);
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
};

/** Variance scaling as one of the papers has it. */
const scaled =
  (fixed: VarianceScalingOptions) =>
  (options: SeedOptions = {}): Initializer =>
    varianceScalingMaker({ ...fixed, ...options });

/** Orthonormal rows or columns, whichever are fewer, times `gain` (Saxe et al. 2014). Needs rank 2 or more. */
const orthogonalMaker = ({ gain = 1, seed }: SeedOptions & { readonly gain?: number } = {}): Initializer => {
  return (shape, dtype, key) => {
    if (shape.length < 2)
      throw new ArgumentError(`orthogonal: needs a shape of rank 2 or more, received [${shape.join(", ")}]`);
    const rows = sizeOf(shape.slice(0, -1));
    const columns = shape.at(-1)!;
    const few = Math.min(rows, columns);
    const vectors = orthonormal(random.normal([few, Math.max(rows, columns)], { key: keyOf(seed, key) }));
    const matrix = rows < columns ? vectors : vectors.transpose();
    return matrix
      .mul(gain)
      .reshape(shape as Shape)
      .cast(dtype);
  };
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
const identityMaker = ({ gain = 1 }: { readonly gain?: number } = {}): Initializer => {
  return (shape, dtype) => {
    if (shape.length !== 2)
      throw new ArgumentError(`identity: needs a shape of rank 2, received [${shape.join(", ")}]`);
    const row = arange(shape[0]!).expandDims(1);
    return row.equal(arange(shape[1]!)).cast(dtype).mul(gain);
  };
};

const seed = { seed: "integer" } as const;
const normal = { mean: "number", stddev: "notNegative", ...seed } as const;

/** Initializers by name or as functions, and how files name them. */
export const initializerCatalog = catalog(
  "initializer",
  {
    zeros: zerosMaker,
    ones: onesMaker,
    constant: constantMaker,
    randomNormal: randomNormalMaker,
    randomUniform: randomUniformMaker,
    truncatedNormal: truncatedNormalMaker,
    varianceScaling: varianceScalingMaker,
    glorotUniform: scaled({ mode: "fanAverage", distribution: "uniform" }),
    glorotNormal: scaled({ mode: "fanAverage" }),
    heUniform: scaled({ scale: 2, distribution: "uniform" }),
    heNormal: scaled({ scale: 2 }),
    lecunUniform: scaled({ distribution: "uniform" }),
    lecunNormal: scaled({}),
    orthogonal: orthogonalMaker,
    identity: identityMaker,
  },
  {
    randomNormal: normal,
    randomUniform: { minval: "number", maxval: "number", ...seed },
    truncatedNormal: normal,
    varianceScaling: {
      scale: "notNegative",
      mode: ["fanIn", "fanOut", "fanAverage"],
      distribution: ["truncatedNormal", "normal", "uniform"],
      ...seed,
    },
    glorotUniform: seed,
    glorotNormal: seed,
    heUniform: seed,
    heNormal: seed,
    lecunUniform: seed,
    lecunNormal: seed,
    orthogonal: { gain: "number", ...seed },
    identity: { gain: "number" },
  },
);

/** Initializers with Keras's meaning and defaults: `initializers.randomNormal({ stddev: 0.02 })`. */
export const initializers = initializerCatalog.makers;
export type InitializerName = keyof typeof initializers;
export const { zeros, ones, constant, varianceScaling } = initializers;

/** The initializer itself, or the one of that name; an unknown name is an error with the nearest valid ones. */
export const resolveInitializer = (given: InitializerName | Initializer): Initializer =>
  initializerCatalog.resolve(given);
