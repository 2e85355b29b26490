import type { Shape } from "../base/shape.ts";
import { type Tensor, take, type Variable } from "../tensor/index.ts";
import { demandTensor } from "./checks.ts";
import { constraint, count, flag, initializer, regularizer } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { AnyLayer, type LayerOptions } from "./layer.ts";
import { Masked } from "./masked.ts";
import type { Structure } from "./structure.ts";

const fields = {
  inputDim: count(),
  outputDim: count(),
  /** Default randomUniform in ±0.05. */
  embeddingsInitializer: initializer("randomUniform"),
  embeddingsRegularizer: regularizer(),
  embeddingsConstraint: constraint(),
  /** Whether token 0 is padding: the result is Masked then, with those positions out. Default false. */
  maskZero: flag(false),
};

export interface EmbeddingOptions<Mask extends boolean = boolean>
  extends LayerOptions,
    Omit<GivenOf<typeof fields, "inputDim" | "outputDim">, "maskZero"> {
  /** Whether token 0 is padding: the result is Masked then, with those positions out. Default false. */
  readonly maskZero?: Mask | undefined;
}

type EmbeddingVariables = { readonly embeddings: Variable };

/** A learned vector for each token: [...] of integers below inputDim → [..., outputDim]. */
export class Embedding extends AnyLayer<EmbeddingVariables, typeof fields> {
  static override readonly name: string = "Embedding";
  static readonly fields = fields;
  static readonly positional = ["inputDim", "outputDim"];

  constructor(inputDim: number, outputDim: number, options: EmbeddingOptions = {}) {
    super(options, { inputDim, outputDim });
  }

  override build(_input: Shape): EmbeddingVariables {
    const { inputDim, outputDim, embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint } = this.options;
    return {
      embeddings: this.addWeight([inputDim, outputDim], {
        initializer: embeddingsInitializer,
        regularizer: embeddingsRegularizer,
        constraint: embeddingsConstraint,
      }),
    };
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, { embeddings }: EmbeddingVariables): Tensor | Masked<Tensor> {
    const tokens = x.cast("i32");
    const vectors = take(embeddings, tokens, 0);
    return this.options.maskZero ? new Masked(vectors, tokens.notEqual(0)) : vectors;
  }
}
