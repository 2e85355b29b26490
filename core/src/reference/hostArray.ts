import { bytesPerElement, type DType, dtypes } from "../base/dtype.ts";
import { InternalError, oneOf } from "../base/errors.ts";
import { bf16FromBits, bf16ToBits, f16FromBits, f16ToBits, roundToBf16, roundToF16 } from "../base/half.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";

/** A row-major array in the host's memory. Whatever its dtype, its values are held as f64. */
export interface HostArray {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: Float64Array;
}

/** An array of `values` in row-major order, kept as they are; one value for each element, or a single one for all. */
export function hostArray(shape: Shape, dtype: DType, values: number | ArrayLike<number>): HostArray {
  const size = sizeOf(shape);
  if (typeof values === "number") return { shape, dtype, data: new Float64Array(size).fill(values) };
  if (values.length !== size) throw new InternalError(`hostArray: ${values.length} values for ${printShape(shape)}`);
  return { shape, dtype, data: Float64Array.from(values) };
}

/** Brings a whole number into the range of an integer dtype, modulo 2^bits; floats stay as they are. */
export const wrap: { readonly [D in DType]: (value: number) => number } = {
  f32: (value) => value,
  f16: (value) => value,
  bf16: (value) => value,
  i32: (value) => value | 0,
  u32: (value) => value >>> 0,
  i8: (value) => (value << 24) >> 24,
  u8: (value) => value & 255,
  bool: (value) => (value === 0 ? 0 : 1),
};

/** The nearest number that `dtype` can hold: what storing a value in a device's buffer makes of it. */
export const roundTo: { readonly [D in DType]: (value: number) => number } = {
  ...wrap,
  f32: Math.fround,
  f16: roundToF16,
  bf16: roundToBf16,
};

/** `array` with every value rounded to its dtype. */
export const rounded = ({ shape, dtype, data }: HostArray): HostArray => ({
  shape,
  dtype,
  data: data.map(roundTo[dtype]),
});

const packed: { readonly [D in DType]: (data: Float64Array) => ArrayBufferView } = {
  f32: (data) => Float32Array.from(data),
  f16: (data) => Uint16Array.from(data, f16ToBits),
  bf16: (data) => Uint16Array.from(data, bf16ToBits),
  i32: (data) => Int32Array.from(data),
  u32: (data) => Uint32Array.from(data),
  i8: (data) => Int8Array.from(data),
  u8: (data) => Uint8Array.from(data),
  bool: (data) => Uint8Array.from(data, wrap.bool),
};

const unpacked: { readonly [D in DType]: (buffer: ArrayBuffer) => Float64Array } = {
  f32: (buffer) => Float64Array.from(new Float32Array(buffer)),
  f16: (buffer) => Float64Array.from(new Uint16Array(buffer), f16FromBits),
  bf16: (buffer) => Float64Array.from(new Uint16Array(buffer), bf16FromBits),
  i32: (buffer) => Float64Array.from(new Int32Array(buffer)),
  u32: (buffer) => Float64Array.from(new Uint32Array(buffer)),
  i8: (buffer) => Float64Array.from(new Int8Array(buffer)),
  u8: (buffer) => Float64Array.from(new Uint8Array(buffer)),
  bool: (buffer) => Float64Array.from(new Uint8Array(buffer), wrap.bool),
};

/** The bytes of a device buffer that holds `array`: packed by dtype, little-endian, row-major, rounded. */
export function toBytes({ dtype, data }: HostArray): Uint8Array {
  oneOf("dtype", dtype, dtypes);
  const { buffer, byteLength } = packed[dtype](data);
  return new Uint8Array(buffer, 0, byteLength);
}

/** The array that the first bytes of a device buffer hold. */
export function fromBytes(bytes: Uint8Array, shape: Shape, dtype: DType): HostArray {
  const needed = sizeOf(shape) * bytesPerElement[dtype];
  if (bytes.byteLength < needed) {
    throw new InternalError(`fromBytes: ${bytes.byteLength} bytes for ${dtype} ${printShape(shape)}`);
  }
  // A copy: the bytes may start anywhere, typed arrays must not.
  const buffer = new Uint8Array(needed);
  buffer.set(bytes.subarray(0, needed));
  return { shape, dtype, data: unpacked[dtype](buffer.buffer) };
}
