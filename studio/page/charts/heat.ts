import type { Heat } from "../data/heat.ts";
import type { Palette } from "../theme.ts";
import { sequential } from "../theme.ts";

/** Draws histograms over time: the more numbers of a column are in a row, the stronger its colour. */
export function drawHeat(
  context: CanvasRenderingContext2D,
  { columns, rows, shares, nonFinite, from, to }: Heat,
  step: number,
  width: number,
  height: number,
  palette: Palette,
): void {
  const pixels = new ImageData(columns, rows);
  let most = 0;
  for (const share of shares) most = Math.max(most, share);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      // The root shows tails, which matter, beside the middle, where most numbers are.
      const color = nonFinite[column]
        ? ([200, 30, 40] as const)
        : sequential(palette, Math.sqrt(shares[column * rows + row]! / (most || 1)));
      pixels.data.set([...color, 255], 4 * ((rows - 1 - row) * columns + column));
    }
  }
  const canvas = new OffscreenCanvas(columns, rows);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, 0, 0, width, height);
  const middle = height / 2;
  context.strokeStyle = palette.faint;
  context.setLineDash([2, 3]);
  context.lineWidth = 0.75;
  context.beginPath();
  context.moveTo(0, middle);
  context.lineTo(width, middle);
  context.stroke();
  context.setLineDash([]);
  drawCursor(context, to > from ? ((step - from) / (to - from)) * width : width, height, palette);
}

export function drawCursor(context: CanvasRenderingContext2D, x: number, height: number, palette: Palette): void {
  context.strokeStyle = palette.ink;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(Math.round(x) - 0.5, 0);
  context.lineTo(Math.round(x) - 0.5, height);
  context.stroke();
}

/** A little line of numbers, as high as its place; NaN are gaps. */
export function drawSpark(
  context: CanvasRenderingContext2D,
  values: readonly number[],
  width: number,
  height: number,
  color: string,
): void {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return;
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of finite) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const range = high - low || 1;
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  let pen = false;
  for (const [at, value] of values.entries()) {
    if (!Number.isFinite(value)) {
      pen = false;
      continue;
    }
    const x = 1 + (at / (values.length - 1)) * (width - 2);
    const y = height - 2 - ((value - low) / range) * (height - 4);
    if (pen) context.lineTo(x, y);
    else context.moveTo(x, y);
    pen = true;
  }
  context.stroke();
}
