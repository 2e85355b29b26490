import { dtypes, integers, isFloat, rangeOf } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import { hostArray } from "../hostArray.ts";
import { named, plainShapes, type SampleRule, sample, ulps } from "./sample.ts";

const keys: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 2],
  [0xffffffff, 0xffffffff],
  [0x13198a2e, 0x03707344],
];

const iotaRows: readonly (readonly [Shape, axis: number])[] = [
  [[1], 0],
  [[0], 0],
  [[13], 0],
  [[300], 0],
  [[3, 5], 0],
  [[3, 5], 1],
  [[2, 3, 4], 1],
  [[2, 1, 3, 2, 2], 2],
];

/** The samples of the primitives that have no array to work on. */
export const sourceSamples = {
  input: {
    dtypes,
    samples: (dtype, random) =>
      plainShapes.map((shape) => sample(named(shape), [random.anything(shape, dtype)], (x) => x!)),
  },
  const: {
    dtypes,
    samples: (dtype) => {
      const [low, high] = rangeOf[dtype];
      const values = isFloat(dtype)
        ? [0, -0, 1, -2.5, 1 / 3, low, high, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
        : [...new Set([0, 1, low, high])];
      return [
        ...values.map((value) =>
          sample(Object.is(value, -0) ? "-0" : String(value), [], () => build.constant(value, dtype), ulps(dtype, 0.5)),
        ),
        sample("filled [3,7]", [], () => build.fill(1, { shape: [3, 7], dtype })),
      ];
    },
  },
  iota: {
    dtypes: [...integers, "f32"],
    samples: (dtype) =>
      iotaRows.map(([shape, axis]) => sample(`${named(shape)} axis ${axis}`, [], () => build.iota(shape, axis, dtype))),
  },
  randomBits: {
    dtypes: ["u32"],
    samples: () =>
      keys.flatMap((key) =>
        [[], [0], [1], [7], [33], [2, 3, 5], [1000]].map((shape) =>
          sample(`key ${key} ${named(shape)}`, [hostArray([2], "u32", key)], (node) => build.randomBits(node!, shape)),
        ),
      ),
  },
} satisfies Record<string, SampleRule>;
