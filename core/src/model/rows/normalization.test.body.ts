import { layers } from "../../nn/index.ts";
import { noBatch, otherLast, type Rows } from "./row.test.body.ts";

export const normalizationRows = {
  batchNormalization: [
    {
      make: (options) => layers.batchNormalization(options),
      inputs: [6, 3, 2],
      output: [6, 3, 2],
      variables: { gamma: [2], beta: [2], movingMean: [2], movingVariance: [2] },
      state: ["movingMean", "movingVariance"],
      training: true,
      mask: "keep",
      wrong: [noBatch, otherLast([4, 6], 2)],
    },
    {
      make: (options) =>
        layers.batchNormalization({ ...options, center: false, scale: false, momentum: 0.5, epsilon: 0.01 }),
      inputs: [6, 2],
      output: [6, 2],
      variables: { movingMean: [2], movingVariance: [2] },
      state: ["movingMean", "movingVariance"],
      training: true,
      mask: "keep",
    },
  ],
  layerNormalization: [
    {
      make: (options) => layers.layerNormalization(options),
      inputs: [3, 5],
      output: [3, 5],
      variables: { gamma: [5], beta: [5] },
      mask: "keep",
      wrong: [noBatch, otherLast([4, 6], 5)],
    },
  ],
} as const satisfies Partial<Rows>;
