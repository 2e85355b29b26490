import type { DType } from "../base/dtype.ts";
import type { Node } from "../graph/node.ts";
import { asNode, type DTypeIn, type Fits, operand, type ShapeIn, type TensorLike } from "./like.ts";
import { type Recorded, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { Broadcast } from "./types.ts";

// What makes free functions out of elementwise operations.

type Operand = Node | number;

type Unary = <X extends TensorLike>(x: X) => Tensor<ShapeIn<X>, DTypeIn<X>>;
type Test = <X extends TensorLike>(x: X) => Tensor<ShapeIn<X>, "bool">;
type Binary = <X extends TensorLike, Y extends TensorLike>(
  x: X,
  y: Y & Fits<ShapeIn<X>, Y>,
) => Tensor<Broadcast<ShapeIn<X>, ShapeIn<Y>>, X extends Tensor ? DTypeIn<X> : DTypeIn<Y>>;
type Predicate<O> = <X extends TensorLike, Y extends TensorLike>(
  x: X,
  y: Y & Fits<ShapeIn<X>, Y>,
  options?: O,
) => Tensor<Broadcast<ShapeIn<X>, ShapeIn<Y>>, "bool">;

/** Numbers and host arrays take the dtype of the tensor that they meet. */
export const both = (op: (x: Operand, y: Operand) => Node, x: TensorLike, y: TensorLike): Node => {
  const dtype = dtypeOf(x) ?? dtypeOf(y);
  return op(operand(x, dtype), operand(y, dtype));
};
const dtypeOf = (x: TensorLike): DType | undefined => (x instanceof Tensor ? x.dtype : undefined);

export const unary = (name: string, op: (x: Node) => Node): Recorded<Unary> =>
  recorded<Unary>(name, (x) => new Tensor(op(asNode(x))));
export const test = (name: string, op: (x: Node) => Node): Recorded<Test> =>
  recorded<Test>(name, (x) => new Tensor(op(asNode(x))));
export const binary = (name: string, op: (x: Operand, y: Operand) => Node): Recorded<Binary> =>
  recorded<Binary>(name, (x, y) => new Tensor(both(op, x, y)));
export const predicate = <O = never>(
  name: string,
  op: (x: Operand, y: Operand, options: O | undefined) => Node,
): Recorded<Predicate<O>> =>
  recorded<Predicate<O>>(name, (x, y, options) => new Tensor(both((a, b) => op(a, b, options), x, y)));
