import { layers, registerFunction } from "../../nn/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { noBatch, otherLast, type Rows, two } from "./row.test.body.ts";

/** A function of the user's own, as Lambda layers take it. */
const doubled = (x: Tensor): Tensor => x.add(x) as Tensor;
registerFunction("function", "doubledInLayerTest", doubled);

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
  einsumDense: [
    {
      make: (options) =>
        layers.einsumDense("abc,cde->abde", [null, 2, 3], { ...options, biasAxes: "de", activation: "tanh" }),
      inputs: [2, 3, 4],
      output: [2, 3, 2, 3],
      variables: { kernel: [4, 2, 3], bias: [2, 3] },
      wrong: [
        { inputs: [2, 3], message: /the input has 2 axes, the equation names 3/ },
        { inputs: [2, 3, 5], message: /the layer was built for other sizes, received \[2, 3, 5\]/ },
      ],
    },
    {
      make: (options) => layers.einsumDense("...x,xy->...y", 4, { ...options, biasAxes: "y" }),
      inputs: [2, 3, 5],
      output: [2, 3, 4],
      variables: { kernel: [5, 4], bias: [4] },
    },
    {
      make: (options) => layers.einsumDense("ab,bc->ac", [3], options),
      inputs: [2, 4],
      output: [2, 3],
      variables: { kernel: [4, 3] },
    },
  ],
  reversibleEmbedding: [
    {
      make: (options) => layers.reversibleEmbedding(7, 3, options),
      inputs: [2, 4],
      output: [2, 4, 3],
      variables: { embeddings: [7, 3] },
      tokens: 7,
    },
    {
      make: (options) => layers.reversibleEmbedding(7, 3, { ...options, logitSoftCap: 2 }),
      inputs: { reverse: [2, 4, 3] },
      output: [2, 4, 7],
      variables: { embeddings: [7, 3] },
    },
    {
      make: (options) => layers.reversibleEmbedding(7, 3, { ...options, tieWeights: false }),
      inputs: { reverse: [2, 3] },
      output: [2, 7],
      variables: { embeddings: [7, 3], reverseEmbeddings: [3, 7] },
      still: { embeddings: "the way back has weights of its own" },
    },
  ],
  lambda: [{ make: (options) => layers.lambda(doubled, options), inputs: [2, 3], output: [2, 3] }],
  identity: [{ make: (options) => layers.identity(options), inputs: [2, 3], output: [2, 3], mask: "keep" }],
  masking: [
    {
      make: (options) => layers.masking(options),
      inputs: [2, 3, 4],
      output: [2, 3, 4],
      makesMask: true,
      wrong: [noBatch],
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
} as const satisfies Partial<Rows>;
