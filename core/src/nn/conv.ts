import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { conv, type Tensor } from "../tensor/index.ts";
import { demandLast, demandWindow, type PaddingName } from "./checks.ts";
import { choice, count, sizes } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { biasOf, type KernelVariables, kernelFields, kernelOf } from "./kernelAndBias.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";

/** The options of a convolution over `rank` axes. */
const fieldsOf = <P extends PaddingName>(rank: Rank, paddings: readonly P[]) => ({
  filters: count(),
  /** The window, one size for all axes or one an axis. */
  kernelSize: sizes(rank),
  /** Steps between windows, one for all axes or one an axis. Default 1. */
  strides: sizes(rank, 1),
  /**
   * `same` keeps the size (at stride 1) by zeros, more of them at the end; `causal` (1-D) puts all of them at the
   * beginning. Default valid: no zeros.
   */
  padding: choice<PaddingName>(paddings, "valid"),
  /** Distance between the elements of a window. Default 1. */
  dilationRate: sizes(rank, 1),
  /** Splits the channels into groups that do not see each other. Default 1. */
  groups: count(1),
  ...kernelFields,
});

type ConvFields = ReturnType<typeof fieldsOf>;
export interface ConvOptions extends LayerOptions, GivenOf<ConvFields, "filters" | "kernelSize"> {}

/** What convolutions of all ranks share; channels come last. */
abstract class Conv extends AnyLayer<KernelVariables, ConvFields> {
  static readonly positional = ["filters", "kernelSize"];
  abstract readonly rank: Rank;

  constructor(filters: number, kernelSize: Sizes, options: ConvOptions = {}) {
    super(options, { filters, kernelSize });
    const { groups } = this.options;
    if (filters % groups !== 0)
      throw new ArgumentError(`filters must be a multiple of groups, received ${filters} and ${groups}`);
  }

  override build(input: Shape): KernelVariables {
    const { kernelSize, groups, filters } = this.options;
    const kernel = kernelOf([...kernelSize, input.at(-1)! / groups, filters], this.options);
    return { kernel, ...biasOf([filters], this.options) };
  }

  override check(input: Shape): void {
    const { groups } = this.options;
    demandImages(input, this.rank);
    if (this.built) demandLast(input, this.own.kernel.shape.at(-2)! * groups);
    const channels = input.at(-1)!;
    if (channels % groups !== 0) {
      throw new ShapeError(
        `${scopeNow()}: ${channels} channels cannot be split into ${groups} groups, received ${printShape(input)}`,
      );
    }
    demandWindow(input, this.options);
  }

  override call(x: Tensor, { kernel, bias }: KernelVariables): Tensor {
    const { strides, padding, dilationRate: dilation, groups, activation } = this.options;
    const sum = conv(floating(x), kernel, { strides, padding, dilation, groups });
    return activation(bias === undefined ? sum : sum.add(bias));
  }
}

/** Convolution over steps: [batch, steps, channels] → [batch, steps', filters]. */
export class Conv1D extends Conv {
  static override readonly name: string = "Conv1D";
  static readonly fields = fieldsOf(1, ["valid", "same", "causal"]);
  get rank() {
    return 1 as const;
  }
}

/** Convolution over images: [batch, height, width, channels] → [batch, height', width', filters]. */
export class Conv2D extends Conv {
  static override readonly name: string = "Conv2D";
  static readonly fields = fieldsOf(2, ["valid", "same"]);
  get rank() {
    return 2 as const;
  }
}

/** Convolution over volumes: [batch, depth, height, width, channels] → [batch, …', filters]. */
export class Conv3D extends Conv {
  static override readonly name: string = "Conv3D";
  static readonly fields = fieldsOf(3, ["valid", "same"]);
  get rank() {
    return 3 as const;
  }
}
