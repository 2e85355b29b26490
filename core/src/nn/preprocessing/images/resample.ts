import type { Tensor } from "../../../tensor/index.ts";
import { resize, tensor } from "../../../tensor/index.ts";
import type { Size } from "./boxes.ts";

export const interpolations = ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"] as const;
export type ResizeInterpolation = (typeof interpolations)[number];

/** How much a pixel at distance x counts, in pixels of the wider of both images. */
const kernels = {
  bilinear: (x: number) => Math.max(0, 1 - x),
  // Keys 1981, with a = −½.
  bicubic: (x: number) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
} as const satisfies Partial<Record<ResizeInterpolation, (x: number) => number>>;

function lanczos(radius: number): (x: number) => number {
  return (x) => {
    if (x >= radius) return 0;
    if (x < 1e-3) return 1;
    return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * x) ** 2;
  };
}

/** Images [batch, height, width, channels] in another size; `antialias` widens the kernels when images become smaller. */
export function resampled(x: Tensor, size: Size, interpolation: ResizeInterpolation, antialias: boolean): Tensor {
  const [, height, width] = x.shape as readonly [number, number, number, number];
  if (size[0] === height && size[1] === width) return x;
  const smaller = size[0] < height || size[1] < width;
  if (interpolation === "nearest" || (interpolation === "bilinear" && !(antialias && smaller)))
    return resize(x as never, [...size], { interpolation }) as unknown as Tensor; // the rank is checked
  const matrix = (from: number, to: number): Float32Array =>
    interpolation === "area" ? shares(from, to) : weighing(from, to, kernels[interpolation], antialias);
  return along(along(x, 1, size[0], matrix), 2, size[1], matrix);
}

/** One axis as a matrix product: few pixels count for each, but products of matrices are quick. */
function along(x: Tensor, axis: 1 | 2, length: number, matrix: (from: number, to: number) => Float32Array): Tensor {
  const size = x.shape[axis]!;
  if (size === length) return x;
  const weights = tensor(matrix(size, length), { shape: [size, length] }) as Tensor;
  return x.moveAxis(axis, -1).matmul(weights).moveAxis(-1, axis) as Tensor;
}

/** Column o: how much each pixel counts in pixel o of the result. */
function weighing(size: number, length: number, kernel: (x: number) => number, antialias: boolean): Float32Array {
  const step = size / length;
  const spread = antialias ? Math.max(step, 1) : 1;
  const weights = new Float32Array(size * length);
  for (let out = 0; out < length; out++) {
    const center = (out + 0.5) * step - 0.5;
    const column = Float64Array.from({ length: size }, (_, at) => kernel(Math.abs(center - at) / spread));
    const total = column.reduce((sum, weight) => sum + weight, 0);
    for (let at = 0; at < size; at++) weights[at * length + out] = column[at]! / total;
  }
  return weights;
}

/** How much of each pixel lies under pixel o of the result: the mean of an area. */
function shares(size: number, length: number): Float32Array {
  const step = size / length;
  const weights = new Float32Array(size * length);
  for (let out = 0; out < length; out++) {
    for (let at = Math.floor(out * step); at < Math.min(size, Math.ceil((out + 1) * step)); at++)
      weights[at * length + out] = (Math.min(at + 1, (out + 1) * step) - Math.max(at, out * step)) / step;
  }
  return weights;
}

export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** The largest window in the middle of an image that has the proportions of `target`. */
export function middle([height, width]: Size, [targetHeight, targetWidth]: Size): Window {
  const within = (value: number, limit: number): number => Math.max(Math.min(limit, Math.trunc(value)), 1);
  const rows = within((width * targetHeight) / targetWidth, height);
  const columns = within((height * targetWidth) / targetHeight, width);
  return {
    top: Math.trunc((height - rows) / 2),
    left: Math.trunc((width - columns) / 2),
    height: rows,
    width: columns,
  };
}

/** A window of images, which may reach beyond them: `fill` is there. */
export function windowOf(x: Tensor, { top, left, height, width }: Window, fill = 0): Tensor {
  const [, rows, columns] = x.shape as readonly [number, number, number, number];
  const over = (start: number, length: number, size: number): [number, number] => [
    Math.max(0, -start),
    Math.max(0, start + length - size),
  ];
  const [above, below] = over(top, height, rows);
  const [before, after] = over(left, width, columns);
  const padded =
    above + below + before + after === 0
      ? x
      : x.pad(
          [
            [0, 0],
            [above, below],
            [before, after],
            [0, 0],
          ],
          { value: fill },
        );
  const [firstRow, firstColumn] = [top + above, left + before];
  const rowsTaken = { start: firstRow, stop: firstRow + height };
  const columnsTaken = { start: firstColumn, stop: firstColumn + width };
  return padded.slice([{}, rowsTaken, columnsTaken]) as Tensor;
}
