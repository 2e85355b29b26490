import { range, type Shape, sizeOf } from "../base/shape.ts";
import type { HostArray } from "./hostArray.ts";
import { offsetsAlong } from "./offsets.ts";
import { emptyArray, type ReferenceRules } from "./rule.ts";
import { adder, type Combine } from "./scalar.ts";

/** Calls `visit` with the flat places of each pair (element of x along `axis`, element of the indexed array). */
function visitIndexed(
  shape: Shape,
  axis: number,
  indices: HostArray,
  visit: (place: number | undefined, indexedPlace: number) => void,
): void {
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const size = shape[axis]!;
  const count = indices.data.length;
  for (let o = 0; o < outer; o++) {
    for (let position = 0; position < count; position++) {
      const index = indices.data[position]!;
      const inside = index >= 0 && index < size;
      for (let i = 0; i < inner; i++) {
        visit(inside ? (o * size + index) * inner + i : undefined, (o * count + position) * inner + i);
      }
    }
  }
}

/** Ascending with NaN last; equal elements keep their order because the sort is stable. */
function ordering(values: readonly number[], descending: boolean): number[] {
  const rank = (value: number): number => (descending ? -value : value);
  return range(values.length).sort((i, j) => {
    const [x, y] = [values[i]!, values[j]!];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return x === y ? 0 : rank(x) < rank(y) ? -1 : 1;
  });
}

/** Data-dependent positions. */
export const indexing: ReferenceRules<"gather" | "scatter" | "argsort"> = {
  gather: ([x, indices], { axis }, type) => {
    const out = emptyArray(type);
    visitIndexed(x!.shape, axis, indices!, (place, indexedPlace) => {
      out.data[indexedPlace] = place === undefined ? 0 : x!.data[place]!;
    });
    return out;
  },
  scatter: ([x, indices, updates], { axis, scatter }, type) => {
    const data = x!.data.slice();
    const combine: Combine = { add: adder(type.dtype), set: (_: number, y: number) => y, max: Math.max }[scatter];
    visitIndexed(x!.shape, axis, indices!, (place, indexedPlace) => {
      if (place !== undefined) data[place] = combine(data[place]!, updates!.data[indexedPlace]!);
    });
    return { ...type, data };
  },
  argsort: ([x], { axis, descending }, type) => {
    const out = emptyArray(type);
    const along = offsetsAlong(x!.shape, [axis]);
    for (const start of offsetsAlong(
      x!.shape,
      range(x!.shape.length).filter((other) => other !== axis),
    )) {
      const values = Array.from(along, (offset) => x!.data[start + offset]!);
      ordering(values, descending).forEach((index, position) => {
        out.data[start + along[position]!] = index;
      });
    }
    return out;
  },
};
