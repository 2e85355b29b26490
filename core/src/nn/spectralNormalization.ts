import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { maximum, rsqrt, type Tensor, type Variable, where, zeros } from "../tensor/index.ts";
import type { CallContext } from "./context.ts";
import { count } from "./fieldKinds.ts";
import type { GivenOf } from "./fields.ts";
import { initializers } from "./initializers.ts";
import { AnyLayer, type Inputs, type LayerOptions, type Outputs } from "./layer.ts";
import { layerField } from "./layerField.ts";
import { mapStructure, type Structure } from "./structure.ts";

const fields = {
  layer: layerField(),
  /** Steps of the power iteration in each step of training. Default 1. */
  powerIterations: count(1),
};
export interface SpectralNormalizationOptions extends LayerOptions, GivenOf<typeof fields, "layer"> {}
type Spectral = { readonly vectorU: Variable };

const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => typeof size === "number");
/** The vector with length 1; 1e−12 as in Keras keeps zeros zeros. */
const unit = (x: Tensor): Tensor => x.mul(rsqrt(maximum(x.square().sum(), 1e-12))) as Tensor;

/**
 * Keeps the largest singular value of a layer's kernel at 1: each step of training divides the kernel by it, found by
 * power iteration (Miyato et al. 2018).
 */
export class SpectralNormalization extends AnyLayer<Spectral, typeof fields> {
  static override readonly name: string = "SpectralNormalization";
  static readonly fields = fields;
  static readonly positional = ["layer"];
  static readonly masking = "own";

  constructor(layer: AnyLayer, options: SpectralNormalizationOptions = {}) {
    super(options, { layer });
  }

  /** The weights that are normalised. */
  get #kernel(): Variable {
    const { kernel, embeddings } = this.options.layer.own as {
      readonly kernel?: Variable;
      readonly embeddings?: Variable;
    };
    const found = kernel ?? embeddings;
    if (found !== undefined) return found;
    throw new ArgumentError({
      what: `${this.name}: a ${this.options.layer.typeName} has neither a kernel nor embeddings`,
      hint: "wrap a dense layer, a convolution or an embedding",
    });
  }

  override build(input: Structure<Shape>): Spectral {
    // The inner layer makes its weights at its first call; nothing reads what it gives here.
    const { layer } = this.options;
    layer.compute(
      mapStructure(input, isShape, (shape): Tensor => zeros(shape)),
      { training: false },
    );
    const initializer = initializers.truncatedNormal({ stddev: 0.02 });
    return { vectorU: this.addWeight([1, this.#kernel.shape.at(-1)!], { initializer, trainable: false }) };
  }

  override call(x: Inputs, { vectorU }: Spectral, context: CallContext): Outputs {
    if (context.training && context.frozen !== true) this.#normalize(vectorU);
    return this.options.layer.compute(x, context);
  }

  #normalize(vectorU: Variable): void {
    const kernel = this.#kernel;
    const value = kernel.read();
    const matrix = value.stopGradient().reshape([-1, kernel.shape.at(-1)!]) as Tensor;
    let u = vectorU.read() as Tensor;
    let v = u;
    for (let step = 0; step < this.options.powerIterations; step++) {
      v = unit(u.matmul(matrix.transpose()) as Tensor);
      u = unit(v.matmul(matrix) as Tensor);
    }
    const sigma = v.matmul(matrix).matmul(u.transpose()).reshape([]) as Tensor;
    const zero = matrix.abs().max().equal(0);
    const divided = where(zero, value.stopGradient(), value.stopGradient().div(sigma)) as Tensor;
    // The kernel is what it has become: its derivative is that of the new value.
    kernel.assign(value.add(divided.sub(value.stopGradient())));
    vectorU.assign(where(zero, vectorU.read(), u));
  }
}
