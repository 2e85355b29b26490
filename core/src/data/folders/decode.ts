import { ArgumentError, DataError } from "../../base/errors.ts";
import { builtin, inNode } from "../../base/host.ts";
import { NdArray } from "../ndarray.ts";
import type { FileLike, FolderFile } from "./listing.ts";
import { withoutOrientation } from "./orientation.ts";
import { cropToAspect, fitInside, type Pixels, type Rectangle, type Resampling, resample } from "./resample.ts";

export type Interpolation = "bilinear" | "nearest" | "bicubic" | "area" | "lanczos3" | "mitchellcubic";
export type ColorMode = "rgb" | "rgba" | "grayscale";

/** How a picture becomes an array. */
export interface Picture {
  readonly size: readonly [height: number, width: number];
  readonly channels: 1 | 3 | 4;
  readonly interpolation: Interpolation;
  readonly antialias: boolean;
  /** What becomes of a picture of another shape: it is distorted, cut off, or gets borders. */
  readonly aspect: "stretch" | "crop" | "pad";
  /** Pixels that every file may have. */
  readonly limitPixels?: number | undefined;
}

/** The part of the package `sharp` that is used. */
interface Sharp {
  resize(
    width: number,
    height: number,
    options: { readonly fit: string; readonly kernel: string; readonly background?: object },
  ): Sharp;
  toColourspace(name: string): Sharp;
  grayscale(): Sharp;
  removeAlpha(): Sharp;
  ensureAlpha(): Sharp;
  raw(options: { readonly depth: "uchar" }): Sharp;
  toBuffer(options: { readonly resolveWithObject: true }): Promise<{
    readonly data: Uint8Array;
    readonly info: { readonly width: number; readonly height: number; readonly channels: number };
  }>;
}
type SharpModule = {
  readonly default: (input: string | Uint8Array, options: { readonly limitInputPixels: number }) => Sharp;
};

let module: Promise<SharpModule> | undefined;

/** The package `sharp`, loaded at the first use. */
export function loadSharp(): Promise<SharpModule> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "sharp";
  module ??= import(/* @vite-ignore */ specifier).catch(() => {
    module = undefined;
    throw new ArgumentError({
      what: "images: the package sharp, which decodes JPEG, PNG, WebP and GIF files, is missing",
      hint: "npm install sharp",
    });
  }) as Promise<SharpModule>; // the package's documented interface
  return module;
}

/** Kernels of sharp by our names; all of them antialias. */
const kernels: Readonly<Partial<Record<Interpolation, string>>> = {
  bilinear: "linear",
  bicubic: "cubic",
  lanczos3: "lanczos3",
  mitchellcubic: "mitchell",
};
const fits = { stretch: "fill", crop: "cover", pad: "contain" } as const;
/** Modes that we compute ourselves, to the numbers of Keras. */
const ownModes: readonly string[] = ["nearest", "bilinear", "area"] satisfies readonly Resampling[];

const isOwn = ({ interpolation, antialias }: Picture): boolean => kernels[interpolation] === undefined || !antialias;

/** Refuses what no decoder can do, before the first file is read. */
export function checkPicture(name: string, picture: Picture): void {
  const { interpolation, antialias } = picture;
  if (!(interpolation in kernels) && !ownModes.includes(interpolation))
    throw new ArgumentError({
      what: `${name}: the interpolation ${JSON.stringify(interpolation)} is not known`,
      hint: `known are ${[...new Set([...ownModes, ...Object.keys(kernels)])].join(", ")}`,
    });
  if (!antialias && !ownModes.includes(interpolation))
    throw new ArgumentError({
      what: `${name}: "${interpolation}" always antialiases`,
      hint: 'antialias: false is for "bilinear"',
    });
}

/** A picture of a file as [height, width, channels], from 0 to 255: bytes where they say all of it, else f32. */
export async function decodePicture({ from }: FolderFile, picture: Picture): Promise<NdArray> {
  const { size, channels } = picture;
  const shape = [...size, channels];
  if (typeof from === "string" || inNode()) {
    const input = typeof from === "string" ? from : await bytesOf(from);
    const free = picture.limitPixels ?? freePixels;
    const isTooLarge = (error: unknown): boolean => String(error).includes("exceeds pixel limit");
    return decodeWithSharp(input, picture, free).catch(async (error: unknown) => {
      if (!isTooLarge(error)) throw error;
      const allowed = Math.max(free, pixelsPerByte * (await sizeOf(input)));
      if (allowed > free)
        return decodeWithSharp(input, picture, allowed).catch((again: unknown) => {
          throw isTooLarge(again) ? tooLarge(allowed) : again;
        });
      throw tooLarge(allowed);
    });
  }
  return new NdArray(await drawn(from, picture), shape);
}

/** Blank scans are such files, and bombs are. */
const tooLarge = (allowed: number): DataError =>
  new DataError(
    `it has more than ${allowed} pixels, more than its bytes stand for as a rule; limitPixels: 1e8 allows for them`,
  );

/** Pixels that every file may have, however small: decoders of very wide ones take twenty bytes for each. */
const freePixels = 3 * 2 ** 20;
/** And those that a byte of a larger one may stand for: photographs have some five, scanned pages a hundred. */
const pixelsPerByte = 256;

async function sizeOf(input: string | Uint8Array): Promise<number> {
  if (typeof input !== "string") return input.byteLength;
  const fs = builtin<{ stat(path: string): Promise<{ readonly size: number }> }>("node:fs/promises");
  return (await fs?.stat(input))?.size ?? 0;
}

/** The picture, by the package `sharp`; one that claims more pixels is refused before room is made for them. */
async function decodeWithSharp(
  input: string | Uint8Array,
  picture: Picture,
  limitInputPixels: number,
): Promise<NdArray> {
  const { size, channels } = picture;
  const sharp = (await loadSharp()).default(input, { limitInputPixels });
  const colored = channels === 1 ? sharp.grayscale() : sharp.toColourspace("srgb");
  const layered = channels === 4 ? colored.ensureAlpha() : colored.removeAlpha();
  const sized = isOwn(picture)
    ? layered
    : layered.resize(size[1], size[0], {
        fit: fits[picture.aspect],
        kernel: kernels[picture.interpolation]!,
        background: { r: 0, g: 0, b: 0, alpha: 0 },
      });
  const { data, info } = await sized.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  if (info.channels !== channels) throw new DataError(`it decodes to ${info.channels} channels instead of ${channels}`);
  return new NdArray(isOwn(picture) ? fitted({ ...info, data }, picture) : data, [...size, channels]);
}

export async function bytesOf(from: FileLike | URL): Promise<Uint8Array> {
  const blob = from instanceof URL ? await fetched(from) : from;
  return new Uint8Array(await blob.slice(0, blob.size).arrayBuffer());
}

async function fetched(url: URL): Promise<Blob> {
  const response = await fetch(url);
  if (!response.ok) throw new DataError(`the server answers ${response.status} for ${url.href}`);
  return response.blob();
}

/** A decoded picture in the wanted size, computed by us. */
export function fitted(pixels: Pixels, { size, channels, interpolation, aspect }: Picture): Float32Array {
  const kind = interpolation as Resampling; // checkPicture has seen to it
  const whole: Rectangle = { left: 0, top: 0, width: pixels.width, height: pixels.height };
  if (aspect === "stretch") return resample(pixels, whole, size, kind);
  if (aspect === "crop") return resample(pixels, cropToAspect(pixels, size), size, kind);
  const inner = fitInside(pixels, size);
  const part = resample(pixels, whole, [inner.height, inner.width], kind);
  const out = new Float32Array(size[0] * size[1] * channels);
  const line = inner.width * channels;
  for (let row = 0; row < inner.height; row++)
    out.set(part.subarray(row * line, (row + 1) * line), ((inner.top + row) * size[1] + inner.left) * channels);
  return out;
}

/** The part of a page's drawing that is used. */
interface Page {
  createImageBitmap?(
    blob: Blob,
    options: object,
  ): Promise<{ readonly width: number; readonly height: number; close(): void }>;
  OffscreenCanvas?: new (
    width: number,
    height: number,
  ) => {
    getContext(
      kind: "2d",
      options: { readonly willReadFrequently: boolean },
    ): {
      imageSmoothingEnabled: boolean;
      imageSmoothingQuality: string;
      drawImage(...parts: unknown[]): void;
      getImageData(left: number, top: number, width: number, height: number): { readonly data: Uint8ClampedArray };
    } | null;
  };
}

/** The pixels of the file, in its own colors, as in Keras. */
const asStored = { premultiplyAlpha: "none", colorSpaceConversion: "none" } as const;

/** A picture of a page, decoded by the browser and, where it antialiases, drawn in the wanted size by it. */
export async function drawn(
  from: FileLike | URL,
  picture: Picture,
  page: Page = globalThis as Page,
): Promise<Float32Array> {
  const { createImageBitmap, OffscreenCanvas } = page;
  if (createImageBitmap === undefined || OffscreenCanvas === undefined)
    throw new ArgumentError("images: this page has neither createImageBitmap nor OffscreenCanvas, which decode images");
  const blob = from instanceof URL ? await fetched(from) : (from as unknown as Blob); // files of a page are Blobs
  const bitmap = await createImageBitmap.call(globalThis, await withoutOrientation(blob), asStored);
  try {
    const { size, aspect, channels } = picture;
    const own = isOwn(picture);
    const [height, width] = own ? [bitmap.height, bitmap.width] : size;
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    if (context === null) throw new ArgumentError("images: this page cannot draw");
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    const all: Rectangle = { left: 0, top: 0, width: bitmap.width, height: bitmap.height };
    const source = own || aspect !== "crop" ? all : cropToAspect(bitmap, size);
    const target = own || aspect !== "pad" ? { left: 0, top: 0, width, height } : fitInside(bitmap, size);
    const places = [source, target].flatMap((each) => [each.left, each.top, each.width, each.height]);
    context.drawImage(bitmap, ...places);
    const { data } = context.getImageData(0, 0, width, height);
    const pixels = { data: layersOf(data, channels), width, height, channels };
    return own ? fitted(pixels, picture) : new Float32Array(pixels.data);
  } finally {
    bitmap.close();
  }
}

/** The wanted channels of red, green, blue and opacity. Grey is the luma of ITU-R BT.601, as in JPEG files. */
function layersOf(data: Uint8ClampedArray, channels: 1 | 3 | 4): Uint8ClampedArray {
  if (channels === 4) return data;
  const count = data.length / 4;
  const out = new Uint8ClampedArray(count * channels);
  for (let at = 0; at < count; at++) {
    const [red, green, blue] = [data[4 * at]!, data[4 * at + 1]!, data[4 * at + 2]!];
    if (channels === 1) out[at] = 0.299 * red + 0.587 * green + 0.114 * blue;
    else {
      out[3 * at] = red;
      out[3 * at + 1] = green;
      out[3 * at + 2] = blue;
    }
  }
  return out;
}
