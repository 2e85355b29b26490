import type { DType } from "../base/dtype.ts";
import { DataError, DTypeError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import type { Plain, ShapeIn, WithFirst, WithoutFirst } from "../tensor/index.ts";

/** The typed arrays that hold examples; the dtype follows from the type. */
export type NumberArray = Float32Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

const dtypeOf = (data: NumberArray): DType => {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  if (data instanceof Int8Array) return "i8";
  if (data instanceof Uint8Array) return "u8";
  // Callers without types come here.
  throw new DTypeError(
    `ndarray: a ${(data as object).constructor.name} cannot be data; use Float32Array or Int32Array`,
  );
};

const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, i8: Int8Array, u8: Uint8Array } as const;

/** The values in little-endian bytes; undefined for dtypes that no array of the host has. */
export function numberArray(dtype: DType, bytes: Uint8Array): NumberArray | undefined {
  const Values = Object.hasOwn(arrays, dtype) ? arrays[dtype as keyof typeof arrays] : undefined; // hasOwn says so
  return Values && new Values(bytes.slice().buffer); // aligned, and of its own
}

/** Typed arrays with element types that no tensor has: their values are converted. */
type ConvertedArray = Float64Array | Int16Array | Uint16Array | Uint8ClampedArray;

function converted(data: NumberArray | ConvertedArray): NumberArray {
  if (data instanceof Float64Array) return Float32Array.from(data);
  if (data instanceof Int16Array || data instanceof Uint16Array) return Int32Array.from(data);
  if (data instanceof Uint8ClampedArray) return Uint8Array.from(data);
  return data;
}

/** Nested lists of numbers, as in `[[1, 2], [3, 4]]`; true and false are 1 and 0. */
export type Nested = number | boolean | readonly Nested[];

/**
 * An array in the host's memory, row-major: what data sets are made of. The first axis counts examples. `S` is its shape, as far
 * as the types know it.
 */
export class NdArray<out S extends Shape = Shape> {
  declare readonly data: NumberArray;
  readonly shape: S;
  readonly dtype: DType;
  /** The values until somebody reads them: copying each row of a pass would take longer than all else. */
  #lent: NumberArray | undefined;

  /** Values that are `lent` are copied when they are read first. */
  constructor(data: NumberArray, shape: Shape = [data.length], lent?: boolean) {
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(`ndarray: ${data.length} values do not fit ${printShape(shape)}`);
    }
    this.shape = shape as S; // a promise of the types, as for tensors
    this.dtype = dtypeOf(data);
    if (lent) {
      this.#lent = data;
      Object.defineProperty(this, "data", copiedWhenRead);
    } else this.data = data;
  }

  /** This array with memory of its own. */
  own(): this {
    if (this.#lent) Object.defineProperty(this, "data", { value: this.#lent.slice() });
    this.#lent = undefined;
    return this;
  }

  /** The values where they lie, not to be changed. */
  get values(): NumberArray {
    return this.#lent ?? this.data;
  }

  /** Number of examples: the size of the first axis. */
  get length(): number {
    return this.shape[0] ?? 1;
  }

  /** Values in one example. */
  get stride(): number {
    return sizeOf(this.shape.slice(1));
  }

  /** The examples at `indices`, copied, in that order. */
  rows<A extends Shape>(this: NdArray<A>, indices: ArrayLike<number>): NdArray<WithFirst<A, number>> {
    const { stride } = this;
    const data = unwritten(this.data, indices.length * stride); // all of it is written here
    for (let row = 0; row < indices.length; row++) {
      const start = indices[row]! * stride;
      if (stride === 1) data[row] = this.data[start]!;
      else data.set(this.data.subarray(start, start + stride), row * stride);
    }
    return new NdArray(data, [indices.length, ...this.shape.slice(1)]);
  }

  /** The examples from `start` to `stop` (not included), sharing memory. */
  slice<A extends Shape>(this: NdArray<A>, start: number, stop: number): NdArray<WithFirst<A, number>> {
    const { stride } = this;
    return new NdArray(this.data.subarray(start * stride, stop * stride), [stop - start, ...this.shape.slice(1)]);
  }

  /** The same values, in memory of their own. */
  copy(): NdArray<S> {
    const { values } = this;
    const data = unwritten(values, values.length);
    data.set(values);
    return new NdArray(data, this.shape);
  }

  /** The same values in another shape, sharing memory. */
  reshape<const T extends Shape>(shape: T): NdArray<Plain<T>> {
    return new NdArray(this.data, shape);
  }

  /** The example at `index`, sharing memory: an array with one axis less. */
  row<A extends Shape>(this: NdArray<A>, index: number): NdArray<WithoutFirst<A>> {
    const { stride } = this;
    return new NdArray(this.data.subarray(index * stride, (index + 1) * stride), this.shape.slice(1));
  }

  /** The value of an array that has only one. */
  item(): number {
    const [value] = this.data;
    if (value !== undefined && this.data.length === 1) return value;
    throw new ShapeError({
      what: `item: the array has ${this.data.length} values, ${printShape(this.shape)}`,
      hint: "data has them all",
    });
  }
}

/** Seen from outside, as if the values were there. */
const copiedWhenRead: PropertyDescriptor & ThisType<NdArray> = {
  enumerable: true,
  configurable: true,
  get() {
    return this.own().data;
  },
};

interface Host {
  readonly Buffer?: { allocUnsafeSlow(bytes: number): { readonly buffer: ArrayBuffer } };
}
/** Zeroing smaller arrays costs less than what it takes to avoid it. */
const worthwhileBytes = 16384;

/** What arrays of the same kind are made by. */
export const makerOf = (like: NumberArray) => like.constructor as new (of: number | ArrayBuffer) => NumberArray;

/** An array like `like` whose values must all be written: Node gives memory that has not been zeroed. */
export function unwritten(like: NumberArray, length: number): NumberArray {
  const Values = makerOf(like);
  const bytes = length * like.BYTES_PER_ELEMENT;
  const { Buffer } = globalThis as Host; // browsers have none
  return new Values(Buffer === undefined || bytes < worthwhileBytes ? length : Buffer.allocUnsafeSlow(bytes).buffer);
}

/** An NdArray of f32 from nested lists, or of the matching dtype from a typed array. A ragged list is named with its place. */
export function ndarray<V extends Nested | NumberArray | ConvertedArray, const S extends Shape = ShapeIn<V>>(
  values: V,
  shape?: S,
): NdArray<Plain<S>> {
  if (ArrayBuffer.isView(values)) return new NdArray(converted(values), shape);
  const found = shapeOfNested(values);
  const data = new Float32Array(sizeOf(found));
  let next = 0;
  const fill = (value: Nested, place: readonly number[]): void => {
    if (place.length === found.length) {
      if (typeof value !== "number" && typeof value !== "boolean") throw ragged(place, "a number", value);
      data[next++] = Number(value);
      return;
    }
    const size = found[place.length]!;
    if (!Array.isArray(value) || value.length !== size) throw ragged(place, `${size} values`, value);
    value.forEach((item: Nested, index) => {
      fill(item, [...place, index]);
    });
  };
  fill(values, []);
  return new NdArray(data, shape ?? found);
}

function shapeOfNested(values: Nested): number[] {
  const shape: number[] = [];
  for (let level: Nested | undefined = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

const ragged = (place: readonly number[], expected: string, received: Nested): DataError =>
  new DataError({
    what: `ndarray: the list is ragged at [${place.join("][")}]`,
    details: [
      { role: "expected", value: expected },
      { role: "received", value: Array.isArray(received) ? `${received.length} values` : printValue(received) },
    ],
  });

const printValue = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));
