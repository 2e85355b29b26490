import { layers } from "../../nn/index.ts";
import { flat, type Rows } from "./row.test.body.ts";

export const poolingRows = {
  maxPooling2d: [
    {
      make: (options) => layers.maxPooling2d(2, options),
      inputs: [2, 5, 4, 3],
      output: [2, 2, 2, 3],
      kinks: true,
      wrong: [flat, { inputs: [2, 1, 4, 3], message: /a window of 2×2 does not fit into \[2, 1, 4, 3\]/ }],
    },
    {
      make: (options) => layers.maxPooling2d(3, { ...options, strides: 2, padding: "same" }),
      inputs: [2, 5, 4, 3],
      output: [2, 3, 2, 3],
      kinks: true,
    },
  ],
  averagePooling2d: [
    {
      make: (options) => layers.averagePooling2d([2, 1], { ...options, padding: "same" }),
      inputs: [2, 5, 4, 3],
      output: [2, 3, 4, 3],
      wrong: [flat],
    },
  ],
  globalAveragePooling2d: [
    { make: (options) => layers.globalAveragePooling2d(options), inputs: [2, 3, 4, 5], output: [2, 5], wrong: [flat] },
    {
      make: (options) => layers.globalAveragePooling2d({ ...options, keepDims: true }),
      inputs: [2, 3, 4, 5],
      output: [2, 1, 1, 5],
    },
  ],
  globalMaxPooling2d: [
    {
      make: (options) => layers.globalMaxPooling2d(options),
      inputs: [2, 3, 4, 5],
      output: [2, 5],
      kinks: true,
      wrong: [flat],
    },
  ],
} as const satisfies Partial<Rows>;
