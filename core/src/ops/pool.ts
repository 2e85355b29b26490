import { isFloat, rangeOf } from "../base/dtype.ts";
import { demandKnown } from "../base/known.ts";
import { range } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";
import { add, div, maximum, minimum, mul, sub } from "./arithmetic.ts";
import { perAxis } from "./axes.ts";
import { type Operand, requireFloat } from "./broadcast.ts";
import { type Padding, spatialRank, type Windows, windowsOver } from "./spatial.ts";

export interface PoolOptions {
  /** By default the size of the window, so that windows do not overlap. */
  readonly strides?: number | readonly number[] | undefined;
  readonly padding?: Exclude<Padding, "causal">;
}

/** The largest element of each window of x [batch, ...spatial, channels], ranks 1 to 3; padding never wins. */
export function maxPool(x: Node, size: number | readonly number[], options: PoolOptions = {}): Node {
  const windows = poolWindows("maxPool", x, size, options);
  const lowest = isFloat(x.dtype) ? -Infinity : rangeOf[x.dtype][0];
  return build.reduce("max", slide(x, windows, lowest), offsetAxes(x, windows));
}

/** The mean of each window of x [batch, ...spatial, channels], ranks 1 to 3; padding does not count. */
export function averagePool(x: Node, size: number | readonly number[], options: PoolOptions = {}): Node {
  requireFloat("averagePool", x);
  const windows = poolWindows("averagePool", x, size, options);
  const wide = build.cast(x, "f32");
  const total = build.reduce("sum", slide(wide, windows, 0), offsetAxes(x, windows));
  const count = insideCounts(x, windows).reduce((product, each) =>
    typeof product === "number" && typeof each === "number" ? product * each : mul(product, each),
  );
  return build.cast(div(total, count), x.dtype);
}

function poolWindows(op: string, x: Node, size: number | readonly number[], options: PoolOptions): Windows {
  demandKnown(op, options, ["strides", "padding"]);
  const { strides, padding = "valid" } = options;
  const rank = spatialRank(op, x);
  const window = perAxis(op, "the pool size", size, rank);
  return windowsOver(op, x, window, { strides: strides ?? window, dilation: 1, padding });
}

/** [batch, ...windows, channels, ...offsets in the window] of `x` padded with `value`. */
function slide(x: Node, { size, stride, dilation, pad }: Windows, value: number): Node {
  const padded = build.pad(x, {
    low: [0, ...pad.map(([low]) => low), 0],
    high: [0, ...pad.map(([, high]) => high), 0],
    between: x.shape.map(() => 0),
    value,
  });
  return build.windows(padded, { axes: range(size.length).map((axis) => axis + 1), size, stride, dilation });
}

const offsetAxes = (x: Node, { size }: Windows): number[] => range(size.length).map((axis) => axis + x.shape.length);

/**
 * For each spatial axis, how many elements of a window lie in `x`: a number, or f32 [windows, 1, ...] where that differs. At least 1:
 * the mean of a window of padding alone is 0.
 */
function insideCounts(x: Node, { size, stride, pad, count }: Windows): Operand[] {
  return size.map((length, axis) => {
    const [low, high] = pad[axis]!; // one pair an axis
    if (low === 0 && high === 0) return length;
    const inside = range(count[axis]!).map((window) => {
      const first = window * stride[axis]! - low;
      return Math.max(Math.min(first + length, x.shape[axis + 1]!) - Math.max(first, 0), 1);
    });
    if (inside.every((each) => each === inside[0])) return inside[0]!;
    // max(min(t·stride − low + length, size) − max(t·stride − low, 0), 1), with t along the axis
    const shape = x.shape.map((_, other) => (other === axis + 1 ? count[axis]! : 1));
    const first = sub(mul(build.iota(shape, axis + 1, "f32"), stride[axis]!), low);
    return maximum(sub(minimum(add(first, length), x.shape[axis + 1]!), maximum(first, 0)), 1);
  });
}
