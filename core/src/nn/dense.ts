import type { Shape } from "../base/shape.ts";
import type { Tensor, WithLast } from "../tensor/index.ts";
import { demandLast, demandMinimumRank } from "./checks.ts";
import { count } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { biasOf, type KernelVariables, kernelFields, kernelOf } from "./kernelAndBias.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";

const fields = { units: count(), ...kernelFields };

export interface DenseOptions extends LayerOptions, GivenOf<typeof fields, "units"> {}

/** y = activation(x·kernel + bias), over the last axis: [..., features] → [..., units]. */
export class Dense<Units extends number = number> extends AnyLayer<KernelVariables, typeof fields> {
  static override readonly name: string = "Dense";
  static readonly fields = fields;
  static readonly positional = ["units"];
  static readonly masking = "keep";
  readonly units: Units;

  constructor(units: Units, options: DenseOptions = {}) {
    super(options, { units });
    this.units = units;
  }

  override build(input: Shape): KernelVariables {
    const kernel = kernelOf([input.at(-1)!, this.units], this.options);
    return { kernel, ...biasOf([this.units], this.options) };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    if (this.built) demandLast(input, this.own.kernel.shape[0]!);
  }

  override call<S extends Shape>(x: Tensor<S>, { kernel, bias }: KernelVariables): Tensor<WithLast<S, Units>> {
    const product = floating(x).matmul(kernel);
    const sum = bias === undefined ? product : product.add(bias);
    // matmul's type cannot follow a kernel whose size is known only at run time.
    return this.options.activation(sum) as Tensor<WithLast<S, Units>>;
  }
}
