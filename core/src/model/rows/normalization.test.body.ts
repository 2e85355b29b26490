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
      make: (options) => layers.batchNormalization({ ...options, axis: 1 }),
      inputs: [6, 2, 3],
      output: [6, 2, 3],
      variables: { gamma: [2], beta: [2], movingMean: [2], movingVariance: [2] },
      state: ["movingMean", "movingVariance"],
      training: true,
      mask: "keep",
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
    {
      // Corrections have no derivative: differences can only agree where bounds hold them.
      make: (options) =>
        layers.batchNormalization({ ...options, renorm: true, renormClipping: { rmax: 2, rmin: 2, dmax: 0 } }),
      inputs: [6, 3, 2],
      output: [6, 3, 2],
      variables: {
        gamma: [2],
        beta: [2],
        movingMean: [2],
        movingVariance: [2],
        movingStddev: [2],
        renormMean: [2],
        renormStddev: [2],
      },
      state: ["movingMean", "movingVariance", "movingStddev", "renormMean", "renormStddev"],
      training: true,
      mask: "keep",
    },
  ],
  rmsNormalization: [
    {
      make: (options) => layers.rmsNormalization(options),
      inputs: [3, 5],
      output: [3, 5],
      variables: { scale: [5] },
      mask: "keep",
      wrong: [noBatch, otherLast([4, 6], 5)],
    },
  ],
  groupNormalization: [
    {
      make: (options) => layers.groupNormalization({ ...options, groups: 2 }),
      inputs: [2, 3, 4],
      output: [2, 3, 4],
      variables: { gamma: [4], beta: [4] },
      mask: "keep",
      wrong: [otherLast([2, 3, 6], 4)],
    },
    {
      make: (options) => layers.groupNormalization({ ...options, groups: 3, axis: 1, center: false }),
      inputs: [2, 3, 2],
      output: [2, 3, 2],
      variables: { gamma: [3] },
      mask: "keep",
    },
  ],
  spectralNormalization: [
    {
      make: (options) =>
        layers.spectralNormalization(layers.dense(3, { name: "inner" }), { ...options, powerIterations: 2 }),
      inputs: [2, 4],
      output: [2, 3],
      variables: { vectorU: [1, 3], "inner/kernel": [4, 3], "inner/bias": [3] },
      state: ["vectorU"],
      mask: "keep",
    },
  ],
  unitNormalization: [
    {
      make: (options) => layers.unitNormalization(options),
      inputs: [3, 5],
      output: [3, 5],
      mask: "keep",
      wrong: [noBatch],
    },
  ],
  layerNormalization: [
    {
      make: (options) => layers.layerNormalization({ ...options, axis: [1, 2] }),
      inputs: [2, 3, 4],
      output: [2, 3, 4],
      variables: { gamma: [3, 4], beta: [3, 4] },
      mask: "keep",
    },
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
