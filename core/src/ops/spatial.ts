import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape } from "../base/shape.ts";
import { describe, type Node } from "../graph/index.ts";
import { perAxis } from "./axes.ts";
import type { PadPair } from "./padding.ts";

/** "valid": none; "same": as many windows as elements (divided by the stride), extra at the end; "causal": all before (1-D); or pairs. */
export type Padding = "valid" | "same" | "causal" | readonly PadPair[];

/** The windows of a convolution or pooling, one entry a spatial axis. */
export interface Windows {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly pad: readonly PadPair[];
  /** How many windows there are. */
  readonly count: readonly number[];
}

/** Elements from the first to the last that a window reads. */
export const spanOf = (size: number, dilation: number): number => (size - 1) * dilation + 1;

/** The windows over the spatial axes of `x` [batch, ...spatial, channels]; throws when none fits. */
export function windowsOver(
  op: string,
  x: Node,
  size: readonly number[],
  options: { strides: number | readonly number[]; dilation: number | readonly number[]; padding: Padding },
): Windows {
  const rank = size.length;
  const stride = perAxis(op, "strides", options.strides, rank);
  const dilation = perAxis(op, "dilation", options.dilation, rank);
  const spatial = x.shape.slice(1, -1);
  const span = size.map((length, axis) => spanOf(length, dilation[axis]!));
  const pad = padsOf(op, options.padding, spatial, span, stride);
  const count = spatial.map((length, axis) => {
    const [low, high] = pad[axis]!; // one pair an axis
    return Math.floor((length + low + high - span[axis]!) / stride[axis]!) + 1;
  });
  const empty = count.findIndex((windows) => windows < 1);
  if (empty >= 0) {
    const { padding } = options;
    throw new ShapeError({
      what: `${op}: a window of ${span[empty]} does not fit spatial axis ${empty} of size ${spatial[empty]}`,
      details: [
        describe("input", x),
        { role: "window", value: printShape(size) },
        { role: "strides", value: printShape(stride) },
        ...(dilation.some((step) => step !== 1) ? [{ role: "dilation", value: printShape(dilation) }] : []),
        { role: "padding", value: typeof padding === "string" ? `"${padding}"` : pad.map(printShape).join(" ") },
      ],
      hint: 'use a smaller window, padding "same", or a larger input',
    });
  }
  return { size, stride, dilation, pad, count };
}

function padsOf(
  op: string,
  padding: Padding,
  spatial: readonly number[],
  span: readonly number[],
  stride: readonly number[],
): PadPair[] {
  if (padding === "valid") return spatial.map(() => [0, 0]);
  if (padding === "causal") {
    if (spatial.length !== 1)
      throw new ArgumentError(`${op}: padding "causal" needs one spatial axis, not ${spatial.length}`);
    return [[span[0]! - 1, 0]];
  }
  if (padding === "same") {
    return spatial.map((length, axis) => {
      const windows = Math.ceil(length / stride[axis]!);
      const total = Math.max(0, (windows - 1) * stride[axis]! + span[axis]! - length);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
  }
  if (typeof padding === "string") {
    throw new ArgumentError({
      what: `${op}: unknown padding "${padding}"`,
      hint: 'use "valid", "same", "causal" or [low, high] pairs',
    });
  }
  if (padding.length !== spatial.length)
    throw new ArgumentError(`${op}: ${padding.length} padding pairs for ${spatial.length} spatial axes`);
  return padding.map((pair) => {
    if (pair.length === 2 && pair.every((width) => Number.isInteger(width) && width >= 0)) return pair;
    throw new ArgumentError(`${op}: a padding pair is two whole numbers of at least 0, received ${printShape(pair)}`);
  });
}

/** The number of spatial axes of `x` [batch, ...spatial, channels]; throws unless it is 1, 2 or 3. */
export function spatialRank(op: string, x: Node): number {
  const rank = x.shape.length - 2;
  if (rank >= 1 && rank <= 3) return rank;
  throw new ShapeError({
    what: `${op}: needs [batch, ...1 to 3 spatial axes, channels], received ${x.shape.length} axes`,
    details: [describe("input", x)],
    hint: x.shape.length === 2 || x.shape.length === 1 ? "add the missing axes: expandDims(x, -1)" : "reshape it first",
  });
}
