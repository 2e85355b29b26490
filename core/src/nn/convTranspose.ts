import type { Shape } from "../base/shape.ts";
import { convTranspose, type Tensor } from "../tensor/index.ts";
import { demandLast, type PaddingName } from "./checks.ts";
import { choice, count, optional, sizes } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { biasOf, type KernelVariables, kernelFields, kernelOf } from "./kernelAndBias.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";

const fieldsOf = (rank: Rank) => ({
  filters: count(),
  /** The window, one size for all axes or one an axis. */
  kernelSize: sizes(rank),
  /** How far apart windows are put down, one for all axes or one an axis. Default 1. */
  strides: sizes(rank, 1),
  /** `same` gives input · stride. Default valid: all that the windows cover. */
  padding: choice<Exclude<PaddingName, "causal">>(["valid", "same"], "valid"),
  /** Elements added at the end of each axis; less than the stride. Default: what `padding` says. */
  outputPadding: optional(sizes(rank, undefined, 0)),
  /** Distance between the elements of a window. Default 1. */
  dilationRate: sizes(rank, 1),
  ...kernelFields,
});

type TransposeFields = ReturnType<typeof fieldsOf>;
export interface ConvTransposeOptions extends LayerOptions, GivenOf<TransposeFields, "filters" | "kernelSize"> {}

/** What transposed convolutions of all ranks share: the derivative of a convolution by its input, as a layer. */
abstract class ConvTranspose extends AnyLayer<KernelVariables, TransposeFields> {
  static readonly positional = ["filters", "kernelSize"];
  abstract readonly rank: Rank;

  constructor(filters: number, kernelSize: Sizes, options: ConvTransposeOptions = {}) {
    super(options, { filters, kernelSize });
  }

  override build(input: Shape): KernelVariables {
    const { kernelSize, filters } = this.options;
    const kernel = kernelOf([...kernelSize, filters, input.at(-1)!], this.options);
    return { kernel, ...biasOf([filters], this.options) };
  }

  override check(input: Shape): void {
    demandImages(input, this.rank);
    if (this.built) demandLast(input, this.own.kernel.shape.at(-1)!);
  }

  override call(x: Tensor, { kernel, bias }: KernelVariables): Tensor {
    const { strides, padding, dilationRate: dilation, outputPadding, activation } = this.options;
    const sum = convTranspose(floating(x), kernel, { strides, padding, dilation, outputPadding });
    return activation(bias === undefined ? sum : sum.add(bias));
  }
}

/** Transposed convolution over steps: [batch, steps, channels] → [batch, steps', filters]. */
export class Conv1DTranspose extends ConvTranspose {
  static override readonly name: string = "Conv1DTranspose";
  static readonly fields = fieldsOf(1);
  get rank() {
    return 1 as const;
  }
}

/** Transposed convolution over images: [batch, height, width, channels] → [batch, height', width', filters]. */
export class Conv2DTranspose extends ConvTranspose {
  static override readonly name: string = "Conv2DTranspose";
  static readonly fields = fieldsOf(2);
  get rank() {
    return 2 as const;
  }
}

/** Transposed convolution over volumes: [batch, depth, height, width, channels] → [batch, …', filters]. */
export class Conv3DTranspose extends ConvTranspose {
  static override readonly name: string = "Conv3DTranspose";
  static readonly fields = fieldsOf(3);
  get rank() {
    return 3 as const;
  }
}
