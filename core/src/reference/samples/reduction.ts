import { dtypes, isFloat, numbers } from "../../base/dtype.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { ReduceName } from "../../graph/primitives.ts";
import { hostArray } from "../hostArray.ts";
import { epsilonOf, exact, named, type SampleRule, sample, summed } from "./sample.ts";

const reduceRows: readonly (readonly [Shape, axes: readonly number[]])[] = [
  [[1], [0]],
  [[7], [0]],
  [[33], [0]],
  [[1000], [0]],
  [[3, 1], [1]],
  [[5, 7], [0]],
  [[5, 7], [1]],
  [
    [5, 7],
    [0, 1],
  ],
  [[70, 33], [0]],
  [[33, 70], [1]],
  [[2, 3, 4], [1]],
  [
    [2, 3, 4],
    [0, 2],
  ],
  [[0, 3], [1]],
  [
    [3, 4, 5, 2],
    [1, 2],
  ],
  [
    [3, 4, 5, 2],
    [0, 3],
  ],
  [
    [2, 3, 2, 4, 3],
    [0, 2, 4],
  ],
];
const emptyRows: readonly (readonly [Shape, axes: readonly number[]])[] = [
  [[0], [0]],
  [[3, 0], [1]],
  [[0, 3], [0]],
];

const { NaN: nan, Infinity: inf } = globalThis;
/** Nothing, single lines, many; lines counted by one table and by several, with a rest. */
const measureRows: readonly Shape[] = [[0], [1], [7], [3, 4], [2, 3, 203], [2, 4099]];

const cumulativeRows: readonly (readonly [Shape, axis: number])[] = [
  [[1], 0],
  [[0], 0],
  [[13], 0],
  [[100], 0],
  [[5, 7], 0],
  [[5, 7], 1],
  [[2, 9, 4], 1],
  [[2, 3, 1, 5], 3],
];

/** The samples of reductions along axes. */
export const reductionSamples = {
  reduce: {
    dtypes,
    samples: (dtype, random) => {
      const names: readonly ReduceName[] = dtype === "bool" ? ["max", "min"] : ["sum", "prod", "max", "min"];
      return names.flatMap((name) => {
        const rows = name === "sum" || name === "prod" ? [...reduceRows, ...emptyRows] : reduceRows;
        const ordinary = rows.map(([shape, axes]) => {
          const terms = Math.max(1, sizeOf(axes.map((axis) => shape[axis]!)));
          // Factors close to 1 (or odd ones, which wrap without becoming 0) keep long products away from 0 and infinity.
          const spread = Math.min(0.5, 2 / terms);
          const values =
            name !== "prod"
              ? random.array(shape, dtype)
              : isFloat(dtype)
                ? random.array(shape, dtype, 1 - spread, 1 + spread)
                : random.whole(shape, dtype, 1, 3);
          const rounding = Math.max(2e-7 * (terms + 2), dtype === "f32" ? 0 : epsilonOf[dtype]);
          const product = isFloat(dtype) ? { relative: rounding, absolute: 0 } : exact;
          const tolerance = name === "sum" ? summed(dtype, terms, 2) : name === "prod" ? product : exact;
          return sample(
            `${name} ${named(shape)} axes ${axes}`,
            [values],
            (x) => build.reduce(name, x!, axes),
            tolerance,
          );
        });
        if (!isFloat(dtype)) return ordinary;
        const rowsOf = [
          [1, nan, 2],
          [inf, 1, 2],
          [-inf, 1, 2],
          [-inf, inf, 1],
          [0, 3, 2],
          [-0, -0, -0],
          [nan, nan, nan],
        ];
        const special = { shape: [7, 3], dtype, data: Float64Array.from(rowsOf.flat()) };
        const along = (axis: number) =>
          sample(
            `${name} special values axis ${axis}`,
            [special],
            (x) => build.reduce(name, x!, [axis]),
            summed(dtype, 3),
          );
        return [...ordinary, along(0), along(1)];
      });
    },
  },
  cumulative: {
    dtypes: numbers,
    samples: (dtype, random) =>
      (["sum", "max"] as const).flatMap((name) =>
        cumulativeRows.flatMap(([shape, axis]) =>
          [false, true].map((reverse) =>
            sample(
              `${name} ${named(shape)} axis ${axis}${reverse ? " reverse" : ""}`,
              [random.array(shape, dtype)],
              (x) => build.cumulative(name, x!, axis, reverse),
              name === "max" ? exact : summed(dtype, shape[axis]!, 2),
            ),
          ),
        ),
      ),
  },
  measure: {
    dtypes: ["f32"],
    // Whole numbers: their sums are exact in any order.
    samples: (_, random) => [
      ...measureRows.map((shape) =>
        sample(named(shape), [random.whole(shape, "f32", -9, 9)], (x) => build.measure(x!)),
      ),
      sample("a difference", [random.whole([3, 33], "f32", -9, 9), random.whole([3, 33], "f32", -9, 9)], (x, y) =>
        build.measure(build.binary("add", x!, build.unary("neg", y!))),
      ),
      sample(
        "special values",
        [hostArray([2, 8], "f32", [0, -0, inf, -inf, nan, 0.5, -1.5, 2 ** -4, 1, 1, 1, nan, 8, -4, 0, -3])],
        (x) => build.measure(x!),
      ),
    ],
  },
} satisfies Record<string, SampleRule>;
