import type { Picture } from "../data/examples.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { diverging, type Palette, palette, sequential } from "../theme.ts";

/**
 * How numbers become colours: as they are (0 black, 1 white), by sign, or as amounts from nothing to the largest; where all amounts
 * are the same, in a middle tone.
 */
export type Coloring = "gray" | "sign" | "amount";

export interface PictureProps {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  /** 1 or 3; more are not shown. */
  readonly channels?: number;
  readonly coloring: Coloring;
  /** The magnitude that has the full colour; the largest one without. */
  readonly scale?: number;
  /** A row that is framed. */
  readonly marked?: number | undefined;
  /** In CSS pixels. */
  readonly size: number;
  readonly class?: string;
}

/** Numbers of a plane as pixels. */
export function PixelPicture({ size, class: name = "", ...rest }: PictureProps) {
  const draw: Draw = (context, { width, height }) => {
    context.imageSmoothingEnabled = false;
    drawPixels(context, rest, 0, 0, width, height, palette.value);
  };
  return <Canvas draw={draw} height={size} class={`pixels ${name}`} />;
}

/** Draws the numbers into a rectangle, as large as it can be with square pixels. */
export function drawPixels(
  context: CanvasRenderingContext2D,
  picture: Omit<PictureProps, "size" | "class">,
  left: number,
  top: number,
  width: number,
  height: number,
  colors: Palette,
): void {
  const { width: across, height: down } = picture;
  if (across === 0 || down === 0) return;
  const zoom = Math.min(width / across, height / down);
  drawImage(context, pixelsOf(picture, colors), width, height, left, top);
  if (picture.marked === undefined) return;
  const y = top + (height - zoom * down) / 2 + picture.marked * zoom;
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.5;
  context.strokeRect(left + (width - zoom * across) / 2, y, zoom * across, zoom);
}

/** Draws pixels into the middle of a rectangle, as large as they can be there. */
export function drawImage(
  context: CanvasRenderingContext2D,
  pixels: ImageData,
  width: number,
  height: number,
  left = 0,
  top = 0,
): void {
  const { width: across, height: down } = pixels;
  const canvas = new OffscreenCanvas(across, down);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  const zoom = Math.min(width / across, height / down);
  context.imageSmoothingEnabled = false;
  const [x, y] = [left + (width - zoom * across) / 2, top + (height - zoom * down) / 2];
  context.drawImage(canvas, x, y, zoom * across, zoom * down);
}

function pixelsOf(
  { values, height, width, channels = 1, coloring, scale }: Omit<PictureProps, "size" | "class">,
  colors: Palette,
): ImageData {
  const pixels = new ImageData(width, height);
  const { data } = pixels;
  const most = (scale ?? largestOf(values)) * (coloring === "amount" && isUniform(values) ? 2 : 1);
  for (let at = 0; at < width * height; at++) {
    const value = values[at * channels] ?? 0;
    if (coloring !== "gray") {
      const color = coloring === "sign" ? diverging : sequential;
      const [red, green, blue] = Number.isFinite(value) ? color(colors, most > 0 ? value / most : 0) : [255, 0, 80];
      data.set([red, green, blue, 255], 4 * at);
    } else {
      const gray = (channel: number): number =>
        (255 * (values[at * channels + Math.min(channel, channels - 1)] ?? 0)) / (most > 1.5 ? most : 1);
      data.set([gray(0), gray(1), gray(2), 255], 4 * at);
    }
  }
  return pixels;
}

/** Whether numbers (not all 0) are the same within a percent of the largest. */
export function isUniform(values: ArrayLike<number>): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < values.length; at++)
    [least, most] = [Math.min(least, values[at]!), Math.max(most, values[at]!)];
  return most > 0 && most - least <= most / 100;
}

/** The largest magnitude among the finite numbers. */
export function largestOf(values: ArrayLike<number>): number {
  let most = 0;
  for (let at = 0; at < values.length; at++) {
    const size = Math.abs(values[at]!);
    if (Number.isFinite(size) && size > most) most = size;
  }
  return most;
}

/** Height, width and channels of an example's picture: [h, w], [h, w, c], or a square when all is flat. */
export function planeOf({ head }: Picture): {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
} {
  const { shape } = head;
  if (shape.length >= 2) return { height: shape[0] ?? 0, width: shape[1] ?? 0, channels: shape[2] ?? 1 };
  const size = shape[0] ?? 0;
  const side = Math.round(Math.sqrt(size));
  return side * side === size ? { height: side, width: side, channels: 1 } : { height: 1, width: size, channels: 1 };
}

/** An example, as it is. */
export const ExamplePicture = ({ picture, size }: { readonly picture: Picture; readonly size: number }) => (
  <PixelPicture values={picture.values} {...planeOf(picture)} coloring="gray" size={size} />
);
