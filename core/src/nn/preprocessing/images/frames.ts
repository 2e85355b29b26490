import { ArgumentError } from "../../../base/errors.ts";
import { arange, gather, type Tensor } from "../../../tensor/index.ts";
import type { CallContext } from "../../context.ts";
import { choice, count, flag, real } from "../../fieldKinds.ts";
import type { GivenOf } from "../../fields.ts";
import type { LayerOptions } from "../../layer.ts";
import type { Size } from "./boxes.ts";
import type { Draws } from "./draws.ts";
import { type Batch, ImageLayer, imageFields, randomImageFields, type Transformation } from "./imageLayer.ts";
import { interpolations, middle, resampled, type Window, windowOf } from "./resample.ts";

/** What a window of an image becomes when it is brought to a size. */
function framed(
  window: Window,
  size: Size,
  change: (x: Tensor, masks: boolean) => Tensor,
): Pick<Transformation, "images" | "masks" | "move" | "size"> {
  const [down, across] = [size[0] / window.height, size[1] / window.width];
  return {
    images: (images) => change(images, false),
    masks: (masks) => change(masks, true),
    move: (x, y) => [x.sub(window.left).mul(across) as Tensor, y.sub(window.top).mul(down) as Tensor],
    size,
  };
}

/** The middle of images in a size: cut out where they are large enough, else the largest window that fits, resized. */
function centered({ height, width }: Batch, size: Size): Transformation {
  const [rows, columns] = size;
  const fits = height >= rows && width >= columns;
  const window = fits
    ? { top: (height - rows) >> 1, left: (width - columns) >> 1, height: rows, width: columns }
    : middle([height, width], size);
  return framed(window, size, (x, masks) =>
    resampled(windowOf(x, window), size, masks ? "nearest" : "bilinear", false),
  );
}

const cropFields = { ...imageFields, height: count(), width: count() };
export interface CenterCropOptions extends LayerOptions, GivenOf<typeof cropFields, "height" | "width"> {}

/** The middle of each image: [batch, …, …, channels] → [batch, height, width, channels]. Smaller images are resized. */
export class CenterCrop extends ImageLayer<typeof cropFields> {
  static override readonly name: string = "CenterCrop";
  static readonly fields = cropFields;
  static readonly positional = ["height", "width"];

  constructor(height: number, width: number, options: CenterCropOptions = {}) {
    super(options, { height, width });
  }

  override transformation(batch: Batch): Transformation {
    return centered(batch, [this.options.height, this.options.width]);
  }
}

const randomCropFields = { ...cropFields, ...randomImageFields };
export interface RandomCropOptions extends LayerOptions, GivenOf<typeof randomCropFields, "height" | "width"> {}

/** A window of each image, at a random place while training, else in the middle. Smaller images are resized. */
export class RandomCrop extends ImageLayer<typeof randomCropFields> {
  static override readonly name: string = "RandomCrop";
  static readonly fields = randomCropFields;
  static readonly positional = ["height", "width"];

  constructor(height: number, width: number, options: RandomCropOptions = {}) {
    super(options, { height, width });
  }

  override transformation(batch: Batch, { training }: CallContext, draws: () => Draws): Transformation {
    const size: Size = [this.options.height, this.options.width];
    const [rows, columns] = size;
    const spare = [batch.height - rows, batch.width - columns] as const;
    if (!training || spare[0] < 0 || spare[1] < 0) return centered(batch, size);
    const start = (free: number): Tensor =>
      draws()
        .uniform([batch.batch])
        .mul(free + 1)
        .floor()
        .minimum(free) as Tensor;
    const [top, left] = [start(spare[0]), start(spare[1])];
    const cut = (x: Tensor): Tensor => {
      const place = (from: Tensor, length: number, shape: readonly number[]): Tensor =>
        from.cast("i32").reshape([batch.batch, 1, 1]).add(arange(length).reshape(shape)) as Tensor;
      const image = arange(batch.batch).reshape([batch.batch, 1, 1]).mul(batch.height);
      const row = image.add(place(top, rows, [1, rows, 1]));
      const at = row.mul(batch.width).add(place(left, columns, [1, 1, columns])) as Tensor;
      return gather(x.reshape([batch.batch * batch.height * batch.width, x.shape[3]!]), at, 0) as Tensor;
    };
    const perImage = (from: Tensor): Tensor => from.reshape([batch.batch, 1]) as Tensor;
    return {
      images: cut,
      masks: cut,
      move: (x, y) => [x.sub(perImage(left)) as Tensor, y.sub(perImage(top)) as Tensor],
      size,
    };
  }
}

const resizingFields = {
  ...cropFields,
  /** How pixels between pixels are found. Default bilinear. Masks always take the nearest. */
  interpolation: choice(interpolations, "bilinear"),
  /** Whether to cut off what makes the proportions others than those wanted. Default false: images are stretched. */
  cropToAspectRatio: flag(false),
  /** Whether to fill up images to the proportions wanted, by fillValue. Default false. */
  padToAspectRatio: flag(false),
  fillValue: real(0),
  /** Whether smaller images are means of all that they show. Default false. */
  antialias: flag(false),
};
export interface ResizingOptions extends LayerOptions, GivenOf<typeof resizingFields, "height" | "width"> {}

/** Images in another size: [batch, …, …, channels] → [batch, height, width, channels]. */
export class Resizing extends ImageLayer<typeof resizingFields> {
  static override readonly name: string = "Resizing";
  static readonly fields = resizingFields;
  static readonly positional = ["height", "width"];

  constructor(height: number, width: number, options: ResizingOptions = {}) {
    super(options, { height, width });
    if (this.options.cropToAspectRatio && this.options.padToAspectRatio)
      throw new ArgumentError(`${this.name}: cropToAspectRatio and padToAspectRatio exclude each other`);
  }

  override transformation(batch: Batch): Transformation {
    const { interpolation, fillValue, antialias } = this.options;
    const size: Size = [this.options.height, this.options.width];
    const window = this.#window(batch, size);
    return framed(window, size, (x, masks) =>
      resampled(windowOf(x, window, masks ? 0 : fillValue), size, masks ? "nearest" : interpolation, antialias),
    );
  }

  #window({ height, width }: Batch, size: Size): Window {
    if (this.options.cropToAspectRatio) return middle([height, width], size);
    if (!this.options.padToAspectRatio) return { top: 0, left: 0, height, width };
    const rows = Math.max(height, Math.trunc((width * size[0]) / size[1]));
    const columns = Math.max(width, Math.trunc((height * size[1]) / size[0]));
    const [above, before] = [Math.trunc((rows - height) / 2), Math.trunc((columns - width) / 2)];
    // As much after as before.
    return { top: -above, left: -before, height: height + 2 * above, width: width + 2 * before };
  }
}
