import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import { conv, type Initializer, type Tensor, type Variable, variable } from "../tensor/index.ts";
import { type Activation, type ActivationName, nameOfActivation, resolveActivation } from "./activations.ts";
import { demandLast, demandRank, demandWindow, oneOf, paddings, perAxis, positive } from "./checks.ts";
import { floating } from "./floating.ts";
import { type InitializerName, resolveInitializer } from "./initializers.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";

export interface ConvOptions extends LayerOptions {
  /** Steps between windows, one for all axes or one an axis. Default 1. */
  readonly strides?: number | readonly number[] | undefined;
  /** `same` keeps the size (at stride 1) by zeros, more of them at the end. Default valid: no zeros. */
  readonly padding?: "valid" | "same" | undefined;
  /** Distance between the elements of a window. Default 1. */
  readonly dilationRate?: number | readonly number[] | undefined;
  /** Splits the channels into groups that do not see each other. Default 1. */
  readonly groups?: number | undefined;
  readonly activation?: ActivationName | Activation | undefined;
  readonly useBias?: boolean | undefined;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerName | Initializer | undefined;
  /** Default zeros. */
  readonly biasInitializer?: InitializerName | Initializer | undefined;
}

export type ConvVariables = { readonly kernel: Variable; readonly bias?: Variable };

const axisNames = { 1: ["steps"], 2: ["height", "width"], 3: ["depth", "height", "width"] } as const;

/** What convolutions of all ranks share; channels come last. */
abstract class Conv extends Layer<ConvVariables> {
  readonly filters: number;
  readonly kernelSize: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "valid" | "same";
  readonly dilationRate: readonly number[];
  readonly groups: number;
  readonly activation: Activation;
  readonly useBias: boolean;
  readonly #rank: 1 | 2 | 3;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;

  constructor(rank: 1 | 2 | 3, filters: number, kernelSize: number | readonly number[], options: ConvOptions) {
    super(options);
    this.#rank = rank;
    this.filters = positive("filters", filters);
    this.kernelSize = perAxis("kernelSize", kernelSize, rank);
    this.strides = perAxis("strides", options.strides ?? 1, rank);
    this.padding = oneOf("padding", options.padding ?? "valid", paddings);
    this.dilationRate = perAxis("dilationRate", options.dilationRate ?? 1, rank);
    this.groups = positive("groups", options.groups ?? 1);
    if (filters % this.groups !== 0)
      throw new ArgumentError(`filters must be a multiple of groups, received ${filters} and ${this.groups}`);
    this.activation = resolveActivation(options.activation);
    this.useBias = options.useBias ?? true;
    this.#kernelInitializer = resolveInitializer(options.kernelInitializer ?? "glorotUniform");
    this.#biasInitializer = resolveInitializer(options.biasInitializer ?? "zeros");
  }

  override build(input: Shape): ConvVariables {
    const channels = input.at(-1)! / this.groups;
    const kernel = variable([...this.kernelSize, channels, this.filters], this.#kernelInitializer);
    return this.useBias ? { kernel, bias: variable([this.filters], this.#biasInitializer) } : { kernel };
  }

  override check(input: Shape): void {
    demandRank(
      input,
      ["batch", ...axisNames[this.#rank], "channels"],
      "images without channels need one: x.expandDims(-1)",
    );
    if (this.built) demandLast(input, this.own.kernel.shape.at(-2)! * this.groups);
    const channels = input.at(-1)!;
    if (channels % this.groups !== 0) {
      throw new ShapeError(
        `${scopeNow()}: ${channels} channels cannot be split into ${this.groups} groups, received ${printShape(input)}`,
      );
    }
    demandWindow(input, this);
  }

  override call(x: Tensor, { kernel, bias }: ConvVariables): Tensor {
    const { strides, padding, dilationRate: dilation, groups } = this;
    const sum = conv(floating(x), kernel, { strides, padding, dilation, groups });
    return this.activation(bias === undefined ? sum : sum.add(bias));
  }

  override config(): Config {
    const { filters, kernelSize, strides, padding, dilationRate, groups, useBias } = this;
    const activation = nameOfActivation(this.activation);
    return { filters, kernelSize, strides, padding, dilationRate, groups, activation, useBias };
  }
}

/** Convolution over steps: [batch, steps, channels] → [batch, steps', filters]. */
export class Conv1D extends Conv {
  constructor(filters: number, kernelSize: number | readonly number[], options: ConvOptions = {}) {
    super(1, filters, kernelSize, options);
  }
}

/** Convolution over images: [batch, height, width, channels] → [batch, height', width', filters]. */
export class Conv2D extends Conv {
  constructor(filters: number, kernelSize: number | readonly number[], options: ConvOptions = {}) {
    super(2, filters, kernelSize, options);
  }
}

/** Convolution over volumes: [batch, depth, height, width, channels] → [batch, …', filters]. */
export class Conv3D extends Conv {
  constructor(filters: number, kernelSize: number | readonly number[], options: ConvOptions = {}) {
    super(3, filters, kernelSize, options);
  }
}
