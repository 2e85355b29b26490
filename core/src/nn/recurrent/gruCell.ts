import type { Shape } from "../../base/shape.ts";
import { split, type Tensor } from "../../tensor/index.ts";
import type { CallContext } from "../context.ts";
import { activation, flag } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import type { LayerOptions } from "../layer.ts";
import { Cell, type CellVariables, cellFields, cellVariables, dropsOf, type Step } from "./cell.ts";

export const gruFields = {
  ...cellFields,
  /** For the gates. Default sigmoid. */
  recurrentActivation: activation("sigmoid"),
  /** Whether the reset gate acts after the product with the recurrent kernel, as in cuDNN. Default true. */
  resetAfter: flag(true),
} as const;

export interface GRUCellOptions extends LayerOptions, GivenOf<typeof gruFields, "units"> {}

const gates = 3;

/**
 * Update gate z, reset gate r and candidate h̃, in this order in the kernels; h′ = z·h + (1 − z)·h̃ (Cho et al. 2014). With
 * `resetAfter` the bias has two rows, for the input and for the state.
 */
export class GRUCell extends Cell<CellVariables, typeof gruFields> {
  static override readonly name: string = "GRUCell";
  static readonly fields = gruFields;
  static readonly positional = ["units"];

  constructor(units: number, options: GRUCellOptions = {}) {
    super(options, { units });
  }

  override get stateSizes(): readonly number[] {
    return [this.options.units];
  }

  override get outputSize(): number {
    return this.options.units;
  }

  override buildCell(input: Shape): CellVariables {
    const { units, resetAfter } = this.options;
    return cellVariables(this.options, input.at(-1)!, gates, resetAfter ? [2, gates * units] : [gates * units]);
  }

  override stepFor(input: Shape, variables: CellVariables, context: CallContext): Step {
    const { ofInput, ofState } = dropsOf(this.options, input, variables, context);
    const { kernel, bias } = variables;
    const inputBias = this.options.resetAfter && bias !== undefined ? bias.at(0).get() : bias;
    return (x, [h]) => {
      const product = ofInput(x).matmul(kernel);
      const ofX = split(inputBias === undefined ? product : product.add(inputBias), gates, -1) as Tensor[];
      const { z, candidate } = this.#gates(ofX, ofState(h!), variables);
      const next: Tensor = z.mul(h!).add(z.neg().add(1).mul(candidate));
      return { output: next, states: [next] };
    };
  }

  /** The update gate and the candidate, from the input's share of the sums and the state. */
  #gates([xz, xr, xh]: Tensor[], h: Tensor, { recurrentKernel, bias }: CellVariables) {
    const { activation: squash, recurrentActivation: gate, resetAfter, units } = this.options;
    if (resetAfter) {
      const product = h.matmul(recurrentKernel);
      const parts = split(bias === undefined ? product : product.add(bias.at(1).get()), gates, -1);
      const [hz, hr, hh] = parts as [Tensor, Tensor, Tensor]; // as many as gates
      const r = gate(xr!.add(hr));
      return { z: gate(xz!.add(hz)), candidate: squash(xh!.add(r.mul(hh))) };
    }
    const forGates = recurrentKernel.slice(["...", { stop: 2 * units }]);
    const forCandidate = recurrentKernel.slice(["...", { start: 2 * units }]);
    const [hz, hr] = split(h.matmul(forGates), 2, -1) as [Tensor, Tensor]; // two parts were asked for
    const r = gate(xr!.add(hr));
    return { z: gate(xz!.add(hz)), candidate: squash(xh!.add(r.mul(h).matmul(forCandidate))) };
  }
}
