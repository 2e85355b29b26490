import { NdArray, uniformSource } from "../../data/index.ts";
import type { Split } from "./data.ts";

/** The eight directions in which an image can move by one pixel: [down, right]. */
const directions = [-1, 0, 1]
  .flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const))
  .filter(([down, right]) => down !== 0 || right !== 0);

/**
 * The images and, after them, each once more, moved by one pixel in a direction that `seed` decides: a digit stays the
 * same digit, and the network learns that (LeCun et al. 1998, "Gradient-based learning applied to document recognition").
 */
export function withMoved({ x, y }: Split, seed: number): Split {
  const [count = 0, height = 0, width = 0] = x.shape;
  const stride = height * width;
  const uniform = uniformSource(seed);
  const images = new Float32Array(2 * x.data.length);
  images.set(x.data);
  for (let index = 0; index < count; index++) {
    const [down, right] = directions[Math.floor(uniform() * directions.length)]!;
    const from = x.data.subarray(index * stride, (index + 1) * stride);
    const to = images.subarray((count + index) * stride, (count + index + 1) * stride);
    for (let row = Math.max(0, down); row < Math.min(height, height + down); row++) {
      for (let column = Math.max(0, right); column < Math.min(width, width + right); column++) {
        to[row * width + column] = from[(row - down) * width + column - right]!;
      }
    }
  }
  const labels = new Uint8Array(2 * count);
  labels.set(y.data);
  labels.set(y.data, count);
  return { x: new NdArray(images, [2 * count, ...x.shape.slice(1)]), y: new NdArray(labels) };
}
