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
const gatedProjections = (heads: number, shared: number, size: number, features: number) => {
  const { queryKernel, queryBias, keyKernel, keyBias, ...rest } = projections(heads, shared, size, features);
  const gate = { gateKernel: queryKernel, gateBias: queryBias };
  return { queryKernel, queryBias, keyKernel, keyBias, ...gate, ...rest };
};
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
    {
      make: (options) => layers.multiHeadAttention(2, 3, { ...options, attentionAxes: [2], slidingWindow: 2 }),
      inputs: { query: [2, 3, 5, 4], value: [2, 3, 4, 4] },
      output: [2, 3, 5, 4],
      variables: projections(2, 2, 3, 4),
      wrong: [
        {
          inputs: { query: [2, 3, 5, 4], value: [2, 1, 4, 4] },
          message: /axis 1 is not looked along, and has 3 entries in the query and 1 in the value/,
        },
        { inputs: [2, 5, 4], message: /attentionAxes \[2\] are not different axes between batch and features/ },
      ],
    },
    {
      make: (options) =>
        layers.multiHeadAttention(2, 3, { ...options, useGate: true, valueDim: 2, attentionAxes: -3, useBias: false }),
      inputs: [2, 3, 2, 4],
      output: [2, 3, 2, 4],
      variables: {
        queryKernel: [4, 2, 3],
        keyKernel: [4, 2, 3],
        gateKernel: [4, 2, 2],
        valueKernel: [4, 2, 2],
        outputKernel: [2, 2, 4],
      },
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
    {
      make: (options) => layers.groupQueryAttention(3, 4, 2, { ...options, useGate: true, slidingWindow: 3 }),
      inputs: [2, 5, 4],
      output: [2, 5, 4],
      variables: gatedProjections(4, 2, 3, 4),
      mask: "keep",
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
