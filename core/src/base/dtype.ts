/** The element types of tensors. `f64` exists only in the reference interpreter, never in a graph. */
export type DType = "f32" | "f16" | "bf16" | "i32" | "u32" | "i8" | "u8" | "bool";

export const dtypes = ["f32", "f16", "bf16", "i32", "u32", "i8", "u8", "bool"] as const satisfies readonly DType[];
export const floats = ["f32", "f16", "bf16"] as const satisfies readonly DType[];
export const integers = ["i32", "u32", "i8", "u8"] as const satisfies readonly DType[];
export const numbers = [...floats, ...integers] as const;

/** Bytes that one element occupies in a buffer. */
export const bytesPerElement: { readonly [D in DType]: number } = {
  f32: 4,
  f16: 2,
  bf16: 2,
  i32: 4,
  u32: 4,
  i8: 1,
  u8: 1,
  bool: 1,
};

export const isFloat = (dtype: DType): boolean => (floats as readonly DType[]).includes(dtype);
export const isInteger = (dtype: DType): boolean => (integers as readonly DType[]).includes(dtype);

/** The smallest and the largest finite value of `dtype`. */
export const rangeOf: { readonly [D in DType]: readonly [number, number] } = {
  f32: [-3.4028234663852886e38, 3.4028234663852886e38],
  f16: [-65504, 65504],
  bf16: [-3.3895313892515355e38, 3.3895313892515355e38],
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
  i8: [-128, 127],
  u8: [0, 255],
  bool: [0, 1],
};
