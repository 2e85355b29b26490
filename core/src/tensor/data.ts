import { bytesPerElement, type DType } from "../base/dtype.ts";
import { DataError, DTypeError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { fromBytes, hostArray, toBytes } from "../reference/hostArray.ts";
import type { DataOf, Nested, NestedNumbers, TypedArray } from "./types.ts";

/** Element types that have a typed array of their own, in which host data needs no conversion. */
const typedArrays = {
  f32: Float32Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const satisfies Partial<Record<DType, unknown>>;

const hasTypedArray = (dtype: DType): dtype is keyof typeof typedArrays => dtype in typedArrays;

/** The bytes that a device holds for `values`; always a copy. */
export function pack(values: ArrayLike<number>, dtype: DType): Uint8Array {
  if (hasTypedArray(dtype)) {
    const { buffer } = new typedArrays[dtype](values);
    return new Uint8Array(buffer);
  }
  return toBytes(hostArray([values.length], dtype, values));
}

/** The values in `bytes`, which are this function's to keep. */
export function unpack<D extends DType>(bytes: Uint8Array, dtype: D): DataOf[D] {
  // Each branch makes the array that DataOf names for its dtype; TypeScript does not connect the two.
  if (hasTypedArray(dtype)) {
    const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    return new typedArrays[dtype]((whole ? bytes : new Uint8Array(bytes)).buffer as ArrayBuffer) as DataOf[D];
  }
  if (dtype === "bool") return bytes as DataOf[D];
  const { data } = fromBytes(bytes, [bytes.byteLength / bytesPerElement[dtype]], dtype);
  return Float32Array.from(data) as DataOf[D];
}

/** The dtype that the values of a typed array have. */
export function dtypeOfArray(array: TypedArray): DType {
  if (array instanceof Float32Array || array instanceof Float64Array) return "f32";
  if (array instanceof Int32Array || array instanceof Int16Array || array instanceof Uint16Array) return "i32";
  if (array instanceof Uint32Array) return "u32";
  if (array instanceof Int8Array) return "i8";
  return "u8";
}

export const isTypedArray = (value: unknown): value is TypedArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** Shape and values of nested arrays; throws a DataError that names the first place where they are ragged. */
export function flattenNested(nested: Nested): {
  readonly shape: Shape;
  readonly values: number[];
  readonly boolean: boolean;
} {
  const shape: number[] = [];
  for (let level: Nested = nested; isList(level); level = level[0]!) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: number[] = [];
  let booleans = 0;
  const visit = (value: Nested, at: readonly number[]): void => {
    const depth = at.length;
    if (isList(value)) {
      if (depth === shape.length) throw ragged(at, `an array of ${value.length}`, "a number", shape);
      if (value.length !== shape[depth]) throw ragged(at, `${value.length} elements`, `${shape[depth]}`, shape);
      for (const [index, element] of value.entries()) visit(element, [...at, index]);
      return;
    }
    if (depth < shape.length) throw ragged(at, describeValue(value), `an array of ${shape[depth]}`, shape);
    if (typeof value === "boolean") booleans++;
    else if (typeof value !== "number") throw noNumber(at, value);
    values.push(Number(value));
  };
  visit(nested, []);
  if (booleans > 0 && booleans < values.length) {
    throw new DTypeError({
      what: "tensor: numbers and booleans are mixed",
      hint: "write 1 and 0, or true and false, throughout",
    });
  }
  return { shape, values, boolean: booleans > 0 };
}

const isList = (value: Nested): value is readonly Nested[] => Array.isArray(value);

const describeValue = (value: unknown): string =>
  typeof value === "number" || typeof value === "boolean" ? `the ${typeof value} ${value}` : `a ${typeof value}`;

const placeOf = (at: readonly number[]): string => at.map((index) => `[${index}]`).join("") || "the top";

const noNumber = (at: readonly number[], value: unknown): DataError =>
  new DataError({
    what: `tensor: what is at ${placeOf(at)} is no number`,
    details: [{ role: "received", value: value === null ? "null" : String(value).slice(0, 40), origin: typeof value }],
    hint: "tensors hold numbers and booleans",
  });

const ragged = (at: readonly number[], received: string, expected: string, shape: Shape): DataError =>
  new DataError({
    what: `tensor: the nested arrays are ragged at ${placeOf(at)}`,
    details: [
      { role: "here", value: received },
      { role: "expected", value: expected, origin: `as at the first place, shape ${printShape(shape)}` },
    ],
    hint: "all arrays of one level have the same length; pad the short ones",
  });

/** `values` as arrays in arrays, one level an axis. */
export function nest(values: ArrayLike<number>, shape: Shape): NestedNumbers {
  const visit = (axis: number, start: number): NestedNumbers => {
    if (axis === shape.length) return values[start]!;
    const stride = sizeOf(shape.slice(axis + 1));
    return Array.from({ length: shape[axis]! }, (_, index) => visit(axis + 1, start + index * stride));
  };
  return visit(0, 0);
}
