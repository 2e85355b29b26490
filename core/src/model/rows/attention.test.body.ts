import { layers } from "../../nn/index.ts";
import type { Rows } from "./row.test.body.ts";

const projections = (heads: number, shared: number, size: number, features: number) => ({
  queryKernel: [features, heads, size],
  queryBias: [heads, size],
  keyKernel: [features, shared, size],
  keyBias: [shared, size],
  valueKernel: [features, shared, size],
  valueBias: [shared, size],
  outputKernel: [heads, size, features],
  outputBias: [features],
});
const others = {
  inputs: [
    [2, 3, 4],
    [2, 5, 4],
    [2, 6, 4],
  ],
  message: /query, value and key do not fit each other/,
};
const flat = { inputs: [3, 4], message: /query is \[batch, time, features\]/ };

export const attentionRows = {
  multiHeadAttention: [
    {
      make: (options) => layers.multiHeadAttention(2, 3, options),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      variables: projections(2, 2, 3, 4),
      mask: "keep",
      wrong: [others, flat],
    },
    {
      make: (options) =>
        layers.multiHeadAttention(2, 3, {
          ...options,
          valueDim: 2,
          outputShape: [6],
          useBias: false,
          useCausalMask: true,
        }),
      inputs: { query: [2, 4, 3], value: [2, 4, 5] },
      output: [2, 4, 6],
      variables: { queryKernel: [3, 2, 3], keyKernel: [5, 2, 3], valueKernel: [5, 2, 2], outputKernel: [2, 2, 6] },
    },
    {
      make: (options) => layers.multiHeadAttention(2, 3, { ...options, returnAttentionScores: true, dropout: 0.3 }),
      inputs: [
        [2, 3, 4],
        [2, 5, 4],
        [2, 5, 4],
      ],
      output: [
        [2, 3, 4],
        [2, 2, 3, 5],
      ],
      variables: projections(2, 2, 3, 4),
      training: true,
      random: true,
    },
    {
      make: (options) => layers.multiHeadAttention(2, 4, { ...options, rotary: true, useCausalMask: true }),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      variables: projections(2, 2, 4, 4),
      mask: "keep",
    },
  ],
  groupQueryAttention: [
    {
      make: (options) => layers.groupQueryAttention(3, 4, 2, options),
      inputs: [
        [2, 3, 4],
        [2, 5, 4],
      ],
      output: [2, 3, 4],
      variables: projections(4, 2, 3, 4),
      wrong: [others],
    },
    {
      make: (options) => layers.groupQueryAttention(3, 4, 2, { ...options, returnAttentionScores: true }),
      inputs: [
        [2, 3, 4],
        [2, 5, 4],
      ],
      output: [
        [2, 3, 4],
        [2, 4, 3, 5],
      ],
      variables: projections(4, 2, 3, 4),
    },
  ],
  attention: [
    {
      make: (options) => layers.attention(options),
      inputs: [
        [2, 3, 4],
        [2, 5, 4],
      ],
      output: [2, 3, 4],
      wrong: [others],
    },
    {
      make: (options) =>
        layers.attention({ ...options, useScale: true, scoreMode: "concat", returnAttentionScores: true }),
      inputs: [
        [2, 3, 4],
        [2, 5, 6],
        [2, 5, 4],
      ],
      output: [
        [2, 3, 6],
        [2, 3, 5],
      ],
      variables: { scale: [], concatScoreWeight: [] },
    },
    {
      make: (options) => layers.attention({ ...options, dropout: 0.5, useCausalMask: true }),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      mask: "keep",
      training: true,
      random: true,
    },
  ],
  additiveAttention: [
    {
      make: (options) => layers.additiveAttention(options),
      inputs: [
        [2, 3, 4],
        [2, 5, 4],
      ],
      output: [2, 3, 4],
      variables: { scale: [4] },
      wrong: [others],
    },
    {
      make: (options) => layers.additiveAttention({ ...options, useScale: false }),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      mask: "keep",
    },
  ],
  rotaryEmbedding: [
    {
      make: (options) => layers.rotaryEmbedding({ ...options, maxWavelength: 100 }),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      mask: "keep",
    },
    {
      make: (options) => layers.rotaryEmbedding({ ...options, scalingFactor: 2 }),
      inputs: [2, 3, 2, 6],
      output: [2, 3, 2, 6],
      mask: "keep",
    },
  ],
} satisfies Partial<Rows>;
