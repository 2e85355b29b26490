import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { type Tensor, tensor } from "../../tensor/index.ts";
import { demandTensor, within } from "../checks.ts";
import { choice, count, optional, real } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type Config, type LayerOptions, type Variables } from "../layer.ts";
import type { Structure } from "../structure.ts";
import { encoded, outputModes } from "./encoding.ts";
import { type Adaptable, arraysOf } from "./hostData.ts";
import { numbers } from "./numbers.ts";
import { boundariesOf, merged, summarized } from "./quantiles.ts";

const fields = {
  /** Where one bin ends and the next begins, rising: [0, 1, 2] makes the bins below 0, [0, 1), [1, 2), and from 2 on. */
  binBoundaries: optional(numbers(1)),
  /** Number of bins that `adapt` makes, of equally many values each. */
  numBins: optional(count()),
  /** How closely `adapt` looks for quantiles. Default 0.01. */
  epsilon: real(0.01, (name, value) => within(name, value, 1e-6, 1)),
  /** Default int: the number of the bin. */
  outputMode: choice(outputModes, "int"),
};
export interface DiscretizationOptions extends LayerOptions, GivenOf<typeof fields> {}

/** The bin of each number: bins are given, or `adapt` cuts data into bins of equally many values. */
export class Discretization extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Discretization";
  static readonly fields = fields;
  #boundaries: readonly number[] | undefined;

  constructor(options: DiscretizationOptions = {}) {
    super(options);
    const { binBoundaries, numBins } = this.options;
    if (binBoundaries === undefined && numBins === undefined) {
      throw new ArgumentError({
        what: `${this.name}: there are neither binBoundaries nor numBins`,
        hint: "discretization({ binBoundaries: [0, 1, 2] }), or { numBins: 4 } and adapt(data)",
      });
    }
    this.#boundaries = binBoundaries === undefined ? undefined : [...binBoundaries.data];
    if (this.#boundaries?.some((value, at, all) => at > 0 && value < all[at - 1]!))
      throw new ArgumentError(`${this.name}: binBoundaries must rise, received [${this.#boundaries.join(", ")}]`);
  }

  /** Where bins end; undefined before `adapt`. */
  get binBoundaries(): readonly number[] | undefined {
    return this.#boundaries;
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor): Tensor {
    const boundaries = this.#boundaries;
    if (boundaries === undefined) {
      throw new ArgumentError({
        what: `${this.name}: the bins are not known yet`,
        hint: "await layer.adapt(data) first, or give binBoundaries",
      });
    }
    // The number of boundaries that are not above x; NaN is in the last bin, as in NumPy.
    const edges = tensor(Float32Array.from(boundaries));
    const below = floating(x).expandDims(-1).less(edges).logicalNot();
    const bins = boundaries.length === 0 ? x.mul(0).cast("i32") : below.cast("i32").sum(-1);
    return encoded(bins as Tensor, this.options.outputMode, boundaries.length + 1);
  }

  /** Cuts the values of data into `numBins` bins: an array, a tensor, or batches of them in an iterable or a Dataset. */
  async adapt(data: Adaptable): Promise<this> {
    const { numBins, epsilon } = this.options;
    if (numBins === undefined) {
      throw new ArgumentError({
        what: `${this.name}: the bins are given by binBoundaries`,
        hint: "to learn them from data give their number instead: discretization({ numBins: 4 })",
      });
    }
    let summary = summarized(new Float32Array(0), epsilon);
    for await (const batch of arraysOf(this.name, data))
      summary = merged(summarized(Float32Array.from(batch.data), epsilon), summary, epsilon);
    if (summary.values.length === 0) throw new ArgumentError(`${this.name}: adapt received no data`);
    this.#boundaries = boundariesOf(summary, numBins);
    return this;
  }

  override config(): Config {
    return { ...super.config(), binBoundaries: this.#boundaries ?? null };
  }
}
