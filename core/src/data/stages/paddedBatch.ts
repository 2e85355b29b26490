import { ArgumentError, DataError } from "../../base/errors.ts";
import { printShape, type Shape } from "../../base/shape.ts";
import { isPlain, type Structure } from "../../nn/structure.ts";
import { zerosLike } from "../columns.ts";
import { type Batched, mapArrays, stack } from "../element.ts";
import type { NdArray } from "../ndarray.ts";
import type { Plan } from "../plan.ts";
import { batches } from "./batch.ts";
import { demandCount } from "./demand.ts";

/** Sizes that arrays are filled up to; null is the largest of the batch. */
export type PaddedShape = readonly (number | null)[];

export interface PaddedBatchOptions {
  /** Sizes to fill up to: for all arrays, or in the form of the elements. Default: the largest of the batch, on each axis. */
  readonly paddedShapes?: Structure<PaddedShape> | undefined;
  /** What to fill up with: for all arrays, or in the form of the elements. Default 0. */
  readonly paddingValues?: Structure<number> | undefined;
  /** Whether a last batch that is not full is left out. Default false. */
  readonly dropRemainder?: boolean | undefined;
}

/** Batches of `size` elements whose arrays may have different sizes: they are filled up at their ends. */
export function paddedBatch<T>(
  from: Plan<T>,
  size: number,
  { paddedShapes, paddingValues = 0, dropRemainder = false }: PaddedBatchOptions = {},
): Plan<Batched<T>> {
  demandCount("paddedBatch: the size", size);
  return batches("paddedBatch", from, size, dropRemainder, (elements, first) => {
    const places = new Map<string, NdArray[]>();
    elements.forEach((element, index) => {
      mapArrays(element, (array, path) => {
        const others = places.get(path) ?? [];
        const [head] = others;
        if (head !== undefined && head.shape.length !== array.shape.length)
          throw otherRank(first + index, path, head, array);
        others.push(array);
        places.set(path, others);
        return array;
      });
    });
    const targets = new Map(
      [...places].map(([path, arrays]) => [
        path,
        target(arrays, at<PaddedShape>(paddedShapes, path, isShape), path, first),
      ]),
    );
    const filled = elements.map(
      (element) =>
        mapArrays(element, (array, path) => padded(array, targets.get(path)!, at(paddingValues, path, isNumber) ?? 0)), // all have targets
    );
    return stack(filled, first, "paddedBatch");
  });
}

const isShape = (value: unknown): value is PaddedShape =>
  Array.isArray(value) && value.every((size) => size === null || typeof size === "number");
const isNumber = (value: unknown): value is number => typeof value === "number";

/** The part of `given` at a path; one value stands for all. */
function at<V>(given: Structure<V> | undefined, path: string, isLeaf: (value: unknown) => value is V): V | undefined {
  let part: unknown = given;
  for (const key of path.split(".").slice(1)) {
    if (part === undefined || isLeaf(part)) break;
    part = isPlain(part) || Array.isArray(part) ? (part as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  return isLeaf(part) ? part : undefined;
}

function target(arrays: readonly NdArray[], wanted: PaddedShape | undefined, path: string, first: number): Shape {
  const rank = arrays[0]!.shape.length; // a place has an array
  if (wanted !== undefined && wanted.length !== rank) {
    throw new ArgumentError(
      `paddedBatch: paddedShapes ${JSON.stringify(wanted)} have ${wanted.length} axes, the arrays${named(path)} ${rank}`,
    );
  }
  return Array.from({ length: rank }, (_, axis) => {
    const largest = Math.max(...arrays.map(({ shape }) => shape[axis]!));
    const size = wanted?.[axis] ?? largest;
    if (largest <= size) return size;
    const odd = arrays.findIndex(({ shape }) => shape[axis]! > size);
    throw new DataError({
      what: `paddedBatch: element ${first + odd}${named(path)} is larger than what it should be filled up to`,
      details: [
        { role: "paddedShapes", value: JSON.stringify(wanted) },
        { role: "received", value: printShape(arrays[odd]!.shape) },
      ],
      hint: "cut it in a map, or give null for that axis: the largest of the batch",
    });
  });
}

const named = (path: string): string => (path === "" ? "" : ` at ${path}`);

const otherRank = (index: number, path: string, expected: NdArray, received: NdArray): DataError =>
  new DataError({
    what: `paddedBatch: element ${index}${named(path)} has another number of axes than the elements before it`,
    details: [
      { role: "expected", value: printShape(expected.shape) },
      { role: "received", value: printShape(received.shape) },
    ],
  });

/** The array at the beginning of a larger one. */
export function padded(array: NdArray, shape: Shape, value: number): NdArray {
  if (array.shape.every((size, axis) => size === shape[axis])) return array;
  const whole = zerosLike(array, shape);
  if (value !== 0) whole.data.fill(value);
  const copy = (axis: number, from: number, to: number): void => {
    if (axis === shape.length - 1) {
      const { [axis]: size = 0 } = array.shape;
      whole.data.set(array.data.subarray(from, from + size), to);
      return;
    }
    const [inner, outer] = [array.shape, shape].map((sizes) => sizes.slice(axis + 1).reduce((a, b) => a * b, 1));
    for (let index = 0; index < array.shape[axis]!; index++) copy(axis + 1, from + index * inner!, to + index * outer!);
  };
  copy(0, 0, 0);
  return whole;
}
