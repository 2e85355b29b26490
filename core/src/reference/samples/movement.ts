import { type DType, dtypes, numbers } from "../../base/dtype.ts";
import type { Shape } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import type { AttrsOf, WindowAttrs } from "../../graph/primitives.ts";
import { named, type Random, type Sample, type SampleRule, sample, summed } from "./sample.ts";

/** One sample for each row: a shape and what is done to it. Values only move, so they are compared exactly. */
const moved = <Attrs>(
  rows: readonly (readonly [Shape, Attrs])[],
  make: (x: Node, attrs: Attrs) => Node,
  name: (attrs: Attrs) => string = (attrs) => JSON.stringify(attrs),
): SampleRule => ({
  dtypes,
  samples: (dtype, random) =>
    rows.map(([shape, attrs]) =>
      sample(`${named(shape)} ${name(attrs)}`, [random.anything(shape, dtype)], (x) => make(x!, attrs)),
    ),
});

type Slice = readonly [start: Shape, size: Shape, step: readonly number[]];
type Pad = readonly [low: readonly number[], high: readonly number[], between: Shape, value: number];

export const windowRows: readonly (readonly [Shape, WindowAttrs])[] = [
  [[7], { axes: [0], size: [3], stride: [1], dilation: [1] }],
  [[7], { axes: [0], size: [1], stride: [1], dilation: [1] }],
  [[7], { axes: [0], size: [7], stride: [2], dilation: [1] }],
  [[8], { axes: [0], size: [2], stride: [2], dilation: [1] }],
  [[9], { axes: [0], size: [2], stride: [3], dilation: [1] }],
  [[13], { axes: [0], size: [3], stride: [2], dilation: [2] }],
  [[2, 7, 3], { axes: [1], size: [3], stride: [2], dilation: [1] }],
  [[2, 6, 7, 3], { axes: [1, 2], size: [2, 3], stride: [2, 1], dilation: [1, 2] }],
  [[2, 6, 7, 3], { axes: [2, 1], size: [3, 2], stride: [1, 2], dilation: [1, 1] }],
  [[1, 4, 5, 6, 2], { axes: [1, 2, 3], size: [2, 2, 3], stride: [1, 2, 3], dilation: [2, 1, 1] }],
];

/** The gradient-like inverse of a row of windows. */
function foldSample(shape: Shape, attrs: WindowAttrs, dtype: DType, random: Random): Sample {
  const folded: AttrsOf<"fold"> = { ...attrs, sizes: attrs.axes.map((axis) => shape[axis]!) };
  const windowed = build.windows(build.input("x", shape, dtype), attrs).shape;
  const terms = attrs.size.reduce((product, size) => product * size, 1);
  return sample(
    `${named(shape)} ${JSON.stringify(attrs)}`,
    [random.array(windowed, dtype)],
    (x) => build.fold(x!, folded),
    summed(dtype, terms, 2),
  );
}

/** The samples of the movement primitives. */
export const movementSamples = {
  reshape: moved<Shape>(
    [
      [[], [1]],
      [[1], []],
      [
        [0, 3],
        [5, 0],
      ],
      [[6], [2, 3]],
      [
        [2, 3, 4],
        [4, 6],
      ],
      [[13], [1, 13, 1]],
      [[2, 3, 4, 5], [120]],
      [[33], [3, 11]],
    ],
    build.reshape,
  ),
  permute: moved<readonly number[]>(
    [
      [
        [3, 5],
        [1, 0],
      ],
      [
        [33, 17],
        [1, 0],
      ],
      [
        [0, 3],
        [1, 0],
      ],
      [
        [1, 7],
        [1, 0],
      ],
      [
        [2, 3, 4],
        [2, 0, 1],
      ],
      [
        [2, 3, 4],
        [0, 2, 1],
      ],
      [
        [2, 3, 4, 5],
        [3, 1, 2, 0],
      ],
      [
        [2, 1, 3, 2, 4],
        [4, 2, 0, 3, 1],
      ],
    ],
    build.permute,
  ),
  expand: moved<Shape>(
    [
      [[1], [13]],
      [[1], [0]],
      [
        [1, 5],
        [3, 5],
      ],
      [
        [5, 1],
        [5, 7],
      ],
      [
        [1, 1],
        [3, 33],
      ],
      [
        [2, 1, 3, 1],
        [2, 4, 3, 5],
      ],
      [
        [1, 2, 1, 2, 1],
        [2, 2, 3, 2, 2],
      ],
    ],
    build.expand,
  ),
  slice: moved<Slice>(
    [
      [[13], [[3], [7], [1]]],
      [[13], [[12], [13], [-1]]],
      [[13], [[1], [6], [2]]],
      [[13], [[11], [4], [-3]]],
      [[13], [[5], [0], [1]]],
      [[13], [[5], [1], [4]]],
      [
        [4, 7],
        [
          [1, 2],
          [2, 5],
          [1, 1],
        ],
      ],
      [
        [4, 7],
        [
          [3, 0],
          [4, 4],
          [-1, 2],
        ],
      ],
      [
        [3, 4, 5],
        [
          [0, 3, 4],
          [3, 2, 3],
          [1, -2, -2],
        ],
      ],
      [
        [2, 3, 4, 5],
        [
          [1, 0, 1, 0],
          [1, 3, 2, 5],
          [1, 1, 2, 1],
        ],
      ],
    ],
    (x, [start, size, step]) => build.slice(x, start, size, step),
  ),
  pad: moved<Pad>(
    [
      [[5], [[2], [3], [0], 0]],
      [[5], [[0], [0], [2], 0]],
      [[5], [[1], [2], [1], 1]],
      [[5], [[-2], [1], [0], 0]],
      [[5], [[-1], [-2], [0], 0]],
      [[5], [[-1], [-1], [2], 1]],
      [[0], [[2], [1], [3], 1]],
      [
        [3, 4],
        [[1, 0], [0, 2], [0, 1], 0],
      ],
      [
        [3, 4],
        [[-1, 1], [1, -2], [1, 0], 1],
      ],
      [
        [2, 3, 4],
        [[0, 1, 0], [0, 1, 0], [0, 0, 0], 0],
      ],
      [
        [2, 1, 3, 2],
        [[1, 1, 1, 1], [0, 0, 0, -1], [0, 2, 1, 0], 0],
      ],
      [
        [2, 2],
        [[-3, 0], [3, 0], [0, 0], 1],
      ],
    ],
    (x, [low, high, between, value]) => build.pad(x, { low, high, between, value }),
  ),
  concat: {
    dtypes,
    samples: (dtype, random) => {
      const rows: readonly (readonly [axis: number, shapes: readonly Shape[]])[] = [
        [0, [[3], [4]]],
        [0, [[1], [0], [7], [5]]],
        [
          1,
          [
            [2, 3],
            [2, 1],
            [2, 5],
          ],
        ],
        [
          0,
          [
            [2, 3],
            [1, 3],
          ],
        ],
        [
          1,
          [
            [2, 3, 4],
            [2, 2, 4],
          ],
        ],
        [
          2,
          [
            [2, 1, 3, 2],
            [2, 1, 4, 2],
            [2, 1, 1, 2],
          ],
        ],
      ];
      const own = rows.map(([axis, shapes]) =>
        sample(
          `axis ${axis} of ${shapes.map(named).join(" ")}`,
          shapes.map((shape) => random.anything(shape, dtype)),
          (...xs) => build.concat(xs, axis),
        ),
      );
      return [...own, sample("one array twice", [random.anything([3, 2], dtype)], (x) => build.concat([x!, x!], 1))];
    },
  },
  windows: moved(windowRows, build.windows),
  fold: {
    dtypes: numbers,
    samples: (dtype, random) => windowRows.map(([shape, attrs]) => foldSample(shape, attrs, dtype, random)),
  },
} satisfies Record<string, SampleRule>;
