import { ArgumentError } from "../../base/errors.ts";
import { builtin } from "../../base/host.ts";
import { sizeOf } from "../../base/shape.ts";
import { NdArray } from "../ndarray.ts";
import type { FolderOptions } from "./classes.ts";
import { type FolderResult, folderDataset, type OnError } from "./dataset.ts";
import { type ColorMode, checkPicture, decodePicture, type Interpolation, type Picture } from "./decode.ts";
import type { FolderLike } from "./listing.ts";

export interface ImageFolderOptions extends FolderOptions {
  /** Default "rgb". */
  readonly colorMode?: ColorMode | undefined;
  /** The size of all images. Default [256, 256]. */
  readonly imageSize?: number | readonly [height: number, width: number] | undefined;
  /** How images are brought to that size. Default "bilinear". */
  readonly interpolation?: Interpolation | undefined;
  /**
   * Whether images that become smaller are smoothed; else "bilinear" gives the numbers of Keras, with its aliasing, and takes
   * longer. "nearest" never smooths, "area" is a mean. Default true.
   */
  readonly antialias?: boolean | undefined;
  /** Keeps the shape of what is seen: cuts off what does not fit in. */
  readonly cropToAspectRatio?: boolean | undefined;
  /** Keeps the shape of what is seen: fills up with black. */
  readonly padToAspectRatio?: boolean | undefined;
  /** Pixels from 0 to 255 as numbers, or as the bytes that they were: a quarter of the memory. Default "f32". */
  readonly dtype?: "f32" | "u8" | undefined;
  /**
   * Pixels that every file may have, in Node; larger ones must have a byte for each 256 of them. Default 3,145,728, so that
   * a small file cannot take the memory of a large one; blank scans may need more.
   */
  readonly limitPixels?: number | undefined;
  /** What to do with a file that cannot be decoded. Default "throw". */
  readonly onError?: OnError | undefined;
  /** Images that are decoded at once. Default: four times the cores. */
  readonly parallel?: number | undefined;
}

/** Formats of Keras, and WebP; what cannot be decoded is said when it is read. */
const endings = [".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"] as const;
const channelsOf = { grayscale: 1, rgb: 3, rgba: 4 } as const;

/** The number of cores that this process may use. */
export const cores = (): number =>
  builtin<{ availableParallelism(): number }>("node:os")?.availableParallelism() ??
  (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator?.hardwareConcurrency ??
  4;

/**
 * Batches of the images of a folder, of which each folder is a class: `{ x, y }`, x of f32 from 0 to 255. Files, their order and
 * the split into training and validation are those of Keras's `image_dataset_from_directory`.
 */
export async function imageDatasetFromDirectory<const O extends ImageFolderOptions = Record<never, never>>(
  folder: FolderLike,
  options: O = {} as O, // no options are options
): Promise<FolderResult<O, NdArray>> {
  const name = "imageDatasetFromDirectory";
  const picture = pictureOf(name, options);
  const shape = [...picture.size, picture.channels];
  const { dtype: pixels = "f32" } = options;
  if (pixels !== "f32" && pixels !== "u8")
    throw new ArgumentError(`${name}: dtype must be "f32" or "u8", received ${JSON.stringify(pixels)}`);
  return folderDataset(folder, options, {
    name,
    endings,
    onError: options.onError,
    parallel: options.parallel ?? 4 * cores(),
    read: (file) => decodePicture(file, picture),
    single: ({ data }) => new NdArray(convert(data, pixels), shape),
    join: (images) => joined(images, shape, pixels),
  });
}

type PixelType = "f32" | "u8";

/** Images as one array. They become floats here and not before: a quarter of the memory passes through until then. */
function joined(images: readonly NdArray[], shape: readonly number[], pixels: PixelType): NdArray {
  const stride = sizeOf(shape);
  const values = arrayFor(pixels, images.length * stride);
  for (const [row, { data }] of images.entries()) values.set(data, row * stride);
  return new NdArray(plain(values), [images.length, ...shape]);
}

function convert(data: ArrayLike<number>, pixels: PixelType): NdArray["data"] {
  const values = arrayFor(pixels, data.length);
  values.set(data);
  return plain(values);
}

/** Where values that are no whole bytes are rounded, if bytes are wanted. */
const arrayFor = (pixels: PixelType, length: number): Float32Array | Uint8ClampedArray =>
  pixels === "f32" ? new Float32Array(length) : new Uint8ClampedArray(length);

const plain = (values: Float32Array | Uint8ClampedArray): NdArray["data"] =>
  values instanceof Float32Array ? values : new Uint8Array(values.buffer);

function pictureOf(
  name: string,
  {
    colorMode = "rgb",
    imageSize = 256,
    interpolation = "bilinear",
    antialias = true,
    cropToAspectRatio = false,
    padToAspectRatio = false,
    limitPixels,
  }: ImageFolderOptions,
): Picture {
  const size = typeof imageSize === "number" ? ([imageSize, imageSize] as const) : imageSize;
  if (size.length !== 2 || !size.every((pixels) => Number.isInteger(pixels) && pixels > 0))
    throw new ArgumentError({
      what: `${name}: imageSize must be a number of pixels, or [height, width], received ${JSON.stringify(imageSize)}`,
      hint: "[180, 180]",
    });
  if (!Object.hasOwn(channelsOf, colorMode))
    throw new ArgumentError({
      what: `${name}: the color mode ${JSON.stringify(colorMode)} is not known`,
      hint: `known are ${Object.keys(channelsOf).join(", ")}`,
    });
  if (cropToAspectRatio && padToAspectRatio)
    throw new ArgumentError(`${name}: either cropToAspectRatio or padToAspectRatio`);
  const aspect = cropToAspectRatio ? "crop" : padToAspectRatio ? "pad" : "stretch";
  if (limitPixels !== undefined && !(Number.isSafeInteger(limitPixels) && limitPixels > 0))
    throw new ArgumentError(`${name}: limitPixels must be a positive whole number, received ${limitPixels}`);
  const picture = { size, channels: channelsOf[colorMode], interpolation, antialias, aspect, limitPixels } as const;
  checkPicture(name, picture);
  return picture;
}
