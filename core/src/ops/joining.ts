import { ArgumentError } from "../base/errors.ts";
import { printShape, range, sameShape, without } from "../base/shape.ts";
import { build, dtypeError, type Node, shapeError } from "../graph/index.ts";
import { dropAxes, normalizeAxis } from "./axes.ts";
import { expandDims, ravel } from "./movement.ts";

/** The tensors one after the other along `axis`. */
export function concatenate(xs: readonly Node[], axis = 0): Node {
  const [first, ...others] = xs;
  if (first === undefined) throw new ArgumentError("concatenate: needs at least one tensor");
  const place = normalizeAxis("concatenate", axis, first.shape.length, first);
  for (const other of others) {
    if (other.dtype !== first.dtype) {
      throw dtypeError(`concatenate: dtypes differ, ${first.dtype} and ${other.dtype}`, xs, "cast one of them");
    }
    if (!sameShape(without(first.shape, [place]), without(other.shape, [place]))) {
      throw shapeError(
        `concatenate: shapes ${printShape(first.shape)} and ${printShape(other.shape)} differ outside axis ${axis}`,
        xs,
        `all sizes but that of axis ${axis} must be equal`,
      );
    }
  }
  const filled = xs.filter((x) => x.shape[place] !== 0);
  return filled.length === 0 ? first : build.concat(filled, place);
}

/** The tensors, of one shape, along a new axis. */
export function stack(xs: readonly Node[], axis = 0): Node {
  const [first] = xs;
  if (first === undefined) throw new ArgumentError("stack: needs at least one tensor");
  const place = normalizeAxis("stack", axis, first.shape.length + 1, first);
  const odd = xs.find((x) => !sameShape(x.shape, first.shape));
  if (odd !== undefined) {
    throw shapeError(`stack: shapes ${printShape(first.shape)} and ${printShape(odd.shape)} differ`, xs);
  }
  return concatenate(
    xs.map((x) => expandDims(x, place)),
    place,
  );
}

/** The part of `x` from `start` to `stop` along `axis`. */
export const between = (x: Node, axis: number, start: number, stop: number): Node =>
  build.slice(
    x,
    x.shape.map((_, index) => (index === axis ? start : 0)),
    x.shape.map((size, index) => (index === axis ? stop - start : size)),
  );

/** `x` cut along `axis`: into that many equal parts, or before each of the given indices. */
export function split(x: Node, parts: number | readonly number[], axis = 0): Node[] {
  const place = normalizeAxis("split", axis, x.shape.length, x);
  const size = x.shape[place]!; // a normalized axis exists
  if (typeof parts === "number" && !(Number.isInteger(parts) && parts > 0 && size % parts === 0)) {
    throw shapeError(
      `split: axis ${axis} of size ${size} has no ${parts} equal parts`,
      [x],
      "give the indices of the cuts",
    );
  }
  const cuts =
    typeof parts === "number"
      ? range(parts).map((part) => (part * size) / parts)
      : [0, ...parts.map((cut) => limit(cut, size))];
  return cuts.map((start, index) => {
    const stop = cuts[index + 1] ?? size;
    return between(x, place, start, Math.max(start, stop));
  });
}

/** A cut as NumPy reads it: from the end when negative, limited to the axis. */
const limit = (cut: number, size: number): number => Math.min(size, Math.max(0, cut < 0 ? cut + size : cut));

/** The slices of `x` along `axis`, without that axis. */
export function unstack(x: Node, axis = 0): Node[] {
  const place = normalizeAxis("unstack", axis, x.shape.length, x);
  return range(x.shape[place]!).map((index) => dropAxes(between(x, place, index, index + 1), [place]));
}

/** `x` laid side by side `repetitions` times along each axis, the last axis last. */
export function tile(x: Node, repetitions: number | readonly number[]): Node {
  const given = typeof repetitions === "number" ? [repetitions] : repetitions;
  if (!given.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ArgumentError(`tile: repetitions ${printShape(given)} must be whole numbers of at least 0`);
  }
  const rank = Math.max(given.length, x.shape.length);
  const counts = [...new Array<number>(rank - given.length).fill(1), ...given];
  const sizes = [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  // [size] → [1, size] → [count, size] → [count · size], for all axes at once
  const apart = build.reshape(
    x,
    sizes.flatMap((size) => [1, size]),
  );
  const repeated = build.expand(
    apart,
    sizes.flatMap((size, axis) => [counts[axis]!, size]),
  );
  return build.reshape(
    repeated,
    sizes.map((size, axis) => size * counts[axis]!),
  );
}

/** Every element along `axis` several times in a row; one count for all, or one each. Without an axis: of `ravel(x)`. */
export function repeat(x: Node, counts: number | readonly number[], axis?: number): Node {
  if (axis === undefined) return repeat(ravel(x), counts, 0);
  const place = normalizeAxis("repeat", axis, x.shape.length, x);
  const size = x.shape[place]!;
  const list = typeof counts === "number" ? [counts] : counts;
  if (!list.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ArgumentError(`repeat: counts ${printShape(list)} must be whole numbers of at least 0`);
  }
  if (typeof counts === "number") {
    const apart = expandDims(x, place + 1);
    const repeated = build.expand(
      apart,
      apart.shape.map((old, index) => (index === place + 1 ? counts : old)),
    );
    return build.reshape(
      repeated,
      x.shape.map((old, index) => (index === place ? old * counts : old)),
    );
  }
  if (list.length !== size) throw shapeError(`repeat: ${list.length} counts for axis ${axis} of size ${size}`, [x]);
  return concatenate(
    list.map((count, index) => {
      const row = between(x, place, index, index + 1);
      return build.expand(
        row,
        row.shape.map((old, other) => (other === place ? count : old)),
      );
    }),
    place,
  );
}

/** `x` shifted by `shift` places along `axis`; what leaves at the end comes back at the start. Without an axis: over all elements. */
export function roll(x: Node, shift: number | readonly number[], axis?: number | readonly number[]): Node {
  if (axis === undefined) {
    if (typeof shift !== "number") throw new ArgumentError("roll: several shifts need an axis each");
    return build.reshape(roll(ravel(x), shift, 0), x.shape);
  }
  const axes = typeof axis === "number" ? [axis] : axis;
  const shifts = typeof shift === "number" ? axes.map(() => shift) : shift;
  if (axes.length !== shifts.length) throw new ArgumentError(`roll: ${shifts.length} shifts for ${axes.length} axes`);
  return axes.reduce((rolled, each, index) => {
    const place = normalizeAxis("roll", each, x.shape.length, x);
    const size = x.shape[place]!;
    const places = size === 0 ? 0 : ((shifts[index]! % size) + size) % size;
    if (places === 0) return rolled;
    return build.concat([between(rolled, place, size - places, size), between(rolled, place, 0, size - places)], place);
  }, x);
}
