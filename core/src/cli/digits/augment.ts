import { NdArray, uniformSource } from "../../data/index.ts";
import type { Split } from "./data.ts";

type Direction = readonly [down: number, right: number];

/** The eight directions in which an image can move by one pixel. */
const directions: readonly Direction[] = [-1, 0, 1]
  .flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const))
  .filter(([down, right]) => down !== 0 || right !== 0);

/**
 * The images and, after them, `copies` times each of them moved by one pixel, in other directions every time: a digit stays
 * the same digit, and the network learns that (LeCun et al. 1998, "Gradient-based learning applied to document
 * recognition"). `seed` decides the directions.
 */
export function withMoved({ x, y }: Split, copies: number, seed: number): Split {
  const [count = 0] = x.shape;
  const images = new Float32Array((1 + copies) * x.data.length);
  const labels = new Uint8Array((1 + copies) * count);
  const uniform = uniformSource(seed);
  const first = Uint8Array.from({ length: count }, () => Math.floor(uniform() * directions.length));
  images.set(x.data);
  labels.set(y.data);
  for (let copy = 1; copy <= copies; copy++) {
    const target = images.subarray(copy * x.data.length, (copy + 1) * x.data.length);
    for (let index = 0; index < count; index++)
      move(x, index, directionOf(first[index]! + stride * (copy - 1)), target);
    labels.set(y.data, copy * count);
  }
  return { x: new NdArray(images, [labels.length, ...x.shape.slice(1)]), y: new NdArray(labels) };
}

/** Steps through the directions so that neighbouring copies of an image lie far apart; visits all of them. */
const stride = 3;
const directionOf = (number: number): Direction => directions[number % directions.length]!;

/** Writes image `index` of `x`, moved, to its place in `target`, which holds zeros. */
function move(x: NdArray, index: number, [down, right]: Direction, target: Float32Array): void {
  const [, height = 0, width = 0] = x.shape;
  const offset = index * height * width;
  for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
    for (let column = Math.max(0, right); column < Math.min(width, width + right); column++) {
      target[offset + row * width + column] = x.data[offset + (row - down) * width + column - right]!;
    }
  }
}
