import type { Tensor } from "../tensor/index.ts";
import type { Masked } from "./masked.ts";
import type { SymbolicTensor } from "./symbolic.ts";

// How layers that understand masks can be called. The types of all other layers do not take Masked values.

/** The mask of the input is that of the result. */
export interface MaskKeeping {
  (x: SymbolicTensor): SymbolicTensor;
  (x: Masked<SymbolicTensor>): Masked<SymbolicTensor>;
  (x: Tensor): Tensor;
  (x: Masked<Tensor>): Masked<Tensor>;
}

/** The mask is taken into account and ends here. */
export interface MaskEnding {
  (x: SymbolicTensor | Masked<SymbolicTensor>): SymbolicTensor;
  (x: Tensor | Masked<Tensor>): Tensor;
}

/** Several inputs: where all have masks the result has one. */
export interface MaskMerging {
  (xs: readonly SymbolicTensor[]): SymbolicTensor;
  (xs: readonly Masked<SymbolicTensor>[]): Masked<SymbolicTensor>;
  (xs: readonly Tensor[]): Tensor;
  (xs: readonly Masked<Tensor>[]): Masked<Tensor>;
  (xs: readonly (SymbolicTensor | Masked<SymbolicTensor>)[]): SymbolicTensor | Masked<SymbolicTensor>;
  (xs: readonly (Tensor | Masked<Tensor>)[]): Tensor | Masked<Tensor>;
}
