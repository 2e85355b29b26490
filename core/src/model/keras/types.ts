import { type DType, dtypes } from "../../base/dtype.ts";
import { type InputDType, shorten } from "../../nn/index.ts";
import { damaged } from "./json.ts";

// Keras's names of element types.

const read: { readonly [keras: string]: InputDType } = {
  string: "string",
  float64: "f32",
  float32: "f32",
  float16: "f16",
  bfloat16: "bf16",
  int64: "i32",
  int32: "i32",
  int16: "i32",
  int8: "i8",
  uint8: "u8",
  uint16: "i32",
  uint32: "u32",
  bool: "bool",
};

/** Ours for Keras's; f32 for a policy, or nothing. */
export function typeOf(dtype: unknown): InputDType {
  if (typeof dtype !== "string") return "f32";
  if (Object.hasOwn(read, dtype)) return read[dtype]!;
  if ((dtypes as readonly string[]).includes(dtype)) return dtype as DType; // just checked
  throw damaged(
    `an input has the dtype ${shorten(dtype)}`,
    "inputs are numbers; turn texts into numbers before the model",
  );
}

/** Keras's for ours. */
export const writtenTypes: { readonly [D in InputDType]: string } = {
  f32: "float32",
  f16: "float16",
  bf16: "bfloat16",
  i32: "int32",
  u32: "uint32",
  i8: "int8",
  u8: "uint8",
  bool: "bool",
  string: "string",
};
