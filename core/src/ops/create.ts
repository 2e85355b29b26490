import { type DType, isFloat } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";
import { add, mul } from "./arithmetic.ts";

/** A tensor of `shape` filled with `value`. */
export const full = (shape: Shape, value: number, dtype: DType = "f32"): Node => build.fill(value, { shape, dtype });
/** A tensor of zeros. */
export const zeros = (shape: Shape, dtype: DType = "f32"): Node => full(shape, 0, dtype);
/** A tensor of ones. */
export const ones = (shape: Shape, dtype: DType = "f32"): Node => full(shape, 1, dtype);
/** Zeros in the shape and dtype of `x`. */
export const zerosLike = (x: Node): Node => build.fill(0, x);
/** Ones in the shape and dtype of `x`. */
export const onesLike = (x: Node): Node => build.fill(1, x);
/** `value` in the shape and dtype of `x`. */
export const fullLike = (x: Node, value: number): Node => build.fill(value, x);

/** `start`, `start + step`, … below `stop`; with one argument from 0. i32 when all are whole numbers, otherwise f32. */
export function arange(start: number, stop?: number, step = 1, dtype?: DType): Node {
  const [first, end] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0 || ![first, end, step].every(Number.isFinite)) {
    throw new ArgumentError(`arange: from ${first} to ${end} by ${step} has no end`);
  }
  const type = dtype ?? ([first, end, step].every(Number.isInteger) ? "i32" : "f32");
  const length = Math.max(0, Math.ceil((end - first) / step));
  const index = build.iota([length], 0, type);
  return first === 0 && step === 1 ? index : add(mul(index, step), first);
}

export interface EndpointOptions {
  /** Whether `stop` is the last one; without it the numbers are a `count`-th of the way apart. Default true. */
  readonly endpoint?: boolean | undefined;
}

/** `count` numbers from `start` to `stop`, equally far apart. */
export function linspace(
  start: number,
  stop: number,
  count = 50,
  { endpoint = true, dtype = "f32" }: EndpointOptions & { readonly dtype?: DType } = {},
): Node {
  if (!Number.isInteger(count) || count < 0) throw new ArgumentError(`linspace: ${count} is not a number of points`);
  if (!isFloat(dtype)) throw new ArgumentError(`linspace: needs a float dtype, received ${dtype}`);
  const steps = endpoint ? count - 1 : count;
  const step = steps > 0 ? (stop - start) / steps : 0;
  return add(mul(build.iota([count], 0, dtype), step), start);
}
