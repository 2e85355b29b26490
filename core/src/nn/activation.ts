import type { Shape } from "../base/shape.ts";
import type { Tensor } from "../tensor/index.ts";
import {
  type Activation as ActivationFunction,
  type ActivationName,
  nameOfActivation,
  resolveActivation,
} from "./activations.ts";
import { demandTensor } from "./checks.ts";
import { floating } from "./floating.ts";
import { type Config, Layer, type LayerOptions } from "./layer.ts";
import type { Structure } from "./structure.ts";

/** Applies an activation function. */
export class Activation extends Layer {
  readonly activation: ActivationFunction;

  constructor(activation: ActivationName | ActivationFunction, options: LayerOptions = {}) {
    super(options);
    this.activation = resolveActivation(activation);
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
  }

  override call<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return this.activation(floating(x) as Tensor<S>); // floating keeps the shape
  }

  override config(): Config {
    return { activation: nameOfActivation(this.activation) };
  }
}
