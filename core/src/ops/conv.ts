import { ArgumentError, oneOf, ShapeError } from "../base/errors.ts";
import { demandKnown } from "../base/known.ts";
import { range } from "../base/shape.ts";
import { type AttrsOf, build, describe, type Node } from "../graph/index.ts";
import { perAxis } from "./axes.ts";
import { requireFloat, strengthen } from "./broadcast.ts";
import { flip } from "./movement.ts";
import type { PadPair } from "./padding.ts";
import { type Padding, spanOf, spatialRank, type Windows, windowsOver } from "./spatial.ts";

export interface ConvOptions {
  readonly strides?: number | readonly number[];
  readonly padding?: Padding;
  /** Distance between the elements that a window reads. */
  readonly dilation?: number | readonly number[];
  /** Channels are cut into so many groups, each with its own part of the kernel. */
  readonly groups?: number;
}

/** Convolution of x [batch, ...spatial, in] with kernel [...window, in / groups, out] to [batch, ...spatial', out], ranks 1 to 3. */
export function conv(x: Node, kernel: Node, options: ConvOptions = {}): Node {
  demandKnown("conv", options, ["strides", "padding", "dilation", "groups"]);
  const { strides = 1, padding = "valid", dilation = 1, groups = 1 } = options;
  const rank = checkOperands("conv", x, kernel);
  const [perGroup, out] = kernel.shape.slice(-2) as [number, number]; // checkOperands: rank + 2 axes
  const channels = x.shape.at(-1)!;
  if (!Number.isInteger(groups) || groups < 1) throw new ArgumentError(`conv: ${groups} is not a number of groups`);
  if (channels !== perGroup * groups) {
    const expected = groups === 1 ? `${perGroup}` : `${perGroup} in each of ${groups} groups`;
    throw operandError(`conv: the kernel expects ${expected} channels, the input has ${channels}`, x, kernel);
  }
  if (out % groups !== 0) throw operandError(`conv: ${out} filters do not divide into ${groups} groups`, x, kernel);

  const window = kernel.shape.slice(0, rank);
  const windows = windowsOver("conv", x, window, { strides, dilation, padding });
  // Filters are listed group by group: [...window, in, groups, out] → [...window, groups, in, out]
  const split = build.reshape(kernel, [...window, perGroup, groups, out / groups]);
  const grouped = build.permute(split, [...range(rank), rank + 1, rank, rank + 2]);
  return convGrouped(x, grouped, attrsOf(windows));
}

const attrsOf = ({ stride, dilation, pad }: Windows): AttrsOf<"conv"> => ({
  stride,
  dilation,
  spread: stride.map(() => 1),
  pad,
});

/** The primitive on x [batch, ...spatial, groups · in], w [...window, groups, in, out], with the groups joined again. */
function convGrouped(x: Node, w: Node, attrs: AttrsOf<"conv">): Node {
  const [groups, perGroup] = w.shape.slice(-3) as [number, number, number]; // w has its three channel axes
  const result = build.conv(build.reshape(x, [...x.shape.slice(0, -1), groups, perGroup]), w, attrs);
  return build.reshape(result, [...result.shape.slice(0, -2), groups * result.shape.at(-1)!]);
}

export interface DepthwiseConvOptions {
  readonly strides?: number | readonly number[];
  readonly padding?: Padding;
  readonly dilation?: number | readonly number[];
}

/** A convolution for each channel: x [batch, ...spatial, in], kernel [...window, in, multiplier] → [..., in · multiplier]. */
export function depthwiseConv(
  x: Node,
  kernel: Node,
  { strides = 1, padding = "valid", dilation = 1 }: DepthwiseConvOptions = {},
): Node {
  const rank = checkOperands("depthwiseConv", x, kernel);
  const [channels, multiplier] = kernel.shape.slice(-2) as [number, number]; // checkOperands: rank + 2 axes
  if (x.shape.at(-1) !== channels) {
    throw operandError(
      `depthwiseConv: the kernel expects ${channels} channels, the input has ${x.shape.at(-1)}`,
      x,
      kernel,
    );
  }
  const window = kernel.shape.slice(0, rank);
  const windows = windowsOver("depthwiseConv", x, window, { strides, dilation, padding });
  const w = build.reshape(kernel, [...window, channels, 1, multiplier]);
  return convGrouped(x, w, attrsOf(windows));
}

/** A depthwise convolution, then one of size 1 that mixes the channels: pointwise [...1, in · multiplier, out]. */
export const separableConv = (x: Node, depthwise: Node, pointwise: Node, options: DepthwiseConvOptions = {}): Node =>
  conv(depthwiseConv(x, depthwise, options), pointwise);

export interface ConvTransposeOptions {
  readonly strides?: number | readonly number[];
  /** "valid", "same", or what is cut off at both ends of each spatial axis. */
  readonly padding?: "valid" | "same" | readonly PadPair[];
  readonly dilation?: number | readonly number[];
  /** Elements added at the end; by default chosen so that "same" gives input · stride. */
  readonly outputPadding?: number | readonly number[] | undefined;
}

/**
 * The transpose (input gradient) of a convolution: x [batch, ...spatial, in], kernel [...window, out, in] → [batch,
 * ...spatial', out]. Sizes as in Keras: "same" input · stride, "valid" input · stride + max(span − stride, 0).
 */
export function convTranspose(x: Node, kernel: Node, options: ConvTransposeOptions = {}): Node {
  const op = "convTranspose";
  demandKnown(op, options, ["strides", "padding", "dilation", "outputPadding"]);
  const { strides = 1, padding = "valid", dilation = 1, outputPadding } = options;
  const rank = checkOperands(op, x, kernel);
  const [out, channels] = kernel.shape.slice(-2) as [number, number]; // checkOperands: rank + 2 axes
  if (x.shape.at(-1) !== channels) {
    throw operandError(`${op}: the kernel expects ${channels} channels, the input has ${x.shape.at(-1)}`, x, kernel);
  }
  const window = kernel.shape.slice(0, rank);
  const spread = perAxis(op, "strides", strides, rank);
  const steps = perAxis(op, "dilation", dilation, rank);
  const added = typeof outputPadding === "number" ? window.map(() => outputPadding) : outputPadding;
  checkOutputPadding(op, added, spread);
  if (typeof padding === "string") oneOf("padding", padding, ["valid", "same"], op);
  else if (padding.length !== rank) {
    throw new ArgumentError(`${op}: ${padding.length} padding pairs for ${rank} spatial axes`);
  }
  const pad = window.map((size, axis) =>
    transposedPad(spanOf(size, steps[axis]!), spread[axis]!, added?.[axis], padding, axis),
  );
  const sizes = window.map((size, axis) => {
    const [low, high] = pad[axis]!; // one pair an axis
    return spanOf(x.shape[axis + 1]!, spread[axis]!) + low + high - spanOf(size, steps[axis]!) + 1;
  });
  const empty = sizes.findIndex((size) => size < 1);
  if (empty >= 0) throw operandError(`${op}: spatial axis ${empty} would have size ${sizes[empty]}`, x, kernel);

  // [...window, out, in], turned around → [...window, 1 group, in, out]
  const turned = flip(kernel, range(rank));
  const w = build.reshape(build.permute(turned, [...range(rank), rank + 1, rank]), [...window, 1, channels, out]);
  return convGrouped(x, w, { stride: window.map(() => 1), dilation: steps, spread, pad });
}

/** Zeros around the spread-out input of a transposed convolution, by the arithmetic of Keras (backend_utils). */
function transposedPad(
  span: number,
  stride: number,
  outputPadding: number | undefined,
  padding: "valid" | "same" | readonly PadPair[],
  axis: number,
): PadPair {
  if (padding === "valid") return [span - 1, span - 1 + (outputPadding ?? Math.max(span, stride) - span)];
  if (padding === "same") {
    const total = outputPadding === undefined ? stride + span - 2 : span + (span % 2) - 2 + outputPadding;
    const low = Math.min(Math.ceil(total / 2), span - 1);
    return [low, total - low];
  }
  const [low, high] = padding[axis]!; // one pair an axis was checked
  return [span - 1 - low, span - 1 - high + (outputPadding ?? 0)];
}

function checkOutputPadding(op: string, added: readonly number[] | undefined, stride: readonly number[]): void {
  if (added === undefined) return;
  const valid =
    added.length === stride.length &&
    added.every((count, axis) => Number.isInteger(count) && count >= 0 && count < stride[axis]!);
  if (!valid) {
    throw new ArgumentError({
      what: `${op}: outputPadding [${added.join(", ")}] does not fit strides [${stride.join(", ")}]`,
      hint: "each must be at least 0 and less than its stride",
    });
  }
}

/** The number of spatial axes; throws unless input and kernel have as many, and one dtype. */
function checkOperands(op: string, x: Node, kernel: Node): number {
  const rank = spatialRank(op, x);
  strengthen(op, [x, kernel]);
  requireFloat(op, x);
  if (kernel.shape.length !== rank + 2) {
    throw operandError(`${op}: the input has ${rank} spatial axes, the kernel ${kernel.shape.length - 2}`, x, kernel);
  }
  return rank;
}

const operandError = (what: string, x: Node, kernel: Node): ShapeError =>
  new ShapeError({ what, details: [describe("input", x), describe("kernel", kernel)] });
