import { layers } from "../../nn/index.ts";
import { one, type Rows } from "./row.test.body.ts";

export const mergingRows = {
  add: [
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
