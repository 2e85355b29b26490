import type { NdArray } from "../../data/index.ts";
import { uniformSource } from "../../data/index.ts";
import { mixed } from "../../data/order.ts";
import type { Splits, SyntheticOptions } from "../options.ts";
import { type ImageOptions, type ImageSize, imagesOf, type RawImages } from "../pixels.ts";

interface Kind<S extends ImageSize = ImageSize> extends Required<SyntheticOptions> {
  readonly size: S;
  readonly classes: number;
}

/** Points of the coarse grid from which the picture of a class is drawn, a side. */
const gridSide = 7;
/** How far an example's picture may be moved, in pixels. */
const reach = 2;
/** How much a pixel of an example may differ from its class, of 255. */
const noise = 48;

/** Images of made-up things: each class has a smooth picture, and each example moves it, dims it, and adds noise. */
export function syntheticImages<S extends ImageSize>(
  kind: Kind<S>,
  options: ImageOptions,
): Splits<NdArray<[number, ...S]>> {
  const pictures = Array.from({ length: kind.classes }, (_, label) => picture(kind, mixed(kind.seed, label)));
  return {
    train: imagesOf(draw(kind, pictures, kind.train, mixed(kind.seed, -1)), options),
    test: imagesOf(draw(kind, pictures, kind.test, mixed(kind.seed, -2)), options),
  };
}

/** A picture of random values on a coarse grid and of straight lines between them, dark at the border as digits are. */
function picture({ size: [height, width, channels] }: Kind, seed: number): Float32Array {
  const uniform = uniformSource(seed);
  const grid = Float32Array.from({ length: gridSide * gridSide * channels }, uniform);
  const pixels = new Float32Array(height * width * channels);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [y, x] = [(row / height) * (gridSide - 1), (column / width) * (gridSide - 1)];
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const edge = Math.min(1, Math.min(row, height - 1 - row, column, width - 1 - column) / 4);
      for (let channel = 0; channel < channels; channel++) {
        const at = (down: number, right: number): number =>
          grid[((top + down) * gridSide + left + right) * channels + channel] ?? 0;
        const upper = at(0, 0) + (at(0, 1) - at(0, 0)) * (x - left);
        const lower = at(1, 0) + (at(1, 1) - at(1, 0)) * (x - left);
        const value = upper + (lower - upper) * (y - top);
        pixels[(row * width + column) * channels + channel] = edge * Math.max(0, 1.6 * value - 0.4);
      }
    }
  }
  return pixels;
}

function draw<S extends ImageSize>(
  { size, classes }: Kind<S>,
  pictures: readonly Float32Array[],
  count: number,
  seed: number,
): RawImages<S> {
  const [height, width, channels] = size;
  const uniform = uniformSource(seed);
  const stride = height * width * channels;
  const pixels = new Uint8Array(count * stride);
  const labels = new Uint8Array(count);
  const shift = (): number => Math.floor(uniform() * (2 * reach + 1)) - reach;
  for (let index = 0; index < count; index++) {
    const label = Math.floor(uniform() * classes);
    labels[index] = label;
    const from = pictures[label]!;
    const [down, right, gain] = [shift(), shift(), 255 * (0.6 + 0.4 * uniform())];
    for (let row = 0; row < height; row++) {
      const source = row - down;
      if (source < 0 || source >= height) continue;
      for (let column = Math.max(0, right); column < Math.min(width, width + right); column++) {
        const to = index * stride + (row * width + column) * channels;
        const at = (source * width + column - right) * channels;
        for (let channel = 0; channel < channels; channel++) {
          const value = from[at + channel]! * gain;
          // Dark stays dark: most pixels of MNIST are 0.
          pixels[to + channel] = value === 0 ? 0 : Math.min(255, Math.max(0, value + noise * (uniform() - 0.5)));
        }
      }
    }
  }
  return { pixels, labels, size };
}
