import { type Tensor, where } from "../../../tensor/index.ts";
import type { CallContext } from "../../context.ts";
import { choice } from "../../fieldKinds.ts";
import type { GivenOf } from "../../fields.ts";
import type { LayerOptions } from "../../layer.ts";
import type { Draws } from "./draws.ts";
import { type Batch, ImageLayer, randomImageFields, type Transformation } from "./imageLayer.ts";

const modes = ["horizontalAndVertical", "horizontal", "vertical"] as const;
export type FlipMode = (typeof modes)[number];

const fields = { ...randomImageFields, mode: choice(modes, "horizontalAndVertical") };
export interface RandomFlipOptions extends LayerOptions, GivenOf<typeof fields, "mode"> {}

/** Mirrors each image with probability ½: left to right, upside down, or both, each for itself. */
export class RandomFlip extends ImageLayer<typeof fields> {
  static override readonly name: string = "RandomFlip";
  static readonly fields = fields;
  static readonly positional = ["mode"];

  constructor(mode: FlipMode = "horizontalAndVertical", options: RandomFlipOptions = {}) {
    super(options, { mode });
  }

  override transformation(
    { batch, height, width }: Batch,
    { training }: CallContext,
    draws: () => Draws,
  ): Transformation | undefined {
    if (!training) return undefined;
    const { mode } = this.options;
    const flips = (wanted: boolean): Tensor | undefined =>
      wanted ? (draws().uniform([batch]).less(0.5) as Tensor) : undefined;
    const [across, down] = [flips(mode !== "vertical"), flips(mode !== "horizontal")];
    const flipped = (x: Tensor, when: Tensor | undefined, axis: number): Tensor =>
      when === undefined ? x : (where(when.reshape([batch, 1, 1, 1]), x.flip(axis), x) as Tensor);
    const mirrored = (x: Tensor, when: Tensor | undefined, size: number): Tensor =>
      when === undefined ? x : (where(when.reshape([batch, 1]), x.neg().add(size), x) as Tensor);
    const both = (x: Tensor): Tensor => flipped(flipped(x, across, 2), down, 1);
    return { images: both, masks: both, move: (x, y) => [mirrored(x, across, width), mirrored(y, down, height)] };
  }
}
