import { oneOf } from "../base/errors.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { mul } from "./arithmetic.ts";
import { perAxis } from "./axes.ts";
import { expandDims, reshape } from "./movement.ts";
import { sum } from "./reduce.ts";

// Parts of images [batch, height, width, channels].

const imageOf = (op: string, x: Node): readonly [number, number, number, number] => {
  if (x.shape.length !== 4) throw shapeError(`${op}: needs images [batch, height, width, channels]`, [x]);
  return x.shape as unknown as readonly [number, number, number, number]; // rank 4
};

/** Channels as blocks of `size` × `size` pixels: [batch, h, w, size²·c] → [batch, h·size, w·size, c] (pixel shuffle). */
export function depthToSpace(x: Node, size: number): Node {
  const [batch, height, width, channels] = imageOf("depthToSpace", x);
  const rest = channels / size ** 2;
  if (!Number.isInteger(rest))
    throw shapeError(`depthToSpace: ${channels} channels make no ${size} × ${size} blocks`, [x]);
  const blocks = build.reshape(x, [batch, height, width, size, size, rest]);
  return reshape(build.permute(blocks, [0, 1, 3, 2, 4, 5]), [batch, height * size, width * size, rest]);
}
/** Blocks of `size` × `size` pixels as channels: the inverse of `depthToSpace`. */
export function spaceToDepth(x: Node, size: number): Node {
  const [batch, height, width, channels] = imageOf("spaceToDepth", x);
  if (height % size !== 0 || width % size !== 0) {
    throw shapeError(`spaceToDepth: ${height} × ${width} pixels are no blocks of ${size} × ${size}`, [x]);
  }
  const blocks = build.reshape(x, [batch, height / size, size, width / size, size, channels]);
  return reshape(build.permute(blocks, [0, 1, 3, 2, 4, 5]), [batch, height / size, width / size, size ** 2 * channels]);
}

export interface PatchOptions {
  readonly strides?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  readonly padding?: "valid" | "same";
}

/** All windows of `size` pixels, each in one row of [height of window · width · channels]: [batch, rows, columns, …]. */
export function extractPatches(x: Node, size: number | readonly [number, number], options: PatchOptions = {}): Node {
  const [batch, height, width, channels] = imageOf("extractPatches", x);
  const padding = oneOf("padding", options.padding ?? "valid", ["valid", "same"], "extractPatches");
  const window = perAxis("extractPatches", "size", size, 2);
  const stride = perAxis("extractPatches", "strides", options.strides ?? window, 2);
  const dilation = perAxis("extractPatches", "dilation", options.dilation ?? 1, 2);
  const spans = window.map((each, axis) => (each - 1) * dilation[axis]! + 1);
  const total = [height, width].map((each, axis) =>
    padding === "same" ? Math.max(0, (Math.ceil(each / stride[axis]!) - 1) * stride[axis]! + spans[axis]! - each) : 0,
  );
  const low = total.map((each) => Math.floor(each / 2));
  const padded = build.pad(x, {
    low: [0, ...low, 0],
    high: [0, ...total.map((each, axis) => each - low[axis]!), 0],
    between: [0, 0, 0, 0],
    value: 0,
  });
  const small = [1, 2].find((axis) => padded.shape[axis]! < spans[axis - 1]!);
  if (small !== undefined) {
    throw shapeError(`extractPatches: windows of ${window.join(" × ")} do not fit ${height} × ${width} pixels`, [x]);
  }
  const cut = build.windows(padded, { axes: [1, 2], size: window, stride, dilation });
  const [rows, columns] = cut.shape.slice(1, 3) as [number, number]; // [batch, rows, columns, channels, window…]
  return reshape(build.permute(cut, [0, 1, 2, 4, 5, 3]), [batch, rows, columns, window[0]! * window[1]! * channels]);
}

/** The brightness of colours: 0.2989 red + 0.587 green + 0.114 blue. */
export function rgbToGrayscale(x: Node): Node {
  if (x.shape.at(-1) !== 3) throw shapeError("rgbToGrayscale: the last axis must be red, green and blue", [x]);
  const index = build.iota([3], 0);
  const weights = [0.2989, 0.587, 0.114].map((weight, at) =>
    mul(build.cast(build.compare("eq", index, build.fill(at, index)), "f32"), weight),
  );
  const shares = weights.reduce((sum, each) => build.binary("add", sum, each));
  return expandDims(sum(mul(x, shares), -1), -1);
}
