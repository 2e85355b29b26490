import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../tensor/index.ts";
import type { Activation as ActivationFunction, ActivationName } from "./activations.ts";
import { demandTensor } from "./checks.ts";
import { activation } from "./fieldKinds.ts";
import { floating } from "./floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "./layer.ts";
import type { Structure } from "./structure.ts";

const fields = { activation: activation() };

/** Applies an activation function. */
export class Activation extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Activation";
  static readonly fields = fields;
  static readonly positional = ["activation"];
  static readonly masking = "keep";

  constructor(activation: ActivationName | ActivationFunction, options: LayerOptions = {}) {
    super(options, { activation });
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.options.activation(floating(x) as Tensor<S>); // floating keeps the shape
  }
}
