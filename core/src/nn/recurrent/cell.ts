import type { Shape } from "../../base/shape.ts";
import { withScope } from "../../graph/node.ts";
import { random, type Tensor, where } from "../../tensor/index.ts";
import { fraction } from "../checks.ts";
import type { CallContext } from "../context.ts";
import { activation, constraint, count, flag, initializer, real, regularizer } from "../fieldKinds.ts";
import type { Fields, ValuesOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type Variables } from "../layer.ts";
import { generatorOf, keyOf, type RandomVariables, seedFields } from "../randomness.ts";
import { weight } from "../weight.ts";

/** One step: from an input [batch, ...features] and the states to an output and the next states. */
export type Step = (
  x: Tensor,
  states: readonly Tensor[],
) => { readonly output: Tensor; readonly states: readonly Tensor[] };

/**
 * What a recurrent layer repeats over time. As a layer of its own it takes `[x, ...states]` and gives `[output, ...states]`.
 */
export abstract class Cell<V extends Variables = Variables, F extends Fields = Fields> extends AnyLayer<V, F> {
  /** Values an example of each state. */
  abstract get stateSizes(): readonly number[];
  /** Values an example of the output. */
  abstract get outputSize(): number;

  /** Which state is the output; undefined where none is. Default the first. */
  get outputState(): number | undefined {
    return 0;
  }

  /** The step for inputs of this shape. What is drawn here, such as masks of dropout, stays the same for all steps. */
  abstract stepFor(input: Shape, variables: V, context: CallContext): Step;

  /** Builds the cell if needed, under its own scope, and returns its step. */
  steps(input: Shape, context: CallContext): Step {
    const step = withScope(this.name, () => this.stepFor(input, this.variablesFor([input]), context));
    if (this.options.activityRegularizer === undefined) return step;
    // The recurrent layer calls the step, not the cell: what the outputs of the cell add is added here.
    return (x, states) => {
      const after = step(x, states);
      this.penalize(after.output, context);
      return after;
    };
  }

  override build(shapes: readonly Shape[]): V {
    return this.buildCell(shapes[0]!);
  }

  /** Makes the Variables for inputs [batch, ...features]. */
  abstract buildCell(input: Shape): V;

  override call(given: readonly Tensor[], variables: V, context: CallContext): Tensor[] {
    const [x, ...before] = given.map(floating);
    const { output, states } = this.stepFor(x!.shape, variables, context)(x!, before);
    return [output, ...states];
  }
}

/** The options that the cells of this library share. */
export const cellFields = {
  units: count(),
  /** Default tanh. */
  activation: activation("tanh"),
  /** Whether to add a learned offset. Default true. */
  useBias: flag(true),
  /** For the weights of the input. Default glorotUniform. */
  kernelInitializer: initializer("glorotUniform"),
  /** For the weights of the state. Default orthogonal. */
  recurrentInitializer: initializer("orthogonal"),
  /** Default zeros. */
  biasInitializer: initializer("zeros"),
  kernelRegularizer: regularizer(),
  recurrentRegularizer: regularizer(),
  biasRegularizer: regularizer(),
  kernelConstraint: constraint(),
  recurrentConstraint: constraint(),
  biasConstraint: constraint(),
  /** Share of the input's values that are dropped while training, the same ones at all steps. Default 0. */
  dropout: real(0, fraction),
  /** Share of the state's values that are dropped, the same ones at all steps (Gal & Ghahramani 2016). Default 0. */
  recurrentDropout: real(0, fraction),
  ...seedFields,
} as const;

type CellValues = ValuesOf<typeof cellFields>;
export type CellVariables = RandomVariables & {
  readonly kernel: ReturnType<typeof weight>;
  readonly recurrentKernel: ReturnType<typeof weight>;
  readonly bias?: ReturnType<typeof weight>;
};

/** Kernels for `gates` numbers a unit, and a bias of shape `bias`. */
export function cellVariables(
  options: CellValues,
  features: number,
  gates: number,
  bias: Shape = [gates * options.units],
): CellVariables {
  const { units } = options;
  return {
    kernel: weight([features, gates * units], {
      initializer: options.kernelInitializer,
      regularizer: options.kernelRegularizer,
      constraint: options.kernelConstraint,
    }),
    recurrentKernel: weight([units, gates * units], {
      initializer: options.recurrentInitializer,
      regularizer: options.recurrentRegularizer,
      constraint: options.recurrentConstraint,
    }),
    ...(options.useBias
      ? {
          bias: weight(bias, {
            initializer: options.biasInitializer,
            regularizer: options.biasRegularizer,
            constraint: options.biasConstraint,
          }),
        }
      : {}),
    ...generatorOf(options.seed),
  };
}

type Drop = (x: Tensor) => Tensor;
const keep: Drop = (x) => x;

/** What drops the same values of a [batch, size] tensor at each step, and scales up the others; nothing outside of training. */
function dropOf(rate: number, shape: Shape, variables: RandomVariables, { training }: CallContext): Drop {
  if (!training || rate === 0) return keep;
  const scale = where(random.uniform(shape, { key: keyOf(variables) }).less(1 - rate), 1 / (1 - rate), 0);
  return (x) => x.mul(scale) as Tensor;
}

/** The two dropouts of a cell, drawn for one call. */
export const dropsOf = (
  { dropout, recurrentDropout, units }: CellValues,
  input: Shape,
  variables: RandomVariables,
  context: CallContext,
): { readonly ofInput: Drop; readonly ofState: Drop } => ({
  ofInput: dropOf(dropout, [input[0]!, input.at(-1)!], variables, context),
  ofState: dropOf(recurrentDropout, [input[0]!, units], variables, context),
});
