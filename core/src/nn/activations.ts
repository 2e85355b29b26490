import type { Shape } from "../base/shape.ts";
import * as t from "../tensor/index.ts";
import { catalog } from "./catalog.ts";

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

// The functions themselves are what users know ("activations.relu(x)"); the catalog wants makers.
const makers = Object.fromEntries(Object.entries(activations).map(([name, own]) => [name, () => own])) as {
  readonly [N in ActivationName]: () => Activation;
};

/** Activations by name or as functions, and how files name them. */
export const activationCatalog = catalog("activation", makers);
for (const name of Object.keys(makers)) activationCatalog.resolve(name);

/** The activation of that name, or the function itself; undefined is linear. */
export const resolveActivation = (given: ActivationName | Activation | undefined): Activation =>
  given === undefined ? activations.linear : activationCatalog.resolve(given);
