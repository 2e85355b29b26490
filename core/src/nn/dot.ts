import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, range, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { einsum, normalize, type Tensor } from "../tensor/index.ts";
import { axes, flag } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";

const fields = {
  /** The axis of both inputs that is summed over, or one axis of each; the batch is axis 0. */
  axes: { ...axes(-1), initial: undefined, optional: false },
  /** Divides by the norms along the axes first, so that the result is a cosine. Default false. */
  normalize: flag(false),
};

export interface DotOptions extends LayerOptions, GivenOf<typeof fields, "axes"> {}

/** Products of two tensors, summed over one axis of each, example by example. */
export class Dot extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Dot";
  static readonly fields = fields;
  static readonly positional = ["axes"];

  constructor(axes: number | readonly number[], options: DotOptions = {}) {
    super(options, { axes });
    if (typeof axes !== "number" && axes.length !== 2)
      throw new ArgumentError(`axes must be one axis or two, received [${axes.join(", ")}]`);
  }

  /** The axis of each input, counted from the front. */
  #axesOf(ranks: readonly number[]): readonly [number, number] {
    const given = this.options.axes;
    const pair = typeof given === "number" ? [given, given] : given;
    const [left, right] = pair.map((axis, at) => (axis < 0 ? axis + ranks[at]! : axis));
    return [left!, right!]; // the constructor has demanded two
  }

  override check(shapes: readonly Shape[]): void {
    const two = Array.isArray(shapes) && shapes.length === 2 && shapes.every((shape) => Array.isArray(shape));
    if (!two) throw new ArgumentError(`${scopeNow()}: expected a list of two tensors`);
    const [left, right] = this.#axesOf(shapes.map(({ length }) => length));
    const inside = left >= 1 && right >= 1;
    if (inside && shapes[0]![left] !== undefined && shapes[0]![left] === shapes[1]![right]) return;
    throw new ShapeError({
      what: `${scopeNow()}: the sizes of axes ${left} and ${right} differ, or are not there`,
      details: shapes.map((shape, index) => ({ role: `input ${index}`, value: printShape(shape) })),
    });
  }

  override call(xs: readonly [Tensor, Tensor]): Tensor {
    const [x, y] = xs.map(floating) as [Tensor, Tensor]; // two were demanded
    const [left, right] = this.#axesOf([x.rank, y.rank]);
    const [a, b] = this.options.normalize ? [normalize(x, left), normalize(y, right)] : [x, y];
    // z is the batch, s what is summed over; the others keep their order.
    const labels = (rank: number, summed: number, from: number): string =>
      range(rank)
        .map((axis) => (axis === 0 ? "z" : axis === summed ? "s" : String.fromCharCode(from + axis)))
        .join("");
    const [first, second] = [labels(x.rank, left, 96), labels(y.rank, right, 105)];
    const kept = [...first, ...second.slice(1)].filter((label) => label !== "s").join("");
    const product = einsum(`${first},${second}->${kept}`, a, b);
    return product.rank === 1 ? (product.expandDims(1) as Tensor) : product;
  }
}
