import type { Shape } from "../base/shape.ts";
import { Tensor, take, type Variable } from "../tensor/index.ts";
import { positiveReal } from "./checks.ts";
import { constraint, count, flag, initializer, optional, real, regularizer } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";
import { Masked } from "./masked.ts";

const fields = {
  inputDim: count(),
  outputDim: count(),
  /** Whether the way back uses the transposed embeddings; otherwise it has weights of its own. Default true. */
  tieWeights: flag(true),
  /** Logits are bent to stay within ± this: cap · tanh(x / cap). Default: no cap. */
  logitSoftCap: optional(real(undefined, positiveReal)),
  /** Default randomUniform in ±0.05. */
  embeddingsInitializer: initializer("randomUniform"),
  embeddingsRegularizer: regularizer(),
  embeddingsConstraint: constraint(),
  /** Whether token 0 is padding: the vectors are Masked then. Default false. */
  maskZero: flag(false),
};
export interface ReversibleEmbeddingOptions extends LayerOptions, GivenOf<typeof fields, "inputDim" | "outputDim"> {}

type Given = Tensor | { readonly reverse: Tensor };
type EmbeddingVariables = { readonly embeddings: Variable; readonly reverseEmbeddings?: Variable };

/**
 * Vectors for tokens, and logits of tokens for vectors: `layer(tokens)` is [..., outputDim], `layer({ reverse: vectors })`
 * is [..., inputDim]. Language models begin and end with it.
 */
export class ReversibleEmbedding extends AnyLayer<EmbeddingVariables, typeof fields> {
  static override readonly name: string = "ReversibleEmbedding";
  static readonly fields = fields;
  static readonly positional = ["inputDim", "outputDim"];

  constructor(inputDim: number, outputDim: number, options: ReversibleEmbeddingOptions = {}) {
    super(options, { inputDim, outputDim });
  }

  override build(_input: Shape | { readonly reverse: Shape }): EmbeddingVariables {
    const { inputDim, outputDim, tieWeights, embeddingsInitializer: initializer } = this.options;
    const embeddings = this.addWeight([inputDim, outputDim], {
      initializer,
      regularizer: this.options.embeddingsRegularizer,
      constraint: this.options.embeddingsConstraint,
    });
    return tieWeights
      ? { embeddings }
      : { embeddings, reverseEmbeddings: this.addWeight([outputDim, inputDim], { initializer }) };
  }

  override call(x: Given, { embeddings, reverseEmbeddings }: EmbeddingVariables): Tensor | Masked<Tensor> {
    if (x instanceof Tensor) {
      const tokens = x.cast("i32");
      const vectors = take(embeddings, tokens, 0);
      return this.options.maskZero ? new Masked(vectors, tokens.notEqual(0)) : vectors;
    }
    const kernel = reverseEmbeddings ?? (embeddings.transpose() as Tensor);
    const logits = floating(x.reverse).matmul(kernel) as Tensor;
    const { logitSoftCap: cap } = this.options;
    return cap === undefined ? logits : (logits.div(cap).tanh().mul(cap) as Tensor);
  }
}
