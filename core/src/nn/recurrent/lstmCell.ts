import type { Shape } from "../../base/shape.ts";
import { concatenate, type Initializer, ones, split, type Tensor } from "../../tensor/index.ts";
import type { CallContext } from "../context.ts";
import { activation, flag } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { Cell, type CellVariables, cellFields, cellVariables, dropsOf, type Step } from "./cell.ts";

export const lstmFields = {
  ...cellFields,
  /** For the gates. Default sigmoid. */
  recurrentActivation: activation("sigmoid"),
  /** Whether the forget gate's bias begins at 1 (Jozefowicz et al. 2015). Default true. */
  unitForgetBias: flag(true),
} as const;

export interface LSTMCellOptions extends LayerOptions, GivenOf<typeof lstmFields, "units"> {}

const gates = 4;

/**
 * Input gate i, forget gate f, candidate c̃ and output gate o, in this order in the kernels, from x·kernel +
 * h·recurrentKernel + bias; c′ = f·c + i·c̃, h′ = o·activation(c′). States: [h, c]. (Hochreiter & Schmidhuber 1997; Gers
 * et al. 2000.)
 */
export class LSTMCell extends Cell<CellVariables, typeof lstmFields> {
  static override readonly name: string = "LSTMCell";
  static readonly fields = lstmFields;
  static readonly positional = ["units"];

  constructor(units: number, options: LSTMCellOptions = {}) {
    super(options, { units });
  }

  override get stateSizes(): readonly number[] {
    return [this.options.units, this.options.units];
  }

  override get outputSize(): number {
    return this.options.units;
  }

  override buildCell(input: Shape): CellVariables {
    const { units, unitForgetBias, biasInitializer } = this.options;
    if (!unitForgetBias) return cellVariables(this.options, input.at(-1)!, gates);
    const forgetful: Initializer = (_shape, dtype, key) => {
      const part = (count: number): Tensor => biasInitializer([count * units], dtype, key);
      return concatenate([part(1), ones([units], dtype), part(2)], 0);
    };
    return cellVariables({ ...this.options, biasInitializer: forgetful }, input.at(-1)!, gates);
  }

  override stepFor(input: Shape, variables: CellVariables, context: CallContext): Step {
    const { kernel, recurrentKernel, bias } = variables;
    const { activation: squash, recurrentActivation: gate } = this.options;
    const { ofInput, ofState } = dropsOf(this.options, input, variables, context);
    return (x, [h, c]) => {
      const sum = ofInput(x).matmul(kernel).add(ofState(h!).matmul(recurrentKernel));
      const parts = split(bias === undefined ? sum : sum.add(bias), gates, -1);
      const [i, f, candidate, o] = parts as [Tensor, Tensor, Tensor, Tensor]; // as many as gates
      const cell: Tensor = gate(f)
        .mul(c!)
        .add(gate(i).mul(squash(candidate)));
      const next: Tensor = gate(o).mul(squash(cell));
      return { output: next, states: [next, cell] };
    };
  }
}
