import { layers } from "../../nn/index.ts";
import { type Rows, two } from "./row.test.body.ts";

const random = { training: true, random: true, mask: "keep" } as const;

export const regularizationRows = {
  dropout: [
    { make: (options) => layers.dropout(0.5, options), inputs: [8, 9], output: [8, 9], ...random, wrong: [two] },
    {
      make: (options) => layers.dropout(0.5, { ...options, noiseShape: [null, 1, null], seed: 3 }),
      inputs: [4, 3, 5],
      output: [4, 3, 5],
      variables: { seedState: [2] },
      state: ["seedState"],
      ...random,
    },
  ],
  spatialDropout1d: [
    { make: (options) => layers.spatialDropout1d(0.5, options), inputs: [4, 3, 5], output: [4, 3, 5], ...random },
  ],
  spatialDropout2d: [
    { make: (options) => layers.spatialDropout2d(0.5, options), inputs: [4, 3, 2, 5], output: [4, 3, 2, 5], ...random },
  ],
  spatialDropout3d: [
    {
      make: (options) => layers.spatialDropout3d(0.5, options),
      inputs: [4, 2, 2, 2, 5],
      output: [4, 2, 2, 2, 5],
      ...random,
    },
  ],
  gaussianDropout: [
    {
      make: (options) => layers.gaussianDropout(0.3, options),
      inputs: [4, 5],
      output: [4, 5],
      ...random,
      wrong: [two],
    },
  ],
  gaussianNoise: [
    { make: (options) => layers.gaussianNoise(0.3, options), inputs: [4, 5], output: [4, 5], ...random, wrong: [two] },
  ],
  alphaDropout: [
    { make: (options) => layers.alphaDropout(0.3, options), inputs: [4, 5], output: [4, 5], ...random, wrong: [two] },
  ],
  activityRegularization: [
    {
      make: (options) => layers.activityRegularization({ ...options, l2: 0.1 }),
      inputs: [4, 5],
      output: [4, 5],
      mask: "keep",
    },
  ],
} as const satisfies Partial<Rows>;
