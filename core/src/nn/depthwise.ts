import type { Shape } from "../base/shape.ts";
import { conv, depthwiseConv, type Tensor, type Variable } from "../tensor/index.ts";
import { demandLast, demandWindow, type PaddingName } from "./checks.ts";
import { activation, choice, constraint, count, flag, initializer, regularizer, sizes } from "./fieldKinds.ts";
import type { GivenOf, ValuesOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { biasOf } from "./kernelAndBias.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";
import { weight } from "./weight.ts";

/** What depthwise and separable convolutions share. */
const fieldsOf = (rank: 1 | 2) => ({
  kernelSize: sizes(rank),
  /** Steps between windows, one for all axes or one an axis. Default 1. */
  strides: sizes(rank, 1),
  /** `same` keeps the size (at stride 1) by zeros. `causal` (1-D): all zeros at the beginning. Default valid: none. */
  padding: choice<PaddingName>(rank === 1 ? ["valid", "same", "causal"] : ["valid", "same"], "valid"),
  /** Filters for each channel. Default 1. */
  depthMultiplier: count(1),
  /** Distance between the elements of a window. Default 1. */
  dilationRate: sizes(rank, 1),
  /** Applied to the result. Default linear. */
  activation: activation(),
  /** Whether to add a learned offset. Default true. */
  useBias: flag(true),
  /** Default glorotUniform. */
  depthwiseInitializer: initializer("glorotUniform"),
  /** Default zeros. */
  biasInitializer: initializer("zeros"),
  depthwiseRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  depthwiseConstraint: constraint(),
  biasConstraint: constraint(),
});

const separableFieldsOf = (rank: 1 | 2) => ({
  filters: count(),
  ...fieldsOf(rank),
  /** Default glorotUniform. */
  pointwiseInitializer: initializer("glorotUniform"),
  pointwiseRegularizer: regularizer(),
  pointwiseConstraint: constraint(),
});

type DepthwiseFields = ReturnType<typeof fieldsOf>;
type SeparableFields = ReturnType<typeof separableFieldsOf>;
export interface DepthwiseConvOptions extends LayerOptions, GivenOf<DepthwiseFields, "kernelSize"> {}
export interface SeparableConvOptions extends LayerOptions, GivenOf<SeparableFields, "filters" | "kernelSize"> {}

/** [...window, channels, multiplier] */
const depthwiseKernel = (channels: number, options: ValuesOf<DepthwiseFields>): Variable =>
  weight([...options.kernelSize, channels, options.depthMultiplier], {
    initializer: options.depthwiseInitializer,
    regularizer: options.depthwiseRegularizer,
    constraint: options.depthwiseConstraint,
  });

function depthwise(x: Tensor, kernel: Tensor, options: ValuesOf<DepthwiseFields>): Tensor {
  const { strides, padding, dilationRate: dilation } = options;
  return depthwiseConv(floating(x), kernel, { strides, padding, dilation });
}

type DepthwiseVariables = { readonly kernel: Variable; readonly bias?: Variable };

/** A convolution for each channel by itself: [..., channels] → [..., channels · depthMultiplier]. */
abstract class DepthwiseConv extends AnyLayer<DepthwiseVariables, DepthwiseFields> {
  static readonly positional = ["kernelSize"];
  abstract readonly rank: Rank;

  constructor(kernelSize: Sizes, options: DepthwiseConvOptions = {}) {
    super(options, { kernelSize });
  }

  override build(input: Shape): DepthwiseVariables {
    const channels = input.at(-1)!;
    const bias = biasOf([channels * this.options.depthMultiplier], this.options);
    return { kernel: depthwiseKernel(channels, this.options), ...bias };
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
    if (this.built) demandLast(input, this.own.kernel.shape.at(-2)!);
    demandWindow(input, this.options);
  }

  override call(x: Tensor, { kernel, bias }: DepthwiseVariables): Tensor {
    const sum = depthwise(x, kernel, this.options);
    return this.options.activation(bias === undefined ? sum : sum.add(bias));
  }
}

export class DepthwiseConv1D extends DepthwiseConv {
  static override readonly name: string = "DepthwiseConv1D";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class DepthwiseConv2D extends DepthwiseConv {
  static override readonly name: string = "DepthwiseConv2D";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

type SeparableVariables = {
  readonly depthwiseKernel: Variable;
  readonly pointwiseKernel: Variable;
  readonly bias?: Variable;
};

/** A depthwise convolution, then one of size 1 that mixes the channels (Chollet 2017): [..., channels] → [..., filters]. */
abstract class SeparableConv extends AnyLayer<SeparableVariables, SeparableFields> {
  static readonly positional = ["filters", "kernelSize"];
  abstract readonly rank: Rank;

  constructor(filters: number, kernelSize: Sizes, options: SeparableConvOptions = {}) {
    super(options, { filters, kernelSize });
  }

  override build(input: Shape): SeparableVariables {
    const { filters, kernelSize, depthMultiplier, ...options } = this.options;
    const pointwise = weight([...kernelSize.map(() => 1), input.at(-1)! * depthMultiplier, filters], {
      initializer: options.pointwiseInitializer,
      regularizer: options.pointwiseRegularizer,
      constraint: options.pointwiseConstraint,
    });
    return {
      depthwiseKernel: depthwiseKernel(input.at(-1)!, this.options),
      pointwiseKernel: pointwise,
      ...biasOf([filters], options),
    };
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
    if (this.built) demandLast(input, this.own.depthwiseKernel.shape.at(-2)!);
    demandWindow(input, this.options);
  }

  override call(x: Tensor, { depthwiseKernel, pointwiseKernel, bias }: SeparableVariables): Tensor {
    const sum = conv(depthwise(x, depthwiseKernel, this.options), pointwiseKernel);
    return this.options.activation(bias === undefined ? sum : sum.add(bias));
  }
}

export class SeparableConv1D extends SeparableConv {
  static override readonly name: string = "SeparableConv1D";
  static readonly fields = separableFieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

export class SeparableConv2D extends SeparableConv {
  static override readonly name: string = "SeparableConv2D";
  static readonly fields = separableFieldsOf(2);
  get rank() {
    return 2 as const;
  }
}
