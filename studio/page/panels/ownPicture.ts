import type { ProbeNow } from "../data/examples.ts";

/**
 * The middle of a picture, as large as it fits, in so many pixels: shares from 0 (black) to 1. What is transparent lies on white. For
 * one channel it is grey: the luma of ITU-R BT.601, as image libraries have it.
 */
export async function pictureOf(file: Blob, rows: number, columns: number, channels: number): Promise<Float32Array> {
  const bitmap = await createImageBitmap(file);
  const zoom = Math.min(bitmap.width / columns, bitmap.height / rows);
  const [width, height] = [zoom * columns, zoom * rows];
  const context = new OffscreenCanvas(columns, rows).getContext("2d")!; // every browser that has the class has it
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, columns, rows);
  const [left, top] = [(bitmap.width - width) / 2, (bitmap.height - height) / 2];
  context.drawImage(bitmap, left, top, width, height, 0, 0, columns, rows);
  bitmap.close();
  const { data } = context.getImageData(0, 0, columns, rows);
  return Float32Array.from({ length: rows * columns * channels }, (_, at) => {
    const pixel = 4 * Math.floor(at / channels);
    if (channels > 1) return data[pixel + (at % channels)]! / 255;
    return (0.299 * data[pixel]! + 0.587 * data[pixel + 1]! + 0.114 * data[pixel + 2]!) / 255;
  });
}

/** The numbers for black and white in the run's data, by its probe set: shares, bytes, or whatever numbers it has below 0. */
export function rangeOf(probe: ProbeNow | undefined): readonly [black: number, white: number] {
  let [low, high] = [0, 1];
  for (const { picture } of probe?.examples ?? []) {
    for (const value of picture?.values ?? []) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low < 0 ? [low, high] : [0, high > 1.5 ? 255 : 1];
}
