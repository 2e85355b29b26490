import { rowStrides, type Shape, sizeOf } from "../base/shape.ts";

/**
 * For every index of `shape`, in row-major order, `start + Σ index·stride`: where an index function that is linear in each
 * axis finds its element. Almost every primitive is a loop over such positions.
 */
export function offsetsOf(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  const offsets = new Int32Array(sizeOf(shape));
  if (offsets.length === 0) return offsets;
  offsets[0] = start;
  // Axes from the innermost: what is filled so far is repeated, shifted by one stride each time.
  let filled = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const block = filled;
    for (let index = 1; index < shape[axis]!; index++) {
      for (let inner = 0; inner < block; inner++) offsets[filled++] = offsets[inner]! + index * strides[axis]!;
    }
  }
  return offsets;
}

/** Positions of the indices along some axes of a row-major array, the other axes being at 0. */
export function offsetsAlong(shape: Shape, axes: readonly number[]): Int32Array {
  const strides = rowStrides(shape);
  return offsetsOf(
    axes.map((axis) => shape[axis]!),
    axes.map((axis) => strides[axis]!),
  );
}
