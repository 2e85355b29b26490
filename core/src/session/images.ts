import { encodePng, type Image } from "../formats/index.ts";
import { type Slice, sliceValues } from "../record/index.ts";

/** A slice as a picture: planes of a feature map and heads of attention side by side; undefined for what is none. */
export function imageOf(slice: Slice): Image | undefined {
  const { role, shape } = slice.head;
  const [first = 0, second = 0, third = 1] = shape;
  const isPlane = shape.length === 2 || shape.length === 3;
  if (!isPlane || slice.data.length === 0) return undefined;
  if (role === "example") return inColors(slice, first, second, third === 3 ? 3 : 1, third);
  // [height, width, channels], each plane for itself
  if (role === "featureMap" && shape.length === 3)
    return tiled(slice, third, first, second, (plane, at) => at * third + plane);
  // [heads, queries, keys]
  if (role === "attention" && shape.length === 3)
    return tiled(slice, first, second, third, (plane, at) => plane * second * third + at);
  return undefined;
}

function inColors(slice: Slice, height: number, width: number, channels: 1 | 3, stride: number): Image {
  const values = sliceValues(slice);
  const shade = shadesOf(values);
  const pixels = Uint8Array.from({ length: height * width * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    return shade(values[pixel * stride + (at % channels)]!);
  });
  return { height, width, channels, file: encodePng(pixels, height, width, channels) };
}

/** Planes in rows, about as many rows as columns, a dark pixel between them. */
function tiled(
  slice: Slice,
  planes: number,
  height: number,
  width: number,
  placeOf: (plane: number, at: number) => number,
): Image {
  const values = sliceValues(slice);
  const shade = shadesOf(values);
  const columns = Math.ceil(Math.sqrt(planes));
  const across = columns * (width + 1) - 1;
  const down = Math.ceil(planes / columns) * (height + 1) - 1;
  const pixels = new Uint8Array(down * across);
  for (let plane = 0; plane < planes; plane++) {
    const corner = Math.floor(plane / columns) * (height + 1) * across + (plane % columns) * (width + 1);
    for (let at = 0; at < height * width; at++)
      pixels[corner + Math.floor(at / width) * across + (at % width)] = shade(values[placeOf(plane, at)]!);
  }
  return { height: down, width: across, channels: 1, file: encodePng(pixels, down, across, 1) };
}

/** Shades from black, the smallest number, to white, the largest. */
function shadesOf(values: Float32Array): (value: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  return (value) => Math.round((value - low) * scale);
}
