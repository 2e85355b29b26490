import { ArgumentError, suggest } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import * as t from "../tensor/index.ts";

type Tensor<S extends Shape = Shape> = t.Tensor<S>;

/** A function of a tensor that keeps its shape. */
export type Activation = <S extends Shape>(x: Tensor<S>) => Tensor<S>;

/** Wraps an operation that keeps the shape, so that its type says so. */
const same =
  (operation: (x: t.Tensor) => t.Tensor): Activation =>
  <S extends Shape>(x: Tensor<S>) =>
    // The operation is elementwise or normalises along an axis: the shape stays S.
    operation(x) as Tensor<S>;

/** Activations by name, with Keras's meaning and defaults. */
export const activations = {
  linear: same((x) => x),
  relu: same((x) => t.relu(x)),
  relu6: same((x) => t.relu6(x)),
  leakyRelu: same((x) => t.leakyRelu(x)),
  elu: same((x) => t.elu(x)),
  selu: same((x) => t.selu(x)),
  celu: same((x) => t.celu(x)),
  gelu: same((x) => t.gelu(x)),
  silu: same((x) => t.silu(x)),
  swish: same((x) => t.silu(x)),
  sigmoid: same((x) => t.sigmoid(x)),
  hardSigmoid: same((x) => t.hardSigmoid(x)),
  logSigmoid: same((x) => t.logSigmoid(x)),
  softplus: same((x) => t.softplus(x)),
  softsign: same((x) => t.softsign(x)),
  mish: same((x) => t.mish(x)),
  tanh: same((x) => t.tanh(x)),
  exponential: same((x) => t.exp(x)),
  softmax: same((x) => t.softmax(x)),
  logSoftmax: same((x) => t.logSoftmax(x)),
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;

/** The activation of that name, or the function itself; undefined is linear. */
export function resolveActivation(given: ActivationName | Activation | undefined): Activation {
  if (given === undefined) return activations.linear;
  if (typeof given === "function") return given;
  const found = Object.hasOwn(activations, given) ? activations[given] : undefined;
  if (found === undefined) {
    throw new ArgumentError({ what: `unknown activation "${given}"`, hint: suggest(given, Object.keys(activations)) });
  }
  return found;
}

/** The name under which an activation is saved; a function of the user's own has none. */
export function nameOfActivation(activation: Activation): ActivationName {
  const entry = Object.entries(activations).find(([, known]) => known === activation);
  if (entry === undefined) {
    throw new ArgumentError({
      what: "the layer's activation is a function of your own, which a file cannot carry",
      hint: `use a named activation (${Object.keys(activations).join(", ")}) or a layer of your own`,
    });
  }
  return entry[0] as ActivationName; // the keys of the table are exactly the names
}
