import { ShapeError } from "../../base/errors.ts";
import { printShape, type Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import { demandTensor } from "../checks.ts";
import { addLossTo, type CallContext } from "../context.ts";
import { AnyLayer, type LayerOptions, type Variables } from "../layer.ts";
import { layerField } from "../layerField.ts";
import type { Structure } from "../structure.ts";

const fields = { layer: layerField() };

/** Applies a layer to every step alike: [batch, time, ...] → [batch, time, ...what the layer gives]. */
export class TimeDistributed extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "TimeDistributed";
  static readonly fields = fields;
  static readonly positional = ["layer"];
  static readonly masking = "keep";

  constructor(layer: AnyLayer, options: LayerOptions = {}) {
    super(options, { layer });
  }

  override check(input: Structure<Shape>): void {
    demandTensor(input);
    if (input.length >= 3) return;
    throw new ShapeError({
      what: `${this.name}: expected at least 3 axes (batch, time, features), received ${printShape(input)}`,
      hint: "one number a step is one feature: x.expandDims(-1)",
    });
  }

  override call(x: Tensor, _variables: Variables, context: CallContext): Tensor {
    const [batch, time, ...rest] = x.shape as [number, number, ...number[]];
    const steps = x.reshape([batch * time, ...rest]) as Tensor;
    // What is added for each step counts once a step: its mean is over the batch, not over all steps.
    const losses: Tensor[] | undefined = context.losses === undefined ? undefined : [];
    const results = this.options.layer.compute(steps, { ...context, losses }) as Tensor; // one tensor of one
    for (const loss of losses ?? []) addLossTo(context, loss.mul(time));
    return results.reshape([batch, time, ...results.shape.slice(1)]) as Tensor;
  }
}
