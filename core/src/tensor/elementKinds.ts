import type { DType } from "../base/dtype.ts";
import type { Node } from "../graph/node.ts";
import { asNode, type DTypeIn, type Elementwise, type Fits, type Given, operand, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";

// What makes free functions out of elementwise operations.

type Scalars = Node | number;

type Unary = <X extends Operand>(x: X) => Made<X>;
type Test = <X extends Operand>(x: X) => Made<X, ShapeIn<X>, "bool">;
type Binary = <X extends Operand, Y extends Operand>(
  x: X,
  y: Fits<ShapeIn<X>, Y>,
) => Made<X | Y, Elementwise<ShapeIn<X>, Y>, X extends Tensor ? DTypeIn<X> : DTypeIn<Y>>;
type Predicate<O> = <X extends Operand, Y extends Operand>(
  x: X,
  y: Fits<ShapeIn<X>, Y>,
  options?: O,
) => Made<X | Y, Elementwise<ShapeIn<X>, Y>, "bool">;

/** Numbers and host arrays take the dtype of the tensor that they meet. */
export const both = (op: (x: Scalars, y: Scalars) => Node, x: Given, y: Given): Node => {
  const dtype = dtypeOf(x) ?? dtypeOf(y);
  return op(operand(x, dtype), operand(y, dtype));
};
const dtypeOf = (x: Given): DType | undefined => (x instanceof Tensor ? x.dtype : undefined);

/* @__NO_SIDE_EFFECTS__ */
export const unary = (name: string, op: (x: Node) => Node): Unary => recorded<Unary>(name, (x) => made(op(asNode(x))));
/* @__NO_SIDE_EFFECTS__ */
export const test = (name: string, op: (x: Node) => Node): Test => recorded<Test>(name, (x) => made(op(asNode(x))));
/* @__NO_SIDE_EFFECTS__ */
export const binary = (name: string, op: (x: Scalars, y: Scalars) => Node): Binary =>
  recorded<Binary>(name, (x, y) => made(both(op, x, y)));
/* @__NO_SIDE_EFFECTS__ */
export const predicate = <O = never>(
  name: string,
  op: (x: Scalars, y: Scalars, options: O | undefined) => Node,
): Predicate<O> => recorded<Predicate<O>>(name, (x, y, options) => made(both((a, b) => op(a, b, options), x, y)));
