import type { Placed } from "../data/network.ts";

export interface ToLayout {
  readonly id: number;
  readonly boxes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly (readonly [from: string, to: string])[];
  /** From the top down instead of left to right. */
  readonly down: boolean;
}

export interface FromLayout extends Placed {
  readonly id: number;
}
