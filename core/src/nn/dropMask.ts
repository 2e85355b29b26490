import type { Tensor } from "../tensor/index.ts";
import { AnyLayer } from "./layer.ts";
import { type Masked, valuesOf } from "./masked.ts";

/** Says that a mask ends here: Masked values become plain ones, which all count. */
export class DropMask extends AnyLayer {
  static override readonly name: string = "DropMask";
  static readonly fields = {};
  static readonly masking = "own";

  override call(x: Tensor | Masked<Tensor>): Tensor {
    return valuesOf(x);
  }
}
