import type { DType } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { f16FromBits } from "../base/half.ts";

// Element types that files have and tensors do not: their values become those of the nearest type that tensors have. Floats are
// rounded to f32; whole numbers must fit, and are refused where they do not.

interface Wide {
  /** Bytes of a number in the file. */
  readonly bytes: number;
  /** Numbers of an element, which become one more axis. Default 1. */
  readonly parts?: number;
  /** What the values become. */
  readonly dtype: DType;
  readonly read: (view: DataView, at: number) => number;
}

/** Eight bits without infinities: 4 of them exponent, 3 of them fraction; all ones are NaN (Micikevicius et al. 2022, table 1). */
function e4m3(bits: number): number {
  const [exponent, fraction] = [(bits >> 3) & 15, bits & 7];
  const size =
    exponent === 0 ? fraction * 2 ** -9 : (bits & 127) === 127 ? Number.NaN : (8 + fraction) * 2 ** (exponent - 10);
  return bits > 127 ? -size : size;
}

export const wideTypes = {
  F64: { bytes: 8, dtype: "f32", read: (view, at) => view.getFloat64(at, true) },
  I64: { bytes: 8, dtype: "i32", read: (view, at) => Number(view.getBigInt64(at, true)) },
  U64: { bytes: 8, dtype: "u32", read: (view, at) => Number(view.getBigUint64(at, true)) },
  I16: { bytes: 2, dtype: "i32", read: (view, at) => view.getInt16(at, true) },
  U16: { bytes: 2, dtype: "u32", read: (view, at) => view.getUint16(at, true) },
  /** The real and the imaginary part. */
  C64: { bytes: 4, parts: 2, dtype: "f32", read: (view, at) => view.getFloat32(at, true) },
  F8_E4M3: { bytes: 1, dtype: "f32", read: (view, at) => e4m3(view.getUint8(at)) },
  F8_E5M2: { bytes: 1, dtype: "f32", read: (view, at) => f16FromBits(view.getUint8(at) << 8) },
} as const satisfies { readonly [code: string]: Wide };

export type WideType = keyof typeof wideTypes;

/** How many numbers an element is. */
export const partsOf = (code: WideType): number => (wideTypes[code] as Wide).parts ?? 1;

export const isWide = (code: unknown): code is WideType => typeof code === "string" && Object.hasOwn(wideTypes, code);

/** The elements in `bytes`, as bytes of the type that they become. */
export function narrowed(code: WideType, bytes: Uint8Array, where: string): Uint8Array {
  const { bytes: size, dtype, read }: Wide = wideTypes[code];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const made = new { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[dtype as "f32" | "i32" | "u32"](
    bytes.byteLength / size,
  ); // those of the table
  for (let index = 0; index < made.length; index++) {
    const value = read(view, index * size);
    made[index] = value;
    if (dtype !== "f32" && made[index] !== value)
      throw new DataError({
        what: `${where}: element ${index} is ${value}, which does not fit ${dtype}`,
        hint: `the file has ${code}; tensors have whole numbers of at most 32 bits`,
      });
  }
  return new Uint8Array(made.buffer);
}
