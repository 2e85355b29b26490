import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { binary, both, predicate, test, unary } from "./elementKinds.ts";
import { asNode, type DTypeIn, operand, type ShapeIn, type TensorLike } from "./like.ts";
import { recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";

// Elementwise operations as free functions. They take tensors, numbers, nested arrays and typed arrays.

export const add = binary(ops.add);
export const sub = binary(ops.sub);
export const mul = binary(ops.mul);
export const div = binary(ops.div);
export const floorDivide = binary(ops.floorDivide);
export const mod = binary(ops.mod);
export const pow = binary(ops.pow);
export const maximum = binary(ops.maximum);
export const minimum = binary(ops.minimum);
export const divideNoNaN = binary(ops.divideNoNaN);
export const atan2 = binary(ops.atan2);
export const bitwiseAnd = binary(ops.bitwiseAnd);
export const bitwiseOr = binary(ops.bitwiseOr);
export const bitwiseXor = binary(ops.bitwiseXor);
export const shiftLeft = binary(ops.shiftLeft);
export const shiftRight = binary(ops.shiftRight);

export const equal = predicate(ops.equal);
export const notEqual = predicate(ops.notEqual);
export const less = predicate(ops.less);
export const lessEqual = predicate(ops.lessEqual);
export const greater = predicate(ops.greater);
export const greaterEqual = predicate(ops.greaterEqual);
export const logicalAnd = predicate(ops.logicalAnd);
export const logicalOr = predicate(ops.logicalOr);
export const logicalXor = predicate(ops.logicalXor);

export const neg = unary(ops.neg);
export const abs = unary(ops.abs);
export const sign = unary(ops.sign);
export const exp = unary(ops.exp);
export const expm1 = unary(ops.expm1);
export const log = unary(ops.log);
export const log1p = unary(ops.log1p);
export const log2 = unary(ops.log2);
export const log10 = unary(ops.log10);
export const sqrt = unary(ops.sqrt);
export const rsqrt = unary(ops.rsqrt);
export const square = unary(ops.square);
export const reciprocal = unary(ops.reciprocal);
export const sin = unary(ops.sin);
export const cos = unary(ops.cos);
export const tan = unary(ops.tan);
export const asin = unary(ops.asin);
export const acos = unary(ops.acos);
export const atan = unary(ops.atan);
export const sinh = unary(ops.sinh);
export const cosh = unary(ops.cosh);
export const tanh = unary(ops.tanh);
export const erf = unary(ops.erf);
export const erfc = unary(ops.erfc);
export const erfinv = unary(ops.erfinv);
export const floor = unary(ops.floor);
export const ceil = unary(ops.ceil);
export const round = unary(ops.round);
export const trunc = unary(ops.trunc);

// biome-ignore lint/suspicious/noShadowRestrictedNames: the usual name of this operation
export const isNaN = test(ops.isNaN);
// biome-ignore lint/suspicious/noShadowRestrictedNames: the usual name of this operation
export const isFinite = test(ops.isFinite);
export const logicalNot = test(ops.logicalNot);

export const clip = recorded(
  <X extends TensorLike>(x: X, low: number | Tensor, high: number | Tensor): Tensor<ShapeIn<X>, DTypeIn<X>> => {
    const node = asNode(x);
    return new Tensor(ops.clip(node, operand(low, node.dtype), operand(high, node.dtype)));
  },
);
/** `x` where `condition` holds, `y` elsewhere; all three broadcast. */
export const where = recorded(
  <X extends TensorLike, Y extends TensorLike>(
    condition: TensorLike,
    x: X,
    y: Y,
  ): Tensor<Shape, X extends Tensor ? DTypeIn<X> : DTypeIn<Y>> =>
    new Tensor(both((a, b) => ops.where(operand(condition, "bool"), a, b), x, y)),
);
/** The values in another element type: float to integer truncates and saturates. */
export const cast = recorded(
  <X extends TensorLike, D extends DType>(x: X, dtype: D): Tensor<ShapeIn<X>, D> =>
    new Tensor(ops.cast(asNode(x), dtype)),
);
