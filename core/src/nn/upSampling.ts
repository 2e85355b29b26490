import type { Shape } from "../base/shape.ts";
import { resize, type Tensor } from "../tensor/index.ts";
import { choice, sizes } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { demandImages, type Rank, type Sizes } from "./images.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";

const fieldsOf = (rank: Rank) => ({
  /** How often each element is repeated, along all axes or one number an axis. Default 2. */
  size: sizes(rank, 2),
});
type SizeFields = ReturnType<typeof fieldsOf>;

/** Each element of axis 1, 2, … repeated `size` times in place. */
const repeated = (x: Tensor, size: readonly number[]): Tensor =>
  size.reduce((image, count, at) => (count === 1 ? image : image.repeat(count, at + 1)), x);

/** Repeats each step: [batch, steps, channels] → [batch, steps · size, channels]. */
export class UpSampling1D extends AnyLayer<Variables, SizeFields> {
  static override readonly name: string = "UpSampling1D";
  static readonly fields = fieldsOf(1);
  static readonly positional = ["size"];

  constructor(size: Sizes = 2, options: LayerOptions = {}) {
    super(options, { size });
  }

  override check(input: Shape): void {
    demandImages(input, 1);
  }

  override call(x: Tensor): Tensor {
    return repeated(x, this.options.size);
  }
}

/** Repeats each voxel along all three axes. */
export class UpSampling3D extends AnyLayer<Variables, SizeFields> {
  static override readonly name: string = "UpSampling3D";
  static readonly fields = fieldsOf(3);
  static readonly positional = ["size"];

  constructor(size: Sizes = 2, options: LayerOptions = {}) {
    super(options, { size });
  }

  override check(input: Shape): void {
    demandImages(input, 3);
  }

  override call(x: Tensor): Tensor {
    return repeated(x, this.options.size);
  }
}

const imageFields = {
  ...fieldsOf(2),
  /** What stands between the pixels: the nearest, or a mean of neighbours. Default nearest. */
  interpolation: choice(["nearest", "bilinear"], "nearest"),
};
export interface UpSampling2DOptions extends LayerOptions, GivenOf<typeof imageFields, "size"> {}

/** Larger images: [batch, height, width, channels] → [batch, height · size, width · size, channels]. */
export class UpSampling2D extends AnyLayer<Variables, typeof imageFields> {
  static override readonly name: string = "UpSampling2D";
  static readonly fields = imageFields;
  static readonly positional = ["size"];

  constructor(size: Sizes = 2, options: UpSampling2DOptions = {}) {
    super(options, { size });
  }

  override check(input: Shape): void {
    demandImages(input, 2);
  }

  override call(x: Tensor): Tensor {
    const { size, interpolation } = this.options;
    if (interpolation === "nearest") return repeated(x, size);
    const [, height, width] = x.shape as readonly [number, number, number, number]; // four axes were demanded
    return resize(floating(x), [height * size[0]!, width * size[1]!], { interpolation });
  }
}
