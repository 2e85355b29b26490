export type { AttentionInput } from "./arguments.ts";
export { AdditiveAttention, type AdditiveAttentionOptions, Attention, type AttentionOptions } from "./attention.ts";
export {
  GroupQueryAttention,
  type GroupQueryAttentionOptions,
  MultiHeadAttention,
  type MultiHeadAttentionOptions,
} from "./multiHeadAttention.ts";
export { RotaryEmbedding, type RotaryEmbeddingOptions } from "./rotary.ts";
