import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import type { BinaryOp, BitsName, CompareName, UnaryOp } from "../graph/primitives.ts";
import { roundToBf16, roundToF16 } from "../base/half.ts";
import { erf, floorDivide, floorMod, power } from "../reference/scalar.ts";

// What every scalar operation of the kernel form means, on JavaScript numbers; bool is 0 or 1.

/** `value` brought into the register of `dtype`: floats become f32, integers wrap to their width. */
export function register(value: number, dtype: DType): number {
  switch (dtype) {
    case "f32":
    case "f16":
    case "bf16":
      return Math.fround(value);
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "i8":
      return (value << 24) >> 24;
    case "u8":
      return value & 255;
    case "bool":
      return value & 1;
  }
}

/** What a store keeps of a register: 16-bit floats round to nearest even. */
export const rounded = (value: number, dtype: DType): number =>
  dtype === "f16" ? roundToF16(value) : dtype === "bf16" ? roundToBf16(value) : value;

const unaryTable: { readonly [K in UnaryOp]: (x: number) => number } = {
  neg: (x) => -x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  atan: Math.atan,
  tanh: Math.tanh,
  erf,
  floor: Math.floor,
};

export const applyUnary = (op: UnaryOp, x: number, dtype: DType): number => register(unaryTable[op](x), dtype);

export function applyBinary(op: BinaryOp | "sub", x: number, y: number, dtype: DType): number {
  const float = isFloat(dtype);
  switch (op) {
    case "add":
      return register(x + y, dtype);
    case "sub":
      return register(x - y, dtype);
    case "mul":
      return register(float ? x * y : Math.imul(x, y), dtype);
    case "div":
      return register(float ? x / y : floorDivide(x, y), dtype);
    case "mod":
      return register(!float && y === 0 ? 0 : floorMod(x, y), dtype);
    case "pow":
      return register(power(x, y), dtype);
    case "max":
      return Math.max(x, y);
    case "min":
      return Math.min(x, y);
  }
}

export const applyCompare = (op: CompareName, x: number, y: number): number => ((op === "lt" ? x < y : x === y) ? 1 : 0);

export function applyBits(op: BitsName, x: number, y: number, dtype: DType): number {
  const outside = y < 0 || y > 31;
  switch (op) {
    case "and":
      return register(x & y, dtype);
    case "or":
      return register(x | y, dtype);
    case "xor":
      return register(x ^ y, dtype);
    case "shl":
      return outside ? 0 : register(x << y, dtype);
    case "shr":
      return outside ? 0 : register(dtype === "u32" ? x >>> y : x >> y, dtype);
  }
}

/** float→int truncates and saturates, NaN to 0; int→int wraps; to bool: x != 0; to 16 bits rounds. */
export function applyCast(x: number, from: DType, to: DType): number {
  if (to === "bool") return x === 0 ? 0 : 1;
  if (isFloat(to)) return rounded(Math.fround(x), to);
  if (!isFloat(from)) return register(x, to);
  if (Number.isNaN(x)) return 0;
  const [low, high] = rangeOf[to];
  return Math.trunc(Math.min(Math.max(x, low), high)) + 0;
}
