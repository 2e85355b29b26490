import { isFloat } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { rowStrides } from "../base/shape.ts";
import type { BinaryOp, BitsName, UnaryOp } from "../graph/primitives.ts";
import { type HostArray, wrap } from "./hostArray.ts";
import { offsetsOf } from "./offsets.ts";
import { emptyArray, type ReferenceRule, type ReferenceRules } from "./rule.ts";
import {
  adder,
  type Combine,
  convert,
  erf,
  floorDivide,
  floorMod,
  gelu,
  geluDerivative,
  multiplier,
  power,
} from "./scalar.ts";

const unary =
  (of: (x: number) => number): ReferenceRule<UnaryOp> =>
  ([x], _, type) => ({ ...type, data: x!.data.map((value) => wrap[type.dtype](of(value))) });

const zip = (x: HostArray, y: HostArray, combine: Combine): Float64Array =>
  x.data.map((value, index) => combine(value, y.data[index]!));

const binary =
  (of: Combine, ofIntegers: Combine = of): ReferenceRule<BinaryOp> =>
  ([x, y], _, type) => {
    const float = isFloat(type.dtype);
    return { ...type, data: zip(x!, y!, float ? of : (a, b) => wrap[type.dtype](ofIntegers(a, b))) };
  };

const bitwise: { readonly [K in BitsName]: Combine } = {
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => (y >>> 0 > 31 ? 0 : x << y),
  // A u32 above 2^31 is a positive f64: divide instead of shifting its sign bit in.
  shr: (x, y) => (y >>> 0 > 31 ? 0 : Math.floor(x / 2 ** y)),
};

/** Sources that need no binding, and the maps. */
export const elementwise: ReferenceRules<
  "input" | "const" | "iota" | UnaryOp | BinaryOp | "compare" | "where" | "bits" | "cast"
> = {
  input: (_, { name }) => {
    throw new InternalError(`interpret: input "${name}" has no value`);
  },
  const: (_, { value }, type) => ({ ...type, data: Float64Array.of(value) }),
  iota: (_, { shape, axis }, type) => ({
    ...type,
    data: Float64Array.from(
      offsetsOf(
        shape,
        rowStrides(shape).map((_stride, other) => (other === axis ? 1 : 0)),
      ),
      wrap[type.dtype],
    ),
  }),

  neg: unary((x) => -x),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  atan: unary(Math.atan),
  tanh: unary(Math.tanh),
  erf: unary(erf),
  gelu: unary(gelu),
  geluDerivative: unary(geluDerivative),
  floor: unary(Math.floor),

  add: ([x, y], _, type) => ({ ...type, data: zip(x!, y!, adder(type.dtype)) }),
  mul: ([x, y], _, type) => ({ ...type, data: zip(x!, y!, multiplier(type.dtype)) }),
  div: binary((x, y) => x / y, floorDivide),
  mod: binary(floorMod, (x, y) => (y === 0 ? 0 : floorMod(x, y))),
  pow: binary(power),
  max: binary(Math.max),
  min: binary(Math.min),

  compare: ([x, y], { compare }, type) => ({
    ...type,
    data: zip(x!, y!, compare === "lt" ? (a, b) => Number(a < b) : (a, b) => Number(a === b)),
  }),
  where: ([condition, x, y], _, type) => {
    const out = emptyArray(type);
    condition!.data.forEach((chosen, index) => {
      out.data[index] = (chosen === 0 ? y! : x!).data[index]!;
    });
    return out;
  },
  bits: ([x, y], { bits }, type) => ({
    ...type,
    data: zip(x!, y!, (a, b) => wrap[type.dtype](bitwise[bits](a, b))),
  }),
  cast: ([x], _, type) => ({ ...type, data: x!.data.map((value) => convert(value, x!.dtype, type.dtype)) }),
};
