import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { CallContext } from "../context.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { Cell, type CellVariables, cellFields, cellVariables, dropsOf, type Step } from "./cell.ts";

export const simpleRnnFields = cellFields;
export interface SimpleRNNCellOptions extends LayerOptions, GivenOf<typeof simpleRnnFields, "units"> {}

/** h′ = activation(x·kernel + h·recurrentKernel + bias) (Elman 1990). */
export class SimpleRNNCell extends Cell<CellVariables, typeof simpleRnnFields> {
  static override readonly name: string = "SimpleRNNCell";
  static readonly fields = simpleRnnFields;
  static readonly positional = ["units"];

  constructor(units: number, options: SimpleRNNCellOptions = {}) {
    super(options, { units });
  }

  override get stateSizes(): readonly number[] {
    return [this.options.units];
  }

  override get outputSize(): number {
    return this.options.units;
  }

  override buildCell(input: Shape): CellVariables {
    return cellVariables(this.options, input.at(-1)!, 1);
  }

  override stepFor(input: Shape, variables: CellVariables, context: CallContext): Step {
    const { kernel, recurrentKernel, bias } = variables;
    const { ofInput, ofState } = dropsOf(this.options, input, variables, context);
    return (x, [h]) => {
      const sum = ofInput(x).matmul(kernel).add(ofState(h!).matmul(recurrentKernel));
      const next: Tensor = this.options.activation(bias === undefined ? sum : sum.add(bias));
      return { output: next, states: [next] };
    };
  }
}
