import { DataError } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import { notPublished } from "./catalogue.ts";
import type { KnownOptions, Split } from "./options.ts";

export interface ImageOptions extends KnownOptions {
  /** Pixels as f32 from 0 to 1, or as the bytes of the files, 0 to 255. Default "unit". */
  readonly pixels?: "unit" | "bytes" | undefined;
}

/** Images and labels as files have them: bytes, [count, height, width, channels]. */
export interface RawImages<S extends ImageSize = ImageSize> {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly size: S;
}
export type ImageSize = readonly [height: number, width: number, channels: number];

/** Raw images as a model takes them. */
export function imagesOf<S extends ImageSize>(
  { pixels, labels, size }: RawImages<S>,
  { pixels: kind = "unit" }: ImageOptions,
): Split<NdArray<[number, ...S]>> {
  const shape = [labels.length, ...size];
  if (pixels.length !== labels.length * size[0] * size[1] * size[2])
    throw new DataError({
      what: `the files hold ${labels.length} labels, but ${pixels.length} bytes of images`,
      hint: notPublished,
    });
  const y = new NdArray(labels);
  if (kind === "bytes") return { x: new NdArray(pixels, shape), y };
  // A table is faster than a division, and gives the same value for the same byte everywhere.
  const unit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);
  const x = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) x[at] = unit[pixels[at]!]!;
  return { x: new NdArray(x, shape), y };
}
