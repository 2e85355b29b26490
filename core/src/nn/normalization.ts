import { range, type Shape } from "../base/shape.ts";
import { maximum, rsqrt, type Tensor, type Variable } from "../tensor/index.ts";
import { type Affine, affineFields, affineOf, fromFront, normalized } from "./affine.ts";
import { demandAxis, demandGroups, demandMinimumRank, notNegative } from "./checks.ts";
import { axes, count, integer, real } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import { weight } from "./weight.ts";

// Normalizations that treat each example by itself.

const listOf = (axis: number | readonly number[]): readonly number[] => (typeof axis === "number" ? [axis] : axis);
const sizesAt = (input: Shape, axis: number | readonly number[]): number[] =>
  listOf(axis).map((each) => input.at(each)!);
/** Demands that the axes are there, and have the sizes that the layer was built for. */
const demandAxes = (input: Shape, axis: number | readonly number[], built: Shape | undefined): void => {
  for (const [at, each] of listOf(axis).entries()) demandAxis(input, each, built?.[at]);
};
/** `vector`, of the sizes of the given axes, among axes of size 1. */
const amongOnes =
  (x: Tensor, axis: number | readonly number[]) =>
  (vector: Tensor): Tensor => {
    const own = listOf(axis).map((each) => fromFront(each, x.rank));
    return vector.reshape(x.shape.map((size, at) => (own.includes(at) ? size : 1))) as Tensor;
  };

const layerFields = {
  /** The axis, or the axes in rising order, over which each example is normalised. Default −1. */
  axis: axes(-1),
  ...affineFields,
};
export interface LayerNormalizationOptions extends LayerOptions, GivenOf<typeof layerFields> {}

/** Normalises each example over its last axis, or over given ones (Ba et al. 2016). */
export class LayerNormalization extends AnyLayer<Affine, typeof layerFields> {
  static override readonly name: string = "LayerNormalization";
  static readonly fields = layerFields;
  static readonly masking = "keep";

  constructor(options: LayerNormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): Affine {
    return affineOf(sizesAt(input, this.options.axis), this.options);
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    demandAxes(input, this.options.axis, this.built ? (this.own.gamma ?? this.own.beta)?.shape : undefined);
  }

  override call(x: Tensor, variables: Affine): Tensor {
    const { axis, epsilon } = this.options;
    const values = floating(x);
    const mean = values.mean(axis, { keepDims: true }) as Tensor;
    const variance = values.variance(axis, { keepDims: true }) as Tensor;
    const last = axis === -1 || axis === values.rank - 1;
    return normalized(values, mean, variance, epsilon, variables, last ? undefined : amongOnes(values, axis));
  }
}

const rmsFields = {
  /** The axis, or the axes, over which each example is scaled. Default −1. */
  axis: axes(-1),
  /** Added to the mean square. Default 1e−6. */
  epsilon: real(1e-6, notNegative),
};
export interface RMSNormalizationOptions extends LayerOptions, GivenOf<typeof rmsFields> {}
type Scale = { readonly scale: Variable };

/** x / √(mean(x²) + epsilon) · scale (Zhang & Sennrich 2019). */
export class RMSNormalization extends AnyLayer<Scale, typeof rmsFields> {
  static override readonly name: string = "RMSNormalization";
  static readonly fields = rmsFields;
  static readonly masking = "keep";

  constructor(options: RMSNormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): Scale {
    return { scale: weight(sizesAt(input, this.options.axis), { initializer: "ones" }) };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    demandAxes(input, this.options.axis, this.built ? this.own.scale.shape : undefined);
  }

  override call(x: Tensor, { scale }: Scale): Tensor {
    const { axis, epsilon } = this.options;
    const values = floating(x);
    const square = values.square().mean(axis, { keepDims: true });
    return values.mul(rsqrt(square.add(epsilon))).mul(amongOnes(values, axis)(scale)) as Tensor;
  }
}

const groupFields = {
  /** How many groups the channels are cut into. Default 32. */
  groups: count(32),
  /** The axis of the channels. Default −1. */
  axis: integer(-1),
  ...affineFields,
};
export interface GroupNormalizationOptions extends LayerOptions, GivenOf<typeof groupFields> {}

/** Normalises each example over its positions and the channels of each group (Wu & He 2018). */
export class GroupNormalization extends AnyLayer<Affine, typeof groupFields> {
  static override readonly name: string = "GroupNormalization";
  static readonly fields = groupFields;
  static readonly masking = "keep";

  constructor(options: GroupNormalizationOptions = {}) {
    super(options);
  }

  override build(input: Shape): Affine {
    return affineOf(sizesAt(input, this.options.axis), this.options);
  }

  override check(input: Shape): void {
    const { axis, groups } = this.options;
    demandMinimumRank(input, 2);
    demandAxis(input, axis, this.built ? (this.own.gamma ?? this.own.beta)?.shape[0] : undefined);
    demandGroups(input, axis, groups);
  }

  override call(x: Tensor, variables: Affine): Tensor {
    const { axis, groups, epsilon } = this.options;
    const values = floating(x);
    const channel = fromFront(axis, values.rank);
    const size = values.shape[channel]!;
    // [batch, ..., channels, ...] → [batch, ..., groups, channels / groups, ...]
    const cut = [...values.shape.slice(0, channel), groups, size / groups, ...values.shape.slice(channel + 1)];
    const grouped = values.reshape(cut) as Tensor;
    const within = range(cut.length).filter((at) => at !== 0 && at !== channel);
    const mean = grouped.mean(within, { keepDims: true }) as Tensor;
    const variance = grouped.variance(within, { keepDims: true }) as Tensor;
    const along = (vector: Tensor): Tensor =>
      vector.reshape(cut.map((each, at) => (at === channel || at === channel + 1 ? each : 1))) as Tensor;
    return normalized(grouped, mean, variance, epsilon, variables, along).reshape(values.shape) as Tensor;
  }
}

const unitFields = {
  /** The axis, or the axes, along which norms are taken. Default −1. */
  axis: axes(-1),
};
export interface UnitNormalizationOptions extends LayerOptions, GivenOf<typeof unitFields> {}

/** Divides by the norm along `axis`, so that vectors have length 1. */
export class UnitNormalization extends AnyLayer<Variables, typeof unitFields> {
  static override readonly name: string = "UnitNormalization";
  static readonly fields = unitFields;
  static readonly masking = "keep";

  constructor(options: UnitNormalizationOptions = {}) {
    super(options);
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    demandAxes(input, this.options.axis, undefined);
  }

  override call(x: Tensor): Tensor {
    const values = floating(x);
    const square = values.square().sum(this.options.axis, { keepDims: true });
    // 1e−12 as in Keras, so that vectors of zeros stay zeros.
    return values.mul(rsqrt(maximum(square, 1e-12))) as Tensor;
  }
}
