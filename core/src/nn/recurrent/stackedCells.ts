import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { CallContext } from "../context.ts";
import type { LayerOptions, Variables } from "../layer.ts";
import { layersField } from "../layerField.ts";
import { Cell, type Step } from "./cell.ts";

const fields = { cells: layersField<Cell>(Cell) };

/** Several cells as one: each takes the output of the one before. States: those of all cells, in order. */
export class StackedRNNCells extends Cell<Variables, typeof fields> {
  static override readonly name: string = "StackedRNNCells";
  static readonly fields = fields;
  static readonly positional = ["cells"];

  constructor(cells: readonly Cell[], options: LayerOptions = {}) {
    super(options, { cells });
  }

  get cells(): readonly Cell[] {
    return this.options.cells;
  }

  override get stateSizes(): readonly number[] {
    return this.cells.flatMap(({ stateSizes }) => stateSizes);
  }

  override get outputSize(): number {
    return this.cells.at(-1)!.outputSize;
  }

  override get outputState(): number | undefined {
    const last = this.cells.at(-1)!;
    const before = this.stateSizes.length - last.stateSizes.length;
    return last.outputState === undefined ? undefined : before + last.outputState;
  }

  override buildCell(_input: Shape): Variables {
    return {};
  }

  override stepFor(input: Shape, _variables: Variables, context: CallContext): Step {
    const steps: Step[] = [];
    let shape = input;
    for (const cell of this.cells) {
      steps.push(cell.steps(shape, context));
      shape = [shape[0]!, cell.outputSize];
    }
    return (x, states) => {
      let output = x;
      let at = 0;
      const after: Tensor[] = [];
      for (const [index, { stateSizes }] of this.cells.entries()) {
        const result = steps[index]!(output, states.slice(at, at + stateSizes.length));
        at += stateSizes.length;
        after.push(...result.states);
        output = result.output;
      }
      return { output, states: after };
    };
  }
}
