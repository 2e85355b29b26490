import type { DType } from "../../base/dtype.ts";
import { DataError } from "../../base/errors.ts";
import { bf16FromBits, f16FromBits } from "../../base/half.ts";
import { printShape, type Shape, sameShape, sizeOf } from "../../base/shape.ts";
import type { DatasetSource, ElementType, Hdf5Dataset } from "../../formats/index.ts";

// Values of HDF5 datasets as bytes of Variables, and back.

/** Something with a value: a Variable, or another piece of state. */
export interface Target {
  readonly shape: Shape;
  readonly dtype: DType;
  bytes(): Promise<Uint8Array>;
  assignBytes(bytes: Uint8Array): unknown;
}

/** Keras's mark of bfloat16, which HDF5 does not know: two bytes without meaning, and this attribute. */
const bfloat16 = "bfloat16";
const isBfloat16 = ({ type, attributes }: Hdf5Dataset): boolean =>
  type.kind === "opaque" && type.bytes === 2 && attributes.get("dtype") === bfloat16;

const printType = (dataset: Hdf5Dataset): string =>
  isBfloat16(dataset) ? bfloat16 : `${dataset.type.kind}${dataset.type.bytes * 8}`;

/** True where the dataset has the target's shape. */
export const fits = (dataset: Hdf5Dataset, { shape }: Pick<Target, "shape">): boolean =>
  sameShape(dataset.shape, shape);

/** The dataset's values as the target holds them: floats as floats of another width, integers as integers. */
export function valuesFor(dataset: Hdf5Dataset, target: Pick<Target, "shape" | "dtype">, where: string): Uint8Array {
  const refuse = (): never => {
    throw new DataError({
      what: `${where} does not fit the model`,
      details: [
        { role: "file", value: `${printType(dataset)} ${printShape(dataset.shape)}` },
        { role: "model", value: `${target.dtype} ${printShape(target.shape)}` },
      ],
      hint: "the file is of another model",
    });
  };
  if (!fits(dataset, target)) return refuse();
  const bytes = dataset.bytes();
  const stored = typeOf(target.dtype);
  const { type } = dataset;
  const plain = !("bigEndian" in type && type.bigEndian);
  if (
    plain &&
    (isBfloat16(dataset) ? target.dtype === "bf16" : type.kind === stored.kind && type.bytes === stored.bytes)
  )
    return bytes;
  const isReal = type.kind === "float" || isBfloat16(dataset);
  const read = readerOf(dataset);
  const count = sizeOf(dataset.shape);
  if (read === undefined) return refuse();
  if (target.dtype === "f32" && isReal) return bytesOf(Float32Array.from({ length: count }, (_, index) => read(index)));
  if (target.dtype === "i32" && !isReal) return bytesOf(Int32Array.from({ length: count }, (_, index) => read(index)));
  if (target.dtype === "u32" && !isReal) return bytesOf(Uint32Array.from({ length: count }, (_, index) => read(index)));
  return refuse();
}

const bytesOf = ({ buffer }: { readonly buffer: ArrayBuffer }): Uint8Array => new Uint8Array(buffer);

/** Reads element `index`; undefined for elements that are no numbers. */
function readerOf(dataset: Hdf5Dataset): ((index: number) => number) | undefined {
  const bytes = dataset.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isBfloat16(dataset)) return (index) => bf16FromBits(view.getUint16(index * 2, true));
  const { type } = dataset;
  const little = !("bigEndian" in type && type.bigEndian);
  const size = type.bytes;
  const key = `${type.kind}${size * 8}`;
  const readers: { readonly [type: string]: (index: number) => number } = {
    float16: (index) => f16FromBits(view.getUint16(index * size, little)),
    float32: (index) => view.getFloat32(index * size, little),
    float64: (index) => view.getFloat64(index * size, little),
    int8: (index) => view.getInt8(index),
    int16: (index) => view.getInt16(index * size, little),
    int32: (index) => view.getInt32(index * size, little),
    int64: (index) => Number(view.getBigInt64(index * size, little)),
    uint8: (index) => view.getUint8(index),
    uint16: (index) => view.getUint16(index * size, little),
    uint32: (index) => view.getUint32(index * size, little),
    uint64: (index) => Number(view.getBigUint64(index * size, little)),
  };
  return readers[key];
}

const elementTypes: { readonly [D in DType]: ElementType } = {
  f32: { kind: "float", bytes: 4, bigEndian: false },
  f16: { kind: "float", bytes: 2, bigEndian: false },
  bf16: { kind: "opaque", bytes: 2 },
  i32: { kind: "int", bytes: 4, bigEndian: false },
  u32: { kind: "uint", bytes: 4, bigEndian: false },
  i8: { kind: "int", bytes: 1, bigEndian: false },
  u8: { kind: "uint", bytes: 1, bigEndian: false },
  bool: { kind: "bool", bytes: 1, bigEndian: false },
};
const typeOf = (dtype: DType): ElementType => elementTypes[dtype];

/** The target's value as a dataset. */
export async function datasetOf(target: Target): Promise<DatasetSource> {
  const { shape, dtype } = target;
  const dataset = { shape, type: typeOf(dtype), bytes: await target.bytes() };
  return dtype === "bf16" ? { ...dataset, attributes: new Map([["dtype", bfloat16]]) } : dataset;
}
