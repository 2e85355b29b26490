import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { demandTensor } from "../checks.ts";
import type { GivenOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "../layer.ts";
import type { Structure } from "../structure.ts";
import { numbers } from "./numbers.ts";

const fields = {
  /** Factor of the values: one number, or one a channel. */
  scale: numbers(1),
  /** Added after that. Default 0. */
  offset: numbers(1, 0),
};
export interface RescalingOptions extends LayerOptions, GivenOf<typeof fields, "scale"> {}

/** x · scale + offset: pixels from 0 to 255 come between 0 and 1 by `rescaling(1 / 255)`. */
export class Rescaling extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Rescaling";
  static readonly fields = fields;
  static readonly positional = ["scale"];
  static readonly masking = "keep";

  constructor(scale: number | readonly number[], options: RescalingOptions = {}) {
    super(options, { scale });
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor): Tensor {
    const { scale, offset } = this.options;
    return floating(x).mul(scale.tensor()).add(offset.tensor()) as Tensor;
  }
}
