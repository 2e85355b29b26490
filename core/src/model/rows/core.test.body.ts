import { layers } from "../../nn/index.ts";
import { noBatch, otherLast, type Rows, two } from "./row.test.body.ts";

export const coreRows = {
  dense: [
    {
      make: (options) => layers.dense(3, { ...options, activation: "tanh" }),
      inputs: [4, 5],
      output: [4, 3],
      variables: { kernel: [5, 3], bias: [3] },
      mask: "keep",
      wrong: [noBatch, two, otherLast([4, 6], 5)],
    },
    {
      make: (options) =>
        layers.dense(2, { ...options, useBias: false, kernelRegularizer: "l2", kernelConstraint: "unitNorm" }),
      inputs: [2, 3, 4],
      output: [2, 3, 2],
      variables: { kernel: [4, 2] },
      mask: "keep",
    },
  ],
  activation: [
    {
      make: (options) => layers.activation("softplus", options),
      inputs: [2, 3],
      output: [2, 3],
      mask: "keep",
      wrong: [two],
    },
  ],
  embedding: [
    {
      make: (options) => layers.embedding(7, 3, options),
      inputs: [2, 4],
      output: [2, 4, 3],
      variables: { embeddings: [7, 3] },
      tokens: 7,
      wrong: [two],
    },
    {
      make: (options) => layers.embedding(7, 3, { ...options, maskZero: true }),
      inputs: [2, 4],
      output: [2, 4, 3],
      variables: { embeddings: [7, 3] },
      tokens: 7,
      makesMask: true,
    },
  ],
  dropMask: [{ make: (options) => layers.dropMask(options), inputs: [2, 3], output: [2, 3], mask: "drop" }],
  dropout: [
    {
      make: (options) => layers.dropout(0.5, options),
      inputs: [8, 9],
      output: [8, 9],
      training: true,
      random: true,
      mask: "keep",
      wrong: [two],
    },
  ],
  flatten: [
    { make: (options) => layers.flatten(options), inputs: [2, 3, 4], output: [2, 12], wrong: [two] },
    { make: (options) => layers.flatten(options), inputs: [3], output: [3, 1] },
  ],
  reshape: [
    {
      make: (options) => layers.reshape([4, -1], options),
      inputs: [2, 3, 8],
      output: [2, 4, 6],
      wrong: [two, { inputs: [2, 9], message: /9 values of \[2, 9\] do not fit \[4, -1\]/ }],
    },
  ],
} as const satisfies Partial<Rows>;
