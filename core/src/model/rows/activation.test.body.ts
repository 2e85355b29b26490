import { layers } from "../../nn/index.ts";
import { type Rows, two } from "./row.test.body.ts";

export const activationRows = {
  leakyRelu: [
    {
      make: (options) => layers.leakyRelu({ ...options, negativeSlope: 0.2 }),
      inputs: [2, 3],
      output: [2, 3],
      mask: "keep",
      wrong: [two],
    },
  ],
  prelu: [
    {
      make: (options) => layers.prelu({ ...options, alphaInitializer: "ones" }),
      inputs: [2, 3, 4],
      output: [2, 3, 4],
      variables: { alpha: [3, 4] },
      kinks: true,
      mask: "keep",
    },
    {
      make: (options) => layers.prelu({ ...options, sharedAxes: [1, 2] }),
      inputs: [2, 3, 2, 2],
      output: [2, 3, 2, 2],
      variables: { alpha: [1, 1, 2] },
      kinks: true,
      mask: "keep",
    },
  ],
  elu: [
    {
      make: (options) => layers.elu({ ...options, alpha: 0.5 }),
      inputs: [2, 3],
      output: [2, 3],
      kinks: true,
      mask: "keep",
    },
  ],
  relu: [
    { make: (options) => layers.relu(options), inputs: [2, 3], output: [2, 3], kinks: true, mask: "keep" },
    {
      make: (options) => layers.relu({ ...options, maxValue: 0.9, negativeSlope: 0.1, threshold: 0.3 }),
      inputs: [3, 5],
      output: [3, 5],
      kinks: true,
      mask: "keep",
    },
  ],
  softmax: [
    { make: (options) => layers.softmax(options), inputs: [2, 3], output: [2, 3], mask: "keep" },
    {
      make: (options) => layers.softmax({ ...options, axis: [1, 2] }),
      inputs: [2, 3, 4],
      output: [2, 3, 4],
      mask: "keep",
    },
  ],
} as const satisfies Partial<Rows>;
