import { type DType, isFloat, rangeOf } from "../base/dtype.ts";
import { roundToBf16, roundToF16 } from "../base/half.ts";
import type { BitsName, CompareName, UnaryOp } from "../graph/primitives.ts";
import { erf, floorDivide, floorMod, gelu, geluDerivative, power } from "../reference/scalar.ts";
import type { KernelBinary } from "./ir.ts";

export { bitsBetween } from "../reference/bits.ts";

// What every scalar operation of the kernel form means, on JavaScript numbers; bool is 0 or 1.

type One = (x: number) => number;
type Two = (x: number, y: number) => number;

const identity: One = (x) => x;

/** Brings a number into the register of a dtype: floats become f32, integers wrap to their width. */
export const register: { readonly [D in DType]: One } = {
  f32: Math.fround,
  f16: Math.fround,
  bf16: Math.fround,
  i32: (value) => value | 0,
  u32: (value) => value >>> 0,
  i8: (value) => (value << 24) >> 24,
  u8: (value) => value & 255,
  bool: (value) => value & 1,
};

/** What a store keeps of a register: 16-bit floats round to nearest even. */
export const rounded: { readonly [D in DType]: One } = {
  f32: identity,
  f16: roundToF16,
  bf16: roundToBf16,
  i32: identity,
  u32: identity,
  i8: identity,
  u8: identity,
  bool: identity,
};

const unaryTable: { readonly [K in UnaryOp]: One } = {
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
  gelu,
  geluDerivative,
  floor: Math.floor,
};

/** The function that `op` is in `dtype`. */
export function unaryIn(op: UnaryOp, dtype: DType): One {
  const [apply, hold] = [unaryTable[op], register[dtype]];
  return (x) => hold(apply(x));
}

const floatTable: { readonly [K in KernelBinary]: Two } = {
  add: (x, y) => Math.fround(x + y),
  sub: (x, y) => Math.fround(x - y),
  mul: (x, y) => Math.fround(x * y),
  product: (x, y) => Math.fround(x * y),
  div: (x, y) => Math.fround(x / y),
  mod: (x, y) => Math.fround(floorMod(x, y)),
  pow: (x, y) => Math.fround(power(x, y)),
  max: Math.max,
  min: Math.min,
};

const integerTable: { readonly [K in KernelBinary]: Two } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: Math.imul,
  product: Math.imul,
  div: floorDivide,
  mod: (x, y) => (y === 0 ? 0 : floorMod(x, y)),
  pow: power,
  max: Math.max,
  min: Math.min,
};

/** The function that `op` is in `dtype`; integers wrap. */
export function binaryIn(op: KernelBinary, dtype: DType): Two {
  if (isFloat(dtype)) return floatTable[op];
  const [apply, hold] = [integerTable[op], register[dtype]];
  return (x, y) => hold(apply(x, y));
}

export const compareBy: { readonly [K in CompareName]: Two } = {
  lt: (x, y) => (x < y ? 1 : 0),
  eq: (x, y) => (x === y ? 1 : 0),
};

const inRange = (bits: number): boolean => bits >= 0 && bits < 32;

const bitsTable: { readonly [K in BitsName]: Two } = {
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => (inRange(y) ? x << y : 0),
  shr: (x, y) => (inRange(y) ? x >> y : 0),
};

/** The function that `op` is in `dtype`; shifts by 32 or more give 0, shr of signed integers keeps the sign. */
export function bitsIn(op: BitsName, dtype: DType): Two {
  if (op === "shr" && dtype === "u32") return (x, y) => (inRange(y) ? x >>> y : 0);
  const [apply, hold] = [bitsTable[op], register[dtype]];
  return (x, y) => hold(apply(x, y));
}

/** float→int truncates and saturates, NaN to 0; int→int wraps; to bool: x != 0; to 16 bits rounds. */
export function castBetween(from: DType, to: DType): One {
  if (to === "bool") return (x) => (x === 0 ? 0 : 1);
  if (isFloat(to)) {
    const keep = rounded[to];
    return (x) => keep(Math.fround(x));
  }
  if (!isFloat(from)) return register[to];
  const [low, high] = rangeOf[to];
  return (x) => (Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high)) + 0);
}
