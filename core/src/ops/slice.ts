import { ArgumentError } from "../base/errors.ts";
import { printShape, type Shape, sameShape } from "../base/shape.ts";
import { build, dtypeError, type Node, shapeError } from "../graph/index.ts";
import { demandList } from "./axes.ts";
import { expandTo, type Operand, strengthen } from "./broadcast.ts";
import { greaterEqual, less, logicalAnd } from "./compare.ts";
import { ones } from "./create.ts";

/** `start:stop:step` of NumPy; negative bounds count from the end, a negative step runs backwards. */
export interface SliceRange {
  readonly start?: number | undefined;
  readonly stop?: number | undefined;
  readonly step?: number | undefined;
}

/** One entry of a slice: an index (the axis disappears), a range, `"..."` (all axes not named), or `null` (a new axis). */
export type SliceItem = number | SliceRange | "..." | null;
export type SliceSpec = readonly SliceItem[];

/** What a slice takes of one axis. */
interface Taken {
  readonly start: number;
  readonly size: number;
  readonly step: number;
}

/** The part of `x` that `spec` names, as `x[spec]` in NumPy; axes that are not named are taken whole. */
export function slice(x: Node, spec: SliceSpec): Node {
  const taken: Taken[] = [];
  const shape: number[] = [];
  for (const item of spellOut(spec, x)) {
    const axis = taken.length;
    if (item === null) shape.push(1);
    else if (typeof item === "number") taken.push({ start: indexOn(item, axis, x), size: 1, step: 1 });
    else {
      const part = rangeOn(item, x.shape[axis]!, axis); // spellOut names every axis once
      taken.push(part);
      shape.push(part.size);
    }
  }
  const part = build.slice(
    x,
    taken.map(({ start }) => start),
    taken.map(({ size }) => size),
    taken.map(({ step }) => step),
  );
  return build.reshape(part, shape);
}

/** The spec with one item for every axis of `x`: the ellipsis, or the end, stands for whole axes. */
function spellOut(spec: SliceSpec, x: Node): Exclude<SliceItem, "...">[] {
  const rank = x.shape.length;
  const named = demandList("slice", "the spec", spec).filter((item) => item !== null && item !== "...").length;
  if (named > rank) {
    throw shapeError(`slice: ${named} indices for ${rank} axes`, [x], "null adds an axis; the others name one each");
  }
  if (spec.filter((item) => item === "...").length > 1) throw new ArgumentError('slice: "..." may appear only once');
  const rest = new Array<SliceRange>(rank - named).fill({});
  const whole = spec.includes("...") ? spec : [...spec, "..." as const];
  return whole.flatMap((item) => (item === "..." ? rest : [item]));
}

/** An index from 0; throws ShapeError outside the axis. */
function indexOn(index: number, axis: number, x: Node): number {
  const size = x.shape[axis]!; // spellOut names existing axes
  if (Number.isInteger(index) && index >= -size && index < size) return index < 0 ? index + size : index;
  throw shapeError(
    `slice: index ${index} is out of range for axis ${axis} of size ${size}`,
    [x],
    size === 0 ? "the axis is empty" : `valid indices are ${-size} to ${size - 1}`,
  );
}

/** Python's `slice.indices`: bounds beyond the ends are clamped. */
function rangeOn({ start, stop, step = 1 }: SliceRange, size: number, axis: number): Taken {
  const bad = [start, stop, step].find((bound) => bound !== undefined && !Number.isInteger(bound));
  if (bad !== undefined) throw new ArgumentError(`slice: ${bad} is no whole number, at axis ${axis}`);
  if (step === 0) throw new ArgumentError(`slice: the step of axis ${axis} is 0`);
  const [lowest, highest] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (value: number): number => Math.min(highest, Math.max(lowest, value < 0 ? value + size : value));
  const first = start === undefined ? (step > 0 ? lowest : highest) : bound(start);
  const end = stop === undefined ? (step > 0 ? highest : lowest) : bound(stop);
  return { start: first, size: Math.max(0, Math.ceil((end - first) / step)), step };
}

/** `size` elements an axis from `start`, whose entries may be i32 scalars known only at run time; what lies outside reads 0. */
export function dynamicSlice(x: Node, start: readonly (number | Node)[], size: Shape): Node {
  checkStart("dynamicSlice", x, start, size);
  return size.reduce<Node>((part, length, axis) => {
    const first = start[axis]!; // checkStart: one an axis
    if (first === 0 && length === x.shape[axis]) return part;
    return build.gather(part, positions(length, first), axis);
  }, x);
}

/** `x` with `update` (of equal rank) written over it from `start`; entries of `start` may be i32 scalars known only at run time. */
export function sliceUpdate(x: Node, start: readonly (number | Node)[], update: Operand): Node {
  const [, value] = strengthen("sliceUpdate", [x, update]);
  checkStart("sliceUpdate", x, start, value.shape);
  if (sameShape(x.shape, value.shape) && start.every((first) => first === 0)) return value;
  return start.every((first) => typeof first === "number")
    ? staticUpdate(x, start, value)
    : dynamicUpdate(x, start, value);
}

function staticUpdate(x: Node, start: readonly number[], update: Node): Node {
  const low = start.map((first, axis) => (first < 0 ? first + x.shape[axis]! : first));
  const high = x.shape.map((size, axis) => size - low[axis]! - update.shape[axis]!);
  const outside = low.findIndex((first, axis) => first < 0 || high[axis]! < 0);
  if (outside >= 0) {
    throw shapeError(
      `sliceUpdate: an update of ${printShape(update.shape)} from [${start.join(", ")}] leaves ${printShape(x.shape)} at axis ${outside}`,
      [x, update],
    );
  }
  const frame = { low, high, between: low.map(() => 0), value: 0 };
  return build.where(build.pad(ones(update.shape, "bool"), frame), build.pad(update, frame), x);
}

/** Each place of the result reads the update at (place − start), and `x` where that is outside of it. */
function dynamicUpdate(x: Node, start: readonly (number | Node)[], update: Node): Node {
  let spread = update;
  let inside: Node | undefined;
  x.shape.forEach((size, axis) => {
    const first = start[axis]!; // checkStart: one an axis
    const length = update.shape[axis]!;
    if (first === 0 && length === size) return;
    const offset = positions(size, typeof first === "number" ? -first : build.unary("neg", first));
    spread = build.gather(spread, offset, axis);
    const within = logicalAnd(greaterEqual(offset, 0), less(offset, length));
    const along = expandTo(
      build.reshape(
        within,
        x.shape.map((_, other) => (other === axis ? size : 1)),
      ),
      x.shape,
    );
    inside = inside === undefined ? along : logicalAnd(inside, along);
  });
  return inside === undefined ? spread : build.where(inside, spread, x);
}

/** i32: `first`, `first + 1`, … */
const positions = (count: number, first: number | Node): Node => {
  const index = build.iota([count], 0);
  return build.binary("add", index, typeof first === "number" ? build.fill(first, index) : expandTo(first, [count]));
};

function checkStart(op: string, x: Node, start: readonly (number | Node)[], size: Shape): void {
  if (start.length !== x.shape.length || size.length !== x.shape.length) {
    throw shapeError(
      `${op}: ${start.length} starts and ${size.length} sizes for ${x.shape.length} axes`,
      [x],
      "give one an axis",
    );
  }
  for (const first of start) {
    if (typeof first === "number") {
      if (!Number.isInteger(first)) throw new ArgumentError(`${op}: the start ${first} is no whole number`);
    } else if (first.dtype !== "i32")
      throw dtypeError(`${op}: a start is ${first.dtype}, not i32`, [first], 'cast it: cast(start, "i32")');
    else if (first.shape.length !== 0) throw shapeError(`${op}: a start is no scalar`, [first]);
  }
}
