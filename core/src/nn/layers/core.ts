import { Dense, type DenseOptions } from "../dense.ts";
import { DropMask } from "../dropMask.ts";
import { EinsumDense, type EinsumDenseOptions } from "../einsumDense.ts";
import { Embedding, type EmbeddingOptions } from "../embedding.ts";
import type { TensorFunction } from "../functions.ts";
import { Identity, Lambda } from "../lambda.ts";
import type { LayerOptions } from "../layer.ts";
import { Masking, type MaskingOptions } from "../masking.ts";
import { ReversibleEmbedding, type ReversibleEmbeddingOptions } from "../reversibleEmbedding.ts";
import type * as rules from "../rules/core.ts";
import type { Shaped } from "../rules/rule.ts";
import { shaped } from "../rules/shaped.ts";
import type { Unknown } from "../rules/single.ts";

export { input } from "../input.ts";

/** y = activation(x·kernel + bias), over the last axis: [..., features] → [..., units]. */
export const dense = <Units extends number>(
  units: Units,
  options?: DenseOptions,
): Shaped<Dense<Units>, rules.Dense<Units>> => shaped(new Dense(units, options));

/** A dense layer over any axes: y = activation(einsum(equation, x, kernel) + bias). */
export const einsumDense = <Equation extends string, const Out extends rules.OpenSizes>(
  equation: Equation,
  outputShape: Out,
  options?: EinsumDenseOptions,
): Shaped<EinsumDense, rules.EinsumDense<Equation, Out>> => shaped(new EinsumDense(equation, outputShape, options));

/** A learned vector for each token: [...] of integers below inputDim → [..., outputDim]. */
export const embedding = <Dim extends number, Mask extends boolean = false>(
  inputDim: number,
  outputDim: Dim,
  options?: EmbeddingOptions<Mask>,
): Shaped<Embedding, rules.Embedding<Dim, Mask>> => shaped(new Embedding(inputDim, outputDim, options));

/**
 * Vectors for tokens, and logits of tokens for vectors: `layer(tokens)` is [..., outputDim], `layer({ reverse: vectors })`
 * is [..., inputDim]. Language models begin and end with it.
 */
export const reversibleEmbedding = <In extends number, Dim extends number, Mask extends boolean = false>(
  inputDim: In,
  outputDim: Dim,
  options?: ReversibleEmbeddingOptions & { readonly maskZero?: Mask | undefined },
): Shaped<ReversibleEmbedding, rules.Reversible<In, Dim, Mask>> =>
  shaped(new ReversibleEmbedding(inputDim, outputDim, options));

/** Applies a function of tensors without weights. Files hold only its name, so it must be registered before it is saved. */
export const lambda = (apply: TensorFunction | string, options?: LayerOptions): Shaped<Lambda, Unknown> =>
  shaped(new Lambda(apply, options));
/** Passes on what it is given, masks too. */
export const identity = (options?: LayerOptions): Shaped<Identity, rules.Identity> => shaped(new Identity(options));
/** Masks the steps of [batch, steps, ...features] at which all features are `maskValue`; their values become 0. */
export const masking = (options?: MaskingOptions): Shaped<Masking, rules.Masks> => shaped(new Masking(options));
/** Says that a mask ends here: Masked values become plain ones, which all count. */
export const dropMask = (options?: LayerOptions): Shaped<DropMask, rules.Unmasks> => shaped(new DropMask(options));
