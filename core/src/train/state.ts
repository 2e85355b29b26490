import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Metric } from "../nn/index.ts";
import { Optimizer } from "../optim/index.ts";
import { randomState } from "../tensor/index.ts";
import type { Trainable } from "./step.ts";

/** A piece of state that a file holds: a Variable, or the default generator. */
export interface State {
  readonly shape: Shape;
  readonly dtype: DType;
  bytes(): Promise<Uint8Array>;
  assignBytes(bytes: Uint8Array): unknown;
}
export type Named = readonly [name: string, state: State];

/** The optimizers of a model: the one that it was compiled with, then those that it has as properties of its own (a GAN's). */
function optimizersOf(model: Trainable): readonly Optimizer[] {
  const own = Object.values(model).filter((value): value is Optimizer => value instanceof Optimizer);
  return [...new Set([model.objective.optimizer, ...own])];
}

/** The running figures, those that the model keeps in properties among them. */
const figuresOf = (model: Trainable): readonly Metric[] => model.objective.figures;

const optimizerName = (index: number): string => (index === 0 ? "optimizer" : `optimizer_${index}`);
const figureName = (index: number, name: string): string => `figures/${index}/${name}`;

/** The optimizers' state by the names of the weights, and the state of the default random generator. */
export function trainingState(model: Trainable): Named[] {
  const weights = model.namedVariables();
  const state = optimizersOf(model).flatMap((optimizer, index) => {
    const prefix = optimizerName(index);
    const shared = Object.entries(optimizer.shared).map(([name, slot]): Named => [`${prefix}/${name}`, slot]);
    const slots = weights.flatMap(([name, variable]) =>
      Object.entries(optimizer.slotsOf(variable) ?? {}).map(
        ([slot, kept]): Named => [`${prefix}/${name}/${slot}`, kept],
      ),
    );
    return [...shared, ...slots];
  });
  return [...state, ["random/state", randomState]];
}

/** All state of a model in training, by name. */
export const wholeState = (model: Trainable): Named[] => [
  ...model.namedVariables().map(([name, state]): Named => [`model/${name}`, state]),
  ...trainingState(model),
  ...figuresOf(model).flatMap((figure, index) =>
    [...figure.state].map(([name, state]): Named => [figureName(index, name), state]),
  ),
];

/** Makes the state that exists only once a batch has been seen, as far as a file has it. */
export function makeState(model: Trainable, stored: ReadonlyMap<string, { readonly shape: Shape }>): void {
  const names = [...stored.keys()];
  optimizersOf(model).forEach((optimizer, index) => {
    const moved = model
      .namedVariables()
      .filter(([name]) => names.some((each) => each.startsWith(`${optimizerName(index)}/${name}/`)));
    if (moved.length > 0) optimizer.build(moved.map(([, variable]) => variable));
  });
  figuresOf(model).forEach((figure, index) => {
    const prefix = figureName(index, "");
    for (const [name, { shape }] of stored)
      if (name.startsWith(prefix)) figure.addVariable(name.slice(prefix.length), shape);
  });
}
