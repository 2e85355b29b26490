import type { Shape } from "../base/shape.ts";
import { type Initializer, type Tensor, take, type Variable, variable } from "../tensor/index.ts";
import { demandTensor, positive } from "./checks.ts";
import { type InitializerName, resolveInitializer } from "./initializers.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";
import type { Structure } from "./structure.ts";

export interface EmbeddingOptions extends LayerOptions {
  /** Default randomUniform in ±0.05. */
  readonly embeddingsInitializer?: InitializerName | Initializer | undefined;
}

type EmbeddingVariables = { readonly embeddings: Variable };

/** A learned vector for each token: [...] of integers below inputDim → [..., outputDim]. */
export class Embedding extends Layer<EmbeddingVariables> {
  readonly inputDim: number;
  readonly outputDim: number;
  readonly #initializer: Initializer;

  constructor(inputDim: number, outputDim: number, options: EmbeddingOptions = {}) {
    super(options);
    this.inputDim = positive("inputDim", inputDim);
    this.outputDim = positive("outputDim", outputDim);
    this.#initializer = resolveInitializer(options.embeddingsInitializer ?? "randomUniform");
  }

  override build(_input: Shape): EmbeddingVariables {
    return { embeddings: variable([this.inputDim, this.outputDim], this.#initializer) };
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call(x: Tensor, { embeddings }: EmbeddingVariables): Tensor {
    return take(embeddings, x.cast("i32"), 0);
  }

  override config(): Config {
    return { inputDim: this.inputDim, outputDim: this.outputDim };
  }
}
