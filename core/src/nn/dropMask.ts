import type { Tensor } from "../tensor/index.ts";
import { Layer } from "./layer.ts";
import { type Masked, valuesOf } from "./masked.ts";
import type { SymbolicTensor } from "./symbolic.ts";

/** Says that a mask ends here: Masked values become plain ones, which all count. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
export class DropMask extends Layer {
  static readonly fields = {};
  static readonly masking = "own";

  override call(x: Tensor | Masked<Tensor>): Tensor {
    return valuesOf(x);
  }
}

export interface DropMask {
  (x: SymbolicTensor | Masked<SymbolicTensor>): SymbolicTensor;
  (x: Tensor | Masked<Tensor>): Tensor;
}
