import {
  dotProductAttention,
  gelu,
  initializers,
  layerNormalization,
  matmul,
  optimizers,
  sparseCategoricalCrossentropy,
  split,
  type Tensor,
  type Variable,
  variable,
} from "chainrule";
import { labels } from "./data.ts";
import { training } from "./training.ts";
import type { Workload } from "./workload.ts";

const [batch, context, vocabulary, width, heads, depth] = [8, 256, 65, 384, 6, 6];

export const gptParameters = 10_750_080;

type Affine = { readonly scale: Variable; readonly offset: Variable };
interface Block {
  readonly first: Affine;
  readonly attention: Variable;
  readonly projection: Variable;
  readonly second: Affine;
  readonly expand: Variable;
  readonly contract: Variable;
}
export interface Gpt {
  readonly tokens: Variable;
  readonly positions: Variable;
  readonly blocks: readonly Block[];
  readonly last: Affine;
}

// Linear maps have no biases, normalizations have both of their vectors, as in nanoGPT's layout of GPT-2.
const weights = (rows: number, columns: number): Variable =>
  variable([rows, columns], initializers.randomNormal({ stddev: 0.02 }));
const affine = (): Affine => ({
  scale: variable([width], initializers.ones()),
  offset: variable([width], initializers.zeros()),
});

export const gpt = (): Gpt => ({
  tokens: weights(vocabulary, width),
  positions: weights(context, width),
  blocks: Array.from({ length: depth }, () => ({
    first: affine(),
    attention: weights(width, 3 * width),
    projection: weights(width, width),
    second: affine(),
    expand: weights(width, 4 * width),
    contract: weights(4 * width, width),
  })),
  last: affine(),
});

const affineVariables = ({ scale, offset }: Affine): Variable[] => [scale, offset];

export const gptVariables = ({ tokens, positions, blocks, last }: Gpt): Variable[] => [
  tokens,
  positions,
  ...blocks.flatMap(({ first, attention, projection, second, expand, contract }) => [
    ...affineVariables(first),
    attention,
    projection,
    ...affineVariables(second),
    expand,
    contract,
  ]),
  ...affineVariables(last),
];

/** softmax(q·kᵀ/√size, causal)·v, all heads side by side. */
function attend(x: Tensor, { attention, projection }: Block): Tensor {
  const byHead = (part: Tensor): Tensor => part.reshape([batch, context, heads, width / heads]);
  const [q, k, v] = split(matmul(x, attention), 3, -1).map(byHead) as [Tensor, Tensor, Tensor]; // three parts were asked for
  const mixed = dotProductAttention(q, k, v, { causal: true }).reshape([batch, context, width]);
  return matmul(mixed, projection);
}

/** Logits for the next token, [batch, context, vocabulary]. */
function logits({ tokens, positions, blocks, last }: Gpt, indices: Tensor): Tensor {
  let x: Tensor = tokens.take(indices, 0).add(positions);
  for (const block of blocks) {
    x = x.add(attend(layerNormalization(x, block.first), block));
    x = x.add(matmul(gelu(matmul(layerNormalization(x, block.second), block.expand)), block.contract));
  }
  return matmul(layerNormalization(x, last), tokens.transpose());
}

export const W5: Workload = {
  title: "GPT 6 layers, 6 heads, width 384, context 256, batch 8, AdamW",
  cases: [
    {
      name: "W5 train",
      unit: "tokens/s",
      amount: batch * context,
      prepare: async () => {
        const net = gpt();
        const variables = gptVariables(net);
        const count = variables.reduce((sum, { size }) => sum + size, 0);
        if (count !== gptParameters) throw new Error(`the GPT has ${count} parameters, not ${gptParameters}`);
        return training(
          variables,
          optimizers.adamw({ learningRate: 3e-4 }),
          (x, y) => sparseCategoricalCrossentropy(y, logits(net, x), { fromLogits: true }).mean(),
          [labels([batch, context], vocabulary), labels([batch, context], vocabulary)],
        );
      },
    },
  ],
};
