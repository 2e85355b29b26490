import type { DType } from "../base/dtype.ts";
import * as ops from "../ops/index.ts";
import { binary, both, predicate, test, unary } from "./elementKinds.ts";
import { asNode, type DTypeIn, type Fits, operand, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import type { Tensor } from "./tensor.ts";
import type { AsShape, Chosen, Possible } from "./types.ts";

// Elementwise operations as free functions. They take tensors, numbers, nested arrays and typed arrays.

export const add = binary("add", ops.add);
export const sub = binary("sub", ops.sub);
export const mul = binary("mul", ops.mul);
export const div = binary("div", ops.div);
export const floorDivide = binary("floorDivide", ops.floorDivide);
export const mod = binary("mod", ops.mod);
export const pow = binary("pow", ops.pow);
export const maximum = binary("maximum", ops.maximum);
export const minimum = binary("minimum", ops.minimum);
export const divideNoNaN = binary("divideNoNaN", ops.divideNoNaN);
export const atan2 = binary("atan2", ops.atan2);
export const bitwiseAnd = binary("bitwiseAnd", ops.bitwiseAnd);
export const bitwiseOr = binary("bitwiseOr", ops.bitwiseOr);
export const bitwiseXor = binary("bitwiseXor", ops.bitwiseXor);
export const shiftLeft = binary("shiftLeft", ops.shiftLeft);
export const shiftRight = binary("shiftRight", ops.shiftRight);

export const equal = predicate("equal", ops.equal);
export const notEqual = predicate("notEqual", ops.notEqual);
export const less = predicate("less", ops.less);
export const lessEqual = predicate("lessEqual", ops.lessEqual);
export const greater = predicate("greater", ops.greater);
export const greaterEqual = predicate("greaterEqual", ops.greaterEqual);
export const logicalAnd = predicate("logicalAnd", ops.logicalAnd);
export const logicalOr = predicate("logicalOr", ops.logicalOr);
export const logicalXor = predicate("logicalXor", ops.logicalXor);

export const neg = unary("neg", ops.neg);
export const abs = unary("abs", ops.abs);
export const sign = unary("sign", ops.sign);
export const exp = unary("exp", ops.exp);
export const expm1 = unary("expm1", ops.expm1);
export const log = unary("log", ops.log);
export const log1p = unary("log1p", ops.log1p);
export const log2 = unary("log2", ops.log2);
export const log10 = unary("log10", ops.log10);
export const sqrt = unary("sqrt", ops.sqrt);
export const rsqrt = unary("rsqrt", ops.rsqrt);
export const square = unary("square", ops.square);
export const reciprocal = unary("reciprocal", ops.reciprocal);
export const sin = unary("sin", ops.sin);
export const cos = unary("cos", ops.cos);
export const tan = unary("tan", ops.tan);
export const asin = unary("asin", ops.asin);
export const acos = unary("acos", ops.acos);
export const atan = unary("atan", ops.atan);
export const sinh = unary("sinh", ops.sinh);
export const cosh = unary("cosh", ops.cosh);
export const tanh = unary("tanh", ops.tanh);
export const erf = unary("erf", ops.erf);
export const erfc = unary("erfc", ops.erfc);
export const erfinv = unary("erfinv", ops.erfinv);
export const floor = unary("floor", ops.floor);
export const ceil = unary("ceil", ops.ceil);
export const round = recorded(
  "round",
  <X extends Operand>(x: X, decimals = 0): Made<X> => made(ops.round(asNode(x), decimals)),
);
export const trunc = unary("trunc", ops.trunc);

// biome-ignore lint/suspicious/noShadowRestrictedNames: the usual name of this operation
export const isNaN = test("isNaN", ops.isNaN);
// biome-ignore lint/suspicious/noShadowRestrictedNames: the usual name of this operation
export const isFinite = test("isFinite", ops.isFinite);
export const logicalNot = test("logicalNot", ops.logicalNot);

export const clip = recorded(
  "clip",
  <X extends Operand>(x: X, low: number | Placed, high: number | Placed): Made<X> => {
    const node = asNode(x);
    return made(ops.clip(node, operand(low, node.dtype), operand(high, node.dtype)));
  },
);
/** `x` where `condition` holds, `y` elsewhere; all three broadcast. */
export const where = recorded(
  "where",
  <C extends Operand, X extends Operand, Y extends Operand>(
    condition: C,
    x: Fits<ShapeIn<C>, X>,
    y: Possible<Chosen<ShapeIn<C>, ShapeIn<X>, ShapeIn<Y>>, Y>,
  ): Made<C | X | Y, AsShape<Chosen<ShapeIn<C>, ShapeIn<X>, ShapeIn<Y>>>, X extends Tensor ? DTypeIn<X> : DTypeIn<Y>> =>
    made(both((a, b) => ops.where(operand(condition, "bool"), a, b), x, y)),
);
/** The values in another element type: float to integer truncates and saturates. */
export const cast = recorded(
  "cast",
  <X extends Operand, D extends DType>(x: X, dtype: D): Made<X, ShapeIn<X>, D> => made(ops.cast(asNode(x), dtype)),
);
