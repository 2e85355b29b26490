import { Tensor } from "../tensor/index.ts";
import { callArguments, isPlace, type Place } from "./callArguments.ts";
import { choice } from "./fieldKinds.ts";
import { AnyLayer, type LayerOptions, type Outputs, type Variables } from "./layer.ts";
import { uniqueName } from "./names.ts";
import type { Structure } from "./structure.ts";
import { isSymbolic, type Recorder, type SymbolicTensor } from "./symbolic.ts";
import { type OperationName, operationNames } from "./symbolicOperations.ts";

const fields = {
  method: choice<OperationName>(operationNames, "add"),
  arguments: callArguments("an operation on symbolic tensors", "a constant tensor can be given as nested lists"),
};

/** A method of a tensor as a layer: what `x.add(y)` on symbolic tensors records. */
export class Operation extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Operation";
  static readonly fields = fields;
  static readonly positional = ["method", "arguments"];

  constructor(method: OperationName, given: readonly unknown[], options: LayerOptions = {}) {
    super({ ...options, name: options.name ?? uniqueName(method) }, { method, arguments: given });
  }

  override call(x: Tensor | readonly Tensor[]): Outputs {
    const tensors = x instanceof Tensor ? [x] : x;
    const { method, arguments: given } = this.options;
    const fill = (value: unknown): unknown => (isPlace(value) ? tensors[value.tensor] : value);
    // The method is one of the table's; it checks what it is given.
    return (tensors[0]![method] as (...given: readonly unknown[]) => Outputs).apply(tensors[0], given.map(fill));
  }
}

/** Records a method call as a layer of the graph. */
export const recordOperation: Recorder["method"] = (method, x, given) => {
  const tensors: SymbolicTensor[] = [x];
  const places = given.map((value): unknown => {
    if (!isSymbolic(value)) return value;
    tensors.push(value);
    return { tensor: tensors.length - 1 } satisfies Place;
  });
  const layer = new Operation(method, places);
  return layer.invoke((tensors.length === 1 ? x : tensors) as Structure<SymbolicTensor>);
};
