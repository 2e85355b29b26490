import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../tensor/index.ts";
import { demandMinimumRank } from "./checks.ts";
import { real } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import { Masked } from "./masked.ts";

const fields = {
  /** The value that stands for nothing. Default 0. */
  maskValue: real(0),
};
export interface MaskingOptions extends LayerOptions, GivenOf<typeof fields> {}

/** Masks the steps of [batch, steps, ...features] at which all features are `maskValue`; their values become 0. */
export class Masking extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Masking";
  static readonly fields = fields;

  constructor(options: MaskingOptions = {}) {
    super(options);
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
  }

  override call(given: Tensor): Masked<Tensor> {
    const x = floating(given);
    const counts = x.notEqual(this.options.maskValue);
    const mask = counts.any(-1) as Tensor;
    return new Masked(x.mul(mask.expandDims(-1).cast(x.dtype)) as Tensor, mask);
  }
}
