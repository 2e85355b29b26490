import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
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

/** The optimizer's state by the names of the weights, and the state of the default random generator. */
export function trainingState(model: Trainable): Named[] {
  const { optimizer } = model.objective;
  const slots = model
    .namedVariables()
    .flatMap(([name, variable]) =>
      Object.entries(optimizer.slotsOf(variable) ?? {}).map(
        ([slot, state]): Named => [`optimizer/${name}/${slot}`, state],
      ),
    );
  return [
    ...Object.entries(optimizer.shared).map(([name, state]): Named => [`optimizer/${name}`, state]),
    ...slots,
    ["random/state", randomState],
  ];
}

/** The running figures of an unfinished epoch. */
const figureState = (model: Trainable): Named[] =>
  model.objective.figures.flatMap((figure, index) =>
    [...figure.state].map(([name, state]): Named => [figureName(index, name), state]),
  );
const figureName = (index: number, name: string): string => `figures/${index}/${name}`;

/** All state of a model in training, by name. */
export const wholeState = (model: Trainable): Named[] => [
  ...model.namedVariables().map(([name, state]): Named => [`model/${name}`, state]),
  ...trainingState(model),
  ...figureState(model),
];

/** Makes the state of running figures that exists only once a batch has been seen, in the shapes that a file tells. */
export function makeFigureState(model: Trainable, stored: ReadonlyMap<string, { readonly shape: Shape }>): void {
  model.objective.figures.forEach((figure, index) => {
    const prefix = figureName(index, "");
    for (const [name, { shape }] of stored)
      if (name.startsWith(prefix)) figure.addVariable(name.slice(prefix.length), shape);
  });
}
