import * as classes from "../attention/index.ts";
import type { Shaped } from "../rules/rule.ts";
import type { Heads, Weighing } from "../rules/sequences.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

interface Scoring<Scores> {
  readonly returnAttentionScores?: Scores | undefined;
}

export const multiHeadAttention = <
  const Output extends readonly number[] | undefined = undefined,
  Scores extends boolean = false,
>(
  numHeads: number,
  keyDim: number,
  options?: classes.MultiHeadAttentionOptions & Scoring<Scores> & { readonly outputShape?: Output | undefined },
): Shaped<classes.MultiHeadAttention, Heads<Output, Scores>> =>
  shaped(new classes.MultiHeadAttention(numHeads, keyDim, options));
export const groupQueryAttention = <Scores extends boolean = false>(
  headDim: number,
  numQueryHeads: number,
  numKeyValueHeads: number,
  options?: classes.GroupQueryAttentionOptions & Scoring<Scores>,
): Shaped<classes.GroupQueryAttention, Heads<undefined, Scores>> =>
  shaped(new classes.GroupQueryAttention(headDim, numQueryHeads, numKeyValueHeads, options));
export const attention = <Scores extends boolean = false>(
  options?: classes.AttentionOptions & Scoring<Scores>,
): Shaped<classes.Attention, Weighing<Scores>> => shaped(new classes.Attention(options));
export const additiveAttention = <Scores extends boolean = false>(
  options?: classes.AdditiveAttentionOptions & Scoring<Scores>,
): Shaped<classes.AdditiveAttention, Weighing<Scores>> => shaped(new classes.AdditiveAttention(options));
export const rotaryEmbedding = (options?: classes.RotaryEmbeddingOptions): Shaped<classes.RotaryEmbedding, Same> =>
  shaped(new classes.RotaryEmbedding(options));
