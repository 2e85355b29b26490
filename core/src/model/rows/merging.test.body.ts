import { layers } from "../../nn/index.ts";
import { one, type Rows } from "./row.test.body.ts";

export const mergingRows = {
  add: [
    {
      make: (options) => layers.add(options),
      inputs: [
        [2, 3, 4],
        [2, 4],
        [2, 3, 1],
      ],
      output: [2, 3, 4],
    },
    {
      make: (options) => layers.add(options),
      inputs: [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      wrong: [
        one,
        {
          inputs: [
            [2, 3],
            [2, 4],
          ],
          message: /shapes differ\n +input 0 +\[2, 3\]\n +input 1 +\[2, 4\]/,
        },
      ],
    },
  ],
  subtract: [
    {
      make: (options) => layers.subtract(options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      wrong: [one],
    },
  ],
  multiply: [
    {
      make: (options) => layers.multiply(options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      wrong: [one],
    },
  ],
  average: [
    {
      make: (options) => layers.average(options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      wrong: [one],
    },
  ],
  maximum: [
    {
      make: (options) => layers.maximum(options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      kinks: true,
      wrong: [one],
    },
  ],
  minimum: [
    {
      make: (options) => layers.minimum(options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      kinks: true,
      wrong: [one],
    },
  ],
  dot: [
    {
      make: (options) => layers.dot(1, options),
      inputs: [
        [2, 3],
        [2, 3],
      ],
      output: [2, 1],
      wrong: [
        {
          inputs: [
            [2, 3],
            [2, 4],
          ],
          message: /the sizes of axes 1 and 1 differ/,
        },
      ],
    },
    {
      make: (options) => layers.dot([2, 1], { ...options, normalize: true }),
      inputs: [
        [2, 3, 4],
        [2, 4, 5],
      ],
      output: [2, 3, 5],
    },
  ],
  concatenate: [
    {
      make: (options) => layers.concatenate(options),
      inputs: [
        [2, 3],
        [2, 4],
      ],
      output: [2, 7],
      wrong: [
        one,
        {
          inputs: [
            [2, 3],
            [3, 3],
          ],
          message: /shapes differ outside axis -1/,
        },
      ],
    },
    {
      make: (options) => layers.concatenate({ ...options, axis: 1 }),
      inputs: [
        [2, 1, 4],
        [2, 3, 4],
      ],
      output: [2, 4, 4],
    },
  ],
} as const satisfies Partial<Rows>;
