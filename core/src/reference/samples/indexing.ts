import { dtypes, isFloat } from "../../base/dtype.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { ScatterName } from "../../graph/primitives.ts";
import { type HostArray, hostArray } from "../hostArray.ts";
import { epsilonOf, exact, named, type SampleRule, sample } from "./sample.ts";

type IndexRow = readonly [Shape, axis: number, indicesShape: Shape, indices: readonly number[]];

/** In order, reversed, repeated, out of range on both sides; indices of every rank; first, inner and last axes. */
const indexRows: readonly IndexRow[] = [
  [[5], 0, [3], [0, 2, 4]],
  [[5], 0, [], [3]],
  [[5], 0, [0], []],
  [[5], 0, [7], [4, 4, 0, -1, 5, 4, 0]],
  [[5], 0, [4], [-2147483648, 2147483647, -5, 1]],
  [[13, 3], 0, [2, 2], [12, 0, 0, 7]],
  [[4, 7], 1, [5], [6, 0, 3, 3, 7]],
  [[2, 5, 3], 1, [2, 2], [4, 4, 1, -1]],
  [[2, 3, 1, 5], 3, [3], [0, 4, 4]],
  [[2, 3, 2, 2], 0, [3], [1, 0, 1]],
  [[0, 3], 0, [2], [0, 1]],
  [[33, 8], 0, [20], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 32, 33, 8]],
];

const indicesOf = ([, , shape, values]: IndexRow): HostArray => hostArray(shape, "i32", values);
const indexedShape = ([shape, axis, indices]: IndexRow): Shape => [
  ...shape.slice(0, axis),
  ...indices,
  ...shape.slice(axis + 1),
];
const rowName = ([shape, axis, indices, values]: IndexRow): string =>
  `${named(shape)} axis ${axis} at ${named(indices)} ${values}`;

const sortRows: readonly (readonly [Shape, axis: number])[] = [
  [[1], 0],
  [[0], 0],
  [[2], 0],
  [[7], 0],
  [[33], 0],
  [[100], 0],
  [[5, 7], 0],
  [[5, 7], 1],
  [[2, 9, 3], 1],
  [[2, 1, 2, 13], 3],
];

/** The samples of data-dependent positions. */
export const indexingSamples = {
  gather: {
    dtypes,
    samples: (dtype, random) =>
      indexRows.map((row) =>
        sample(rowName(row), [random.anything(row[0], dtype), indicesOf(row)], (x, indices) =>
          build.gather(x!, indices!, row[1]),
        ),
      ),
  },
  scatter: {
    dtypes,
    samples: (dtype, random) => {
      const names: readonly ScatterName[] = dtype === "bool" ? ["set", "max"] : ["add", "set", "max"];
      return names.flatMap((name) =>
        indexRows.map((row) =>
          sample(
            `${name} ${rowName(row)}`,
            [random.array(row[0], dtype), indicesOf(row), random.array(indexedShape(row), dtype)],
            (x, indices, updates) => build.scatter(name, x!, indices!, updates!, row[1]),
            // Each addition may be rounded to the dtype; at most six updates meet in one element.
            name === "add" && isFloat(dtype) ? { relative: 0, absolute: 6 * 8 * epsilonOf[dtype] } : exact,
          ),
        ),
      );
    },
  },
  argsort: {
    dtypes,
    samples: (dtype, random) =>
      [false, true].flatMap((descending) => {
        const suffix = descending ? " descending" : "";
        const rows = sortRows.map(([shape, axis]) => {
          // Half of the rows have few different values, so that stability shows.
          const values =
            sizeOf(shape) % 2 === 0 ? random.whole(shape, dtype, -2, 2) : random.array(shape, dtype, -9, 9);
          return sample(`${named(shape)} axis ${axis}${suffix}`, [values], (x) => build.argsort(x!, axis, descending));
        });
        if (!isFloat(dtype)) return rows;
        const { NaN: nan, Infinity: inf } = globalThis;
        const special = hostArray([12], dtype, [3, nan, 0, -0, inf, 1, nan, -inf, 3, 0, -inf, inf]);
        return [...rows, sample(`special values${suffix}`, [special], (x) => build.argsort(x!, 0, descending))];
      }),
  },
} satisfies Record<string, SampleRule>;
