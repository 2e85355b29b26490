import * as classes from "../attention/index.ts";
import type { Shaped } from "../rules/rule.ts";
import type { Heads, Weighing } from "../rules/sequences.ts";
import { shaped } from "../rules/shaped.ts";
import type { Same } from "../rules/single.ts";

interface Scoring<Scores> {
  readonly returnAttentionScores?: Scores | undefined;
}

/**
 * Several heads attend side by side, each to projections of its own (Vaswani et al. 2017): query [batch, time, features]
 * and value [batch, source, features] → [batch, time, features of the query].
 */
export const multiHeadAttention = <
  const Output extends readonly number[] | undefined = undefined,
  Scores extends boolean = false,
>(
  numHeads: number,
  keyDim: number,
  options?: classes.MultiHeadAttentionOptions & Scoring<Scores> & { readonly outputShape?: Output | undefined },
): Shaped<classes.MultiHeadAttention, Heads<Output, Scores>> =>
  shaped(new classes.MultiHeadAttention(numHeads, keyDim, options));
/** As MultiHeadAttention, but groups of query heads share heads of key and value (Ainslie et al. 2023). */
export const groupQueryAttention = <Scores extends boolean = false>(
  headDim: number,
  numQueryHeads: number,
  numKeyValueHeads: number,
  options?: classes.GroupQueryAttentionOptions & Scoring<Scores>,
): Shaped<classes.GroupQueryAttention, Heads<undefined, Scores>> =>
  shaped(new classes.GroupQueryAttention(headDim, numQueryHeads, numKeyValueHeads, options));
/** Dot-product attention (Luong et al. 2015), without projections and without dividing by the root of the size. */
export const attention = <Scores extends boolean = false>(
  options?: classes.AttentionOptions & Scoring<Scores>,
): Shaped<classes.Attention, Weighing<Scores>> => shaped(new classes.Attention(options));
/** Additive attention: the score is Σ scale·tanh(query + key) (Bahdanau et al. 2015), without projections. */
export const additiveAttention = <Scores extends boolean = false>(
  options?: classes.AdditiveAttentionOptions & Scoring<Scores>,
): Shaped<classes.AdditiveAttention, Weighing<Scores>> => shaped(new classes.AdditiveAttention(options));
/** Turns pairs of features by angles that tell the position in time: [batch, time, ..., features], an even number of them. */
export const rotaryEmbedding = (options?: classes.RotaryEmbeddingOptions): Shaped<classes.RotaryEmbedding, Same> =>
  shaped(new classes.RotaryEmbedding(options));
