import type { Shape } from "../base/shape.ts";
import { type Initializer, type Tensor, type Variable, variable, type WithLast } from "../tensor/index.ts";
import { type Activation, type ActivationName, nameOfActivation, resolveActivation } from "./activations.ts";
import { demandLast, demandMinimumRank, positive } from "./checks.ts";
import { floating } from "./floating.ts";
import { type InitializerName, resolveInitializer } from "./initializers.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";
import type { SymbolicTensor } from "./symbolic.ts";

export interface DenseOptions extends LayerOptions {
  /** Applied to the result. Default linear. */
  readonly activation?: ActivationName | Activation | undefined;
  /** Default true. */
  readonly useBias?: boolean | undefined;
  /** Default glorotUniform. */
  readonly kernelInitializer?: InitializerName | Initializer | undefined;
  /** Default zeros. */
  readonly biasInitializer?: InitializerName | Initializer | undefined;
}

export type DenseVariables = { readonly kernel: Variable; readonly bias?: Variable };

/** y = activation(x·kernel + bias), over the last axis: [..., features] → [..., units]. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
export class Dense<Units extends number = number> extends Layer<DenseVariables> {
  readonly units: Units;
  readonly activation: Activation;
  readonly useBias: boolean;
  readonly #kernelInitializer: Initializer;
  readonly #biasInitializer: Initializer;

  constructor(units: Units, options: DenseOptions = {}) {
    super(options);
    this.units = positive("units", units) as Units; // the same number
    this.activation = resolveActivation(options.activation);
    this.useBias = options.useBias ?? true;
    this.#kernelInitializer = resolveInitializer(options.kernelInitializer ?? "glorotUniform");
    this.#biasInitializer = resolveInitializer(options.biasInitializer ?? "zeros");
  }

  override build(input: Shape): DenseVariables {
    const kernel = variable([input.at(-1)!, this.units], this.#kernelInitializer);
    return this.useBias ? { kernel, bias: variable([this.units], this.#biasInitializer) } : { kernel };
  }

  override check(input: Shape): void {
    demandMinimumRank(input, 2);
    if (this.built) demandLast(input, this.own.kernel.shape[0]!);
  }

  override call<S extends Shape>(x: Tensor<S>, { kernel, bias }: DenseVariables): Tensor<WithLast<S, Units>> {
    const product = floating(x).matmul(kernel);
    const sum = bias === undefined ? product : product.add(bias);
    // matmul's type cannot follow a kernel whose size is known only at run time.
    return this.activation(sum) as Tensor<WithLast<S, Units>>;
  }

  override config(): Config {
    return { units: this.units, activation: nameOfActivation(this.activation), useBias: this.useBias };
  }
}

export interface Dense<Units extends number = number> {
  (x: SymbolicTensor): SymbolicTensor;
  <S extends Shape>(x: Tensor<S>): Tensor<WithLast<S, Units>>;
}
