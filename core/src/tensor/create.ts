import type { DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { isTypedArray } from "./data.ts";
import { asNode, type DTypeIn, hostNode, type ShapeIn, type TensorLike } from "./like.ts";
import { type Made, made, type Placed, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { Nested, Plain, TypedArray } from "./types.ts";

export interface TensorOptions<S extends Shape, D extends DType> {
  /** The shape, when the values are given flat. */
  readonly shape?: S;
  readonly dtype?: D;
}

/** An array that has its shape, as `ndarray` makes it: row-major. `data/` builds on this layer, so it is known by what it has. */
export interface NdArrayLike<S extends Shape = Shape> {
  readonly values: TypedArray;
  readonly shape: S;
}
const isNdArrayLike = (x: unknown): x is NdArrayLike =>
  typeof x === "object" && x !== null && "shape" in x && "values" in x && isTypedArray(x.values);

/**
 * A tensor of the given values: nested arrays, a number, a typed array (with `shape`, unless it is one axis), or an `ndarray`,
 * which has its shape. Numbers are f32, booleans bool, typed arrays and ndarrays keep their element type (f64 becomes f32) unless
 * `dtype` says otherwise. The values are copied.
 * @throws ShapeError where the values do not fill `shape`; DataError where lists are ragged or hold what is no number; DTypeError where
 * numbers and booleans are mixed.
 */
export function tensor<V extends Nested | TypedArray>(values: V): Tensor<ShapeIn<V>, DTypeIn<V>>;
export function tensor<V extends Nested | TypedArray, D extends DType>(
  values: V,
  options: { readonly shape?: undefined; readonly dtype: D },
): Tensor<ShapeIn<V>, D>;
export function tensor<V extends Nested | TypedArray, const S extends Shape>(
  values: V,
  options: { readonly shape: S; readonly dtype?: undefined },
): Tensor<Plain<S>, DTypeIn<V>>;
export function tensor<const S extends Shape, D extends DType>(
  values: Nested | TypedArray,
  options: TensorOptions<S, D>,
): Tensor<Plain<S>, D>;
export function tensor<S extends Shape, D extends DType = DType>(
  values: NdArrayLike<S>,
  options?: { readonly shape?: undefined; readonly dtype?: D },
): Tensor<S, D>;
export function tensor<const S extends Shape, D extends DType = DType>(
  values: NdArrayLike,
  options: { readonly shape: S; readonly dtype?: D },
): Tensor<Plain<S>, D>;
export function tensor(
  given: Nested | TypedArray | NdArrayLike,
  options: { readonly shape?: Shape | undefined; readonly dtype?: DType | undefined } = {},
): Tensor {
  const values = isNdArrayLike(given) ? given.values : given;
  const shape = options.shape ?? (isNdArrayLike(given) ? given.shape : undefined);
  const { dtype } = options;
  if (shape === undefined) return new Tensor(hostNode(values, dtype));
  checkShape("tensor", shape);
  // Flat values are taken over in their shape; nested ones have a shape of their own, and are reshaped.
  if (isTypedArray(values)) {
    checkFilled([values.length], shape);
    return new Tensor(hostNode(values, dtype, shape));
  }
  const node = hostNode(values, dtype);
  checkFilled(node.shape, shape);
  return new Tensor(node.shape.length === 1 ? hostNode(values, dtype, shape) : ops.reshape(node, shape));
}

/** Values of the shape `given` are as many as `shape` holds. */
function checkFilled(given: Shape, shape: Shape): void {
  const size = sizeOf(given);
  if (sizeOf(shape) === size) return;
  throw new ShapeError({
    what: `tensor: ${size} values do not fill the shape ${printShape(shape)}`,
    details: [{ role: "values", value: printShape(given) }],
    hint: `the shape ${printShape(shape)} holds ${sizeOf(shape)}`,
  });
}

/** `x` itself when it is a tensor, else a tensor of its values. */
export const asTensor = <X extends TensorLike>(x: X, dtype?: DType): Tensor<ShapeIn<X>, DTypeIn<X>> =>
  // ShapeIn and DTypeIn of a tensor are its own; TypeScript does not resolve them for a generic X.
  x instanceof Tensor ? (x as unknown as Tensor<ShapeIn<X>, DTypeIn<X>>) : new Tensor(asNode(x, dtype));

export function full<const S extends Shape, D extends DType = "f32">(
  shape: S,
  value: number,
  dtype?: D,
): Tensor<Plain<S>, D> {
  checkShape("full", shape);
  return new Tensor(ops.full(shape, value, dtype ?? "f32"));
}
export const zeros = <const S extends Shape, D extends DType = "f32">(shape: S, dtype?: D): Tensor<Plain<S>, D> =>
  full(shape, 0, dtype);
export const ones = <const S extends Shape, D extends DType = "f32">(shape: S, dtype?: D): Tensor<Plain<S>, D> =>
  full(shape, 1, dtype);

const filled = <X extends Placed, D extends DType>(x: X, value: number, dtype?: D): Made<X, ShapeIn<X>, D> => {
  const like = asNode(x);
  return made(ops.full(like.shape, value, dtype ?? like.dtype));
};
export const zerosLike = recorded(
  "zerosLike",
  <X extends Placed, D extends DType = DTypeIn<X>>(x: X, dtype?: D): Made<X, ShapeIn<X>, D> => filled(x, 0, dtype),
);
export const onesLike = recorded(
  "onesLike",
  <X extends Placed, D extends DType = DTypeIn<X>>(x: X, dtype?: D): Made<X, ShapeIn<X>, D> => filled(x, 1, dtype),
);
export const fullLike = recorded(
  "fullLike",
  <X extends Placed, D extends DType = DTypeIn<X>>(x: X, value: number, dtype?: D): Made<X, ShapeIn<X>, D> =>
    filled(x, value, dtype),
);

interface RangeOptions {
  readonly step?: number;
  readonly dtype?: DType;
}

/** `start`, `start + step`, … below `stop`; with one number from 0. i32 for whole numbers, else f32. A third number is the step. */
export function arange(stop: number, options?: RangeOptions): Tensor<[number]>;
export function arange(start: number, stop: number, options?: number | RangeOptions): Tensor<[number]>;
export function arange(
  first: number,
  second: number | RangeOptions = {},
  third: number | RangeOptions = {},
): Tensor<[number]> {
  const [start, stop, options] = typeof second === "number" ? [first, second, third] : [0, first, second];
  const { step = 1, dtype } = typeof options === "number" ? { step: options } : options;
  return new Tensor(ops.arange(start, stop, step, dtype));
}
/** `count` numbers from `start` to `stop`, both included. */
export const linspace = <const N extends number = 50>(
  start: number,
  stop: number,
  count?: N,
  options?: ops.EndpointOptions,
): Tensor<[N], "f32"> => new Tensor(ops.linspace(start, stop, count ?? 50, options));
/** The identity matrix, or one with its diagonal moved by `offset`. */
export const eye = <const N extends number, const M extends number = N, D extends DType = "f32">(
  rows: N,
  columns?: M,
  options: { readonly offset?: number; readonly dtype?: D } = {},
): Tensor<[N, M], D> => new Tensor(ops.eye(rows, columns ?? rows, options));

/** Sizes are whole numbers of at least 0. */
export function checkShape(what: string, shape: Shape): void {
  if (!Array.isArray(shape)) {
    throw new ArgumentError({
      what: `${what}: a shape is a list of sizes, received ${String(shape)}`,
      hint: typeof shape === "number" ? `one axis of ${shape} is [${shape}]` : "a scalar has the shape []",
    });
  }
  const wrong = shape.find((size) => !Number.isInteger(size) || size < 0);
  if (wrong === undefined) return;
  throw new ArgumentError({
    what: `${what}: ${wrong} is not a size, in the shape ${printShape(shape)}`,
    hint: "sizes are whole numbers, 0 or more",
  });
}
