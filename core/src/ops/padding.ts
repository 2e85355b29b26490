import { ArgumentError, oneOf } from "../base/errors.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { strengthen } from "./broadcast.ts";
import { between } from "./joining.ts";
import { flip } from "./movement.ts";

/** `[low, high]` elements added before and after one axis. */
export type PadPair = readonly [low: number, high: number];

/** Where the added elements come from: a value, the edge element, the mirrored inside without or with the edge, or the other end. */
const modes = ["constant", "edge", "reflect", "symmetric", "wrap"] as const;
export type PadMode = (typeof modes)[number];

export interface PadOptions {
  readonly mode?: PadMode;
  /** What "constant" adds. */
  readonly value?: number;
}

/** `x` with elements added around it: `widths` is one number for all ends, a pair for all axes, or a pair for each axis. */
export function pad(
  x: Node,
  widths: number | PadPair | readonly PadPair[],
  { mode = "constant", value = 0 }: PadOptions = {},
): Node {
  const pairs = pairsOf(widths, x);
  oneOf("mode", mode, modes, "pad");
  strengthen("pad", [x, value]); // the value must be one of the dtype
  if (mode !== "constant") return pairs.reduce((padded, pair, axis) => padByCopy(padded, axis, pair, mode), x);
  return build.pad(x, {
    low: pairs.map(([low]) => low),
    high: pairs.map(([, high]) => high),
    between: pairs.map(() => 0),
    value,
  });
}

function pairsOf(widths: number | PadPair | readonly PadPair[], x: Node): PadPair[] {
  const pairs = x.shape.map((_, axis): PadPair | undefined => {
    if (typeof widths === "number") return [widths, widths];
    const [first, second] = widths;
    return typeof first === "number" && typeof second === "number" && widths.length === 2
      ? [first, second]
      : (widths[axis] as PadPair | undefined); // numbers were excluded
  });
  if (typeof widths !== "number" && typeof widths[0] !== "number" && widths.length !== x.shape.length) {
    throw shapeError(`pad: ${widths.length} pairs for ${x.shape.length} axes`, [x], "give [low, high] for each axis");
  }
  return pairs.map((pair, axis) => {
    if (Array.isArray(pair) && pair.length === 2 && pair.every((width) => Number.isInteger(width) && width >= 0))
      return pair;
    throw new ArgumentError(
      `pad: widths ${JSON.stringify(pair)} of axis ${axis} must be two whole numbers of at least 0`,
    );
  });
}

function padByCopy(x: Node, axis: number, [low, high]: PadPair, mode: Exclude<PadMode, "constant">): Node {
  const size = x.shape[axis]!; // one pair an axis
  if (low === 0 && high === 0) return x;
  const skipped = mode === "reflect" ? 1 : 0;
  const available = mode === "edge" ? (size > 0 ? Infinity : 0) : size - skipped;
  if (Math.max(low, high) > available) {
    throw shapeError(`pad: axis ${axis} of size ${size} cannot be padded by ${Math.max(low, high)} in mode "${mode}"`, [
      x,
    ]);
  }
  const mirrored = (start: number, count: number): Node => flip(between(x, axis, start, start + count), axis);
  const edge = (at: number, count: number): Node => {
    const row = between(x, axis, at, at + 1);
    return build.expand(
      row,
      row.shape.map((old, other) => (other === axis ? count : old)),
    );
  };
  const before = (): Node => {
    if (mode === "edge") return edge(0, low);
    return mode === "wrap" ? between(x, axis, size - low, size) : mirrored(skipped, low);
  };
  const after = (): Node => {
    if (mode === "edge") return edge(size - 1, high);
    return mode === "wrap" ? between(x, axis, 0, high) : mirrored(size - skipped - high, high);
  };
  return build.concat([...(low > 0 ? [before()] : []), x, ...(high > 0 ? [after()] : [])], axis);
}
