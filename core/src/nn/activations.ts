import type { Shape } from "../base/shape.ts";
import * as t from "../tensor/index.ts";
import {
  hardShrink,
  hardTanh,
  softShrink,
  sparsemax,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  tanhShrink,
  threshold,
} from "./activationForms.ts";
import { catalog } from "./named.ts";

type Tensor<S extends Shape = Shape> = t.Tensor<S>;

/** A function of a tensor that keeps its shape. */
export type Activation = <S extends Shape>(x: Tensor<S>) => Tensor<S>;

/** Wraps an operation that keeps the shape, so that its type says so; options follow the tensor. */
const same =
  <Options extends readonly unknown[]>(operation: (x: t.Tensor, ...options: Options) => t.Tensor) =>
  <S extends Shape>(x: Tensor<S>, ...options: Options): Tensor<S> =>
    // The operation is elementwise or normalises along an axis: the shape stays S.
    operation(x, ...options) as Tensor<S>;

/** Activations by name, with Keras's meaning and defaults. */
export const activations = {
  linear: same((x) => x),
  relu: same((x) => t.relu(x)),
  relu6: same((x) => t.relu6(x)),
  leakyRelu: same((x, slope?: number) => t.leakyRelu(x, slope)),
  elu: same((x, alpha?: number) => t.elu(x, alpha)),
  selu: same((x) => t.selu(x)),
  celu: same((x, alpha?: number) => t.celu(x, alpha)),
  gelu: same((x, options?: { readonly approximate?: boolean }) => t.gelu(x, options)),
  silu: same((x) => t.silu(x)),
  swish: same((x) => t.silu(x)),
  hardSilu: same((x) => t.hardSilu(x)),
  hardSwish: same((x) => t.hardSilu(x)),
  sigmoid: same((x) => t.sigmoid(x)),
  hardSigmoid: same((x) => t.hardSigmoid(x)),
  logSigmoid: same((x) => t.logSigmoid(x)),
  softplus: same((x) => t.softplus(x)),
  softsign: same((x) => t.softsign(x)),
  mish: same((x) => t.mish(x)),
  tanh: same((x) => t.tanh(x)),
  exponential: same((x) => t.exp(x)),
  softmax: same((x, axis?: number | readonly number[]) => t.softmax(x, axis)),
  logSoftmax: same((x, axis?: number | readonly number[]) => t.logSoftmax(x, axis)),
  hardTanh: same(hardTanh),
  hardShrink: same(hardShrink),
  softShrink: same(softShrink),
  tanhShrink: same(tanhShrink),
  threshold: same(threshold),
  squareplus: same(squareplus),
  sparsePlus: same(sparsePlus),
  sparseSigmoid: same(sparseSigmoid),
  sparsemax: same(sparsemax),
  /** The first half of `axis` times the sigmoid of the second: the one activation that halves an axis. */
  glu: same((x, axis?: number) => t.glu(x, axis)),
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
