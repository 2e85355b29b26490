import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../../base/shape.ts";
import { maximum, type Tensor, tensor, type Variable, variable } from "../../tensor/index.ts";
import { fromFront } from "../affine.ts";
import { demandAxis, demandTensor } from "../checks.ts";
import { axes, flag, optional } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type LayerOptions } from "../layer.ts";
import type { Structure } from "../structure.ts";
import { type Adaptable, arraysOf, type HostArray } from "./hostData.ts";
import { type Numbers, numbers } from "./numbers.ts";

const fields = {
  /** The axes whose entries have a mean and a variance each; an empty list has one for all. Default −1, the features. */
  axis: axes(-1),
  /** Known means, one an entry of `axis`, or one for all; `variance` goes with them. Default: learned by `adapt`. */
  mean: optional(numbers(4)),
  variance: optional(numbers(4)),
  /** Whether to go back from normalized values to those of the data. Default false. */
  invert: flag(false),
};
export interface NormalizationOptions extends LayerOptions, Omit<GivenOf<typeof fields>, "axis"> {
  /** As above; null is an empty list, as in Keras. */
  readonly axis?: number | readonly number[] | null | undefined;
}

/** What `adapt` has learned; without it the mean is 0 and the variance 1. */
export type NormalizationVariables =
  | { readonly mean: Variable; readonly variance: Variable; readonly count: Variable }
  | Record<never, Variable>;

// A deviation is taken for at least this (Keras's epsilon), so that constant features give 0.
const leastDeviation = 1e-7;

/** (x − mean) / √variance, with statistics that are given, or that `adapt` takes from data before training. */
export class Normalization extends AnyLayer<NormalizationVariables, typeof fields> {
  static override readonly name: string = "Normalization";
  static readonly fields = fields;
  static readonly masking = "keep";

  constructor(options: NormalizationOptions = {}) {
    super((options.axis === null ? { ...options, axis: [] } : options) as LayerOptions); // with this class's fields
    const { mean, variance } = this.options;
    if ((mean === undefined) !== (variance === undefined))
      throw new ArgumentError(`${this.name}: mean and variance belong together, one of them is missing`);
    if (mean !== undefined && variance !== undefined && String(mean.shape) !== String(variance.shape)) {
      throw new ArgumentError(
        `${this.name}: mean has the shape ${printShape(mean.shape)}, variance ${printShape(variance.shape)}`,
      );
    }
  }

  override build(input: Shape): NormalizationVariables {
    if (this.options.mean !== undefined) return {};
    const shape = this.#kept(input).map((axis) => demandKnown(this.name, input, axis));
    const state = (value: number): Variable =>
      variable(tensor(new Float32Array(sizeOf(shape)).fill(value), { shape }), { trainable: false }) as Variable;
    const count = variable(tensor(0, { dtype: "i32" }), { trainable: false }) as Variable;
    return { mean: state(0), variance: state(1), count };
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
    const kept = this.#kept(input);
    const { mean } = this.#own;
    for (const [at, axis] of kept.entries()) demandAxis(input, axis, mean?.shape[at]);
  }

  override call(x: Tensor, variables: NormalizationVariables): Tensor {
    const kept = this.#kept(x.shape);
    const shape = x.shape.map((size, axis) => (kept.includes(axis) ? size : 1));
    const { mean, variance } =
      "mean" in variables
        ? { mean: variables.mean.read().reshape(shape), variance: variables.variance.read().reshape(shape) }
        : this.#given(x.shape, kept);
    const values = floating(x);
    const deviation = maximum(variance.sqrt(), leastDeviation);
    return (this.options.invert ? values.mul(deviation).add(mean) : values.sub(mean).div(deviation)) as Tensor;
  }

  /** Takes mean and variance from data: an array, a tensor, or batches of them in an iterable or a Dataset. */
  async adapt(data: Adaptable): Promise<this> {
    if (this.options.mean !== undefined) {
      throw new ArgumentError({
        what: `${this.name}: mean and variance are given, there is nothing to adapt`,
        hint: "leave them out: layers.normalization()",
      });
    }
    const moments = new Moments();
    for await (const batch of arraysOf(this.name, data)) moments.add(batch, this.#kept(batch.shape), this.name);
    const { mean, variance, shape, count } = moments.result(this.name);
    this.variablesFor(shape);
    const own = this.own;
    if (!("mean" in own)) return this;
    own.mean.assign(tensor(mean, { shape: own.mean.shape }));
    own.variance.assign(tensor(variance, { shape: own.variance.shape }));
    own.count.assign(tensor(Math.min(count, 2 ** 31 - 1), { dtype: "i32" }));
    return this;
  }

  /** The means: those given, or those that `adapt` has learned; undefined before. */
  get mean(): Tensor | undefined {
    return this.options.mean?.tensor() ?? this.#own.mean?.read();
  }

  /** The variances: those given, or those that `adapt` has learned; undefined before. */
  get variance(): Tensor | undefined {
    return this.options.variance?.tensor() ?? this.#own.variance?.read();
  }

  get #own(): { readonly mean?: Variable; readonly variance?: Variable } {
    return this.built ? this.own : {};
  }

  /** The axes with statistics of their own, counted from the front, in order. */
  #kept(input: Shape): readonly number[] {
    const { axis } = this.options;
    const list = typeof axis === "number" ? [axis] : axis;
    for (const one of list) demandAxis(input, one, undefined);
    return [...new Set(list.map((one) => fromFront(one, input.length)))].sort((a, b) => a - b);
  }

  /** Statistics that came with the options, in the shape in which they broadcast: theirs are the last axes of `kept`. */
  #given(input: Shape, kept: readonly number[]): { readonly mean: Tensor; readonly variance: Tensor } {
    const { mean, variance } = this.options as { readonly mean: Numbers; readonly variance: Numbers }; // as #own says
    if (mean.shape.length > kept.length) {
      throw new ShapeError({
        what: `${this.name}: mean has the shape ${printShape(mean.shape)}, but axis names ${kept.length} axes`,
        hint: "one number an entry of the axis: mean: [1, 2, 3]",
      });
    }
    const shape = input.map(() => 1);
    mean.shape.forEach((size, at) => {
      const axis = kept[kept.length - mean.shape.length + at]!;
      if (size !== 1) demandAxis(input, axis, size);
      shape[axis] = size;
    });
    return { mean: mean.tensor(shape), variance: variance.tensor(shape) };
  }
}

function demandKnown(name: string, input: Shape, axis: number): number {
  const size = input[axis];
  if (typeof size === "number") return size;
  throw new ShapeError(`${name}: the size of axis ${axis} must be known, received ${printShape(input)}`);
}

/** Mean and variance of batches, merged in f64 (Chan, Golub, LeVeque 1979): as exact for one batch as for many. */
class Moments {
  #mean = new Float64Array(0);
  #squares = new Float64Array(0);
  #shape: Shape = [];
  #kept: readonly number[] = [];
  #count = 0;

  add({ data, shape }: HostArray, kept: readonly number[], name: string): void {
    const sizes = kept.map((axis) => shape[axis]!);
    if (this.#count === 0) {
      this.#mean = new Float64Array(sizeOf(sizes));
      this.#squares = new Float64Array(sizeOf(sizes));
      [this.#shape, this.#kept] = [shape, kept];
    } else if (String(sizes) !== String(this.#kept.map((axis) => this.#shape[axis]))) {
      throw new ShapeError({
        what: `${name}: adapt received batches of different shapes`,
        details: [
          { role: "first", value: printShape(this.#shape) },
          { role: "later", value: printShape(shape) },
        ],
      });
    }
    const groups = this.#mean.length;
    const count = groups === 0 ? 0 : data.length / groups;
    if (count === 0) return;
    const places = placesOf(shape, kept);
    const mean = new Float64Array(groups);
    const squares = new Float64Array(groups);
    for (let at = 0; at < data.length; at++) mean[places[at % places.length]!]! += data[at]!;
    for (let at = 0; at < groups; at++) mean[at]! /= count;
    for (let at = 0; at < data.length; at++) {
      const place = places[at % places.length]!;
      squares[place]! += (data[at]! - mean[place]!) ** 2;
    }
    const total = this.#count + count;
    for (let at = 0; at < groups; at++) {
      const distance = mean[at]! - this.#mean[at]!;
      this.#mean[at]! += (distance * count) / total;
      this.#squares[at]! += squares[at]! + distance ** 2 * ((this.#count * count) / total);
    }
    this.#count = total;
  }

  result(name: string) {
    if (this.#count === 0) throw new ArgumentError(`${name}: adapt received no data`);
    return {
      mean: Float32Array.from(this.#mean),
      variance: Float32Array.from(this.#squares, (sum) => sum / this.#count),
      shape: this.#shape,
      count: this.#count,
    };
  }
}

/** Where element `at` of an array counts among the kept axes; periodic, so only one example where the batch is not kept. */
function placesOf(shape: Shape, kept: readonly number[]): Int32Array {
  const from = kept.includes(0) ? 0 : 1;
  const sizes = shape.slice(from);
  const places = new Int32Array(Math.max(1, sizeOf(sizes)));
  let stride = 1;
  let inside = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = sizes[axis]!;
    if (kept.includes(axis + from)) {
      for (let at = 0; at < places.length; at++) places[at]! += (Math.floor(at / inside) % size) * stride;
      stride *= size;
    }
    inside *= size;
  }
  return places;
}
