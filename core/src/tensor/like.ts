import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { hostLeaf } from "../engine/index.ts";
import { constant } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import { dtypeOfArray, flattenNested, isTypedArray, pack } from "./data.ts";
import type { Recording, sizes } from "./recorded.ts";
import type { Tensor } from "./tensor.ts";
import type { AsShape, Broadcast, DTypeOf, Nested, Possible, ShapeOf, TypedArray } from "./types.ts";

/** What operations accept: tensors, numbers, nested arrays, typed arrays. */
export type TensorLike = Tensor | Nested | TypedArray;

/** The shape of an operand, as far as its type tells. Typed arrays are what is left: to compare with them is costly. */
export type ShapeIn<X> = X extends number | boolean
  ? []
  : X extends Tensor<infer S extends Shape>
    ? S
    : X extends { readonly [sizes]: infer S extends Shape }
      ? S
      : X extends readonly unknown[]
        ? ShapeOf<X>
        : [number];
/** The element type of a TensorLike. */
export type DTypeIn<X> = X extends number
  ? "f32"
  : X extends boolean
    ? "bool"
    : X extends Tensor<Shape, infer D extends DType>
      ? D
      : X extends TypedArray
        ? DType
        : DTypeOf<X>;
/** `Y` where it broadcasts with a shape, else the sentence why it does not. */
export type Fits<A extends Shape, Y> = Possible<Broadcast<A, ShapeIn<Y>>, Y>;
/** The shape that they broadcast to. */
export type Elementwise<A extends Shape, Y> = AsShape<Broadcast<A, ShapeIn<Y>>>;

/** What functions are given as their types have it. Of recordings and sentences (in place of what does not fit) none gets here. */
export type Given = TensorLike | Recording | string;

/** Tells tensors from host data without importing their class. */
export const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "node" in x;

/** `x` as an operand of `ops/`: numbers stay weak, host arrays take the dtype of their partner. */
export function operand(x: Given, dtype?: DType): Node | number {
  if (typeof x === "number") return x;
  if (typeof x === "boolean") return dtype === undefined ? constant(Number(x), "bool") : Number(x);
  return isTensor(x) ? x.node : hostNode(x as Nested | TypedArray, dtype); // the others do not get here
}

/** `x` as a node; numbers become scalars of `dtype`, or f32. */
export function asNode(x: Given, dtype?: DType): Node {
  const given = operand(x, dtype);
  return typeof given === "number" ? constant(given, dtype ?? "f32") : given;
}

/** A leaf for host data, in `dtype` or the dtype of the data. */
export function hostNode(x: Nested | TypedArray, dtype?: DType, shape?: Shape): Node {
  if (isTypedArray(x))
    return hostLeaf(pack(x, dtype ?? dtypeOfArray(x)), shape ?? [x.length], dtype ?? dtypeOfArray(x));
  const flat = flattenNested(x);
  const type = dtype ?? (flat.boolean ? "bool" : "f32");
  return hostLeaf(pack(flat.values, type), shape ?? flat.shape, type);
}
