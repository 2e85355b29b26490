/** Sizes along the axes, outermost first. A scalar is `[]`. */
export type Shape = readonly number[];

/** Number of elements of `shape`; 1 for a scalar. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/** Elements (not bytes) between neighbours along each axis of a row-major array. */
export function rowStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** `shape` with the given axes removed. */
export const without = (shape: Shape, axes: readonly number[]): Shape =>
  shape.filter((_, axis) => !axes.includes(axis));

/** The integers from 0 to `count` - 1. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** `[32, 784]`, as shapes are printed everywhere. */
export const printShape = (shape: Shape): string => `[${shape.join(", ")}]`;
