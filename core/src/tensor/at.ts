import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { isTensor, operand, type TensorLike } from "./like.ts";
import type { Tensor } from "./tensor.ts";

/** One item of a place: as in `slice`, or one integer tensor of indices along the first axis. */
export type AtItem = ops.SliceItem | Tensor;

/** A place in a tensor. Its methods return new tensors with other elements there. */
export class At<out S extends Shape, out D extends DType> {
  readonly #tensor: Tensor<S, D>;
  readonly #place: readonly AtItem[];
  readonly #wrap: (node: Node) => Tensor<S, D>;

  /** Internal: made by `tensor.at`. `wrap` makes the results. */
  constructor(tensor: Tensor<S, D>, place: readonly AtItem[], wrap: (node: Node) => Tensor<S, D>) {
    this.#tensor = tensor;
    this.#place = place;
    this.#wrap = wrap;
  }

  /** The elements there. */
  get(): Tensor<Shape, D> {
    const [first] = this.#place;
    if (isTensor(first)) return this.#tensor.take(first, 0);
    const whole: Tensor<Shape, D> = this.#tensor;
    return whole.slice(this.#spec());
  }

  /** The tensor with `values` there. */
  set(values: TensorLike): Tensor<S, D> {
    return this.#scatter(ops.scatterSet, values);
  }

  /** The tensor with `values` added there; where an index occurs several times, all of its values. */
  add(values: TensorLike): Tensor<S, D> {
    return this.#scatter(ops.scatterAdd, values);
  }

  /** The tensor with the greater of its element and the value there. */
  max(values: TensorLike): Tensor<S, D> {
    return this.#scatter(ops.scatterMax, values);
  }

  #scatter(
    scatter: (x: Node, indices: Node, updates: Node | number, axis?: number) => Node,
    values: TensorLike,
  ): Tensor<S, D> {
    const { node, dtype, size, shape } = this.#tensor;
    const update = operand(values, dtype);
    const [first] = this.#place;
    if (isTensor(first)) return this.#wrap(scatter(node, first.node, update, 0));
    // The flat position of every element there: the same slice of the positions of all.
    const positions = ops.slice(ops.reshape(ops.arange(0, size, 1, "i32"), shape), this.#spec());
    const spread = typeof update === "number" ? update : ops.ravel(ops.broadcastTo(update, positions.shape));
    return this.#wrap(ops.reshape(scatter(ops.ravel(node), ops.ravel(positions), spread, 0), shape));
  }

  #spec(): ops.SliceSpec {
    return this.#place.filter((item) => !isTensor(item)) as ops.SliceSpec; // the filter leaves slice items only
  }
}
