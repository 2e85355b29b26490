import { ArgumentError } from "../base/errors.ts";
import { Tensor } from "../tensor/index.ts";
import { choice } from "./fieldKinds.ts";
import { field } from "./fields.ts";
import { AnyLayer, type LayerOptions, type Outputs, type Variables } from "./layer.ts";
import { uniqueName } from "./names.ts";
import { isPlain, type Structure } from "./structure.ts";
import { isSymbolic, type Recorder, type SymbolicTensor } from "./symbolic.ts";
import { type OperationName, operationNames } from "./symbolicOperations.ts";

/** The place of a tensor in the recorded arguments. */
interface Place {
  readonly tensor: number;
}
const isPlace = (value: unknown): value is Place =>
  isPlain(value) && "tensor" in value && Number.isSafeInteger(value.tensor);

const argumentDepth = 8;
const isArgument = (value: unknown, depth = 0): boolean =>
  value === null ||
  ["number", "boolean", "string", "undefined"].includes(typeof value) ||
  (depth < argumentDepth &&
    (Array.isArray(value) || isPlain(value)) &&
    Object.values(value).every((item) => isArgument(item, depth + 1)));

const fields = {
  method: choice<OperationName>(operationNames, "add"),
  arguments: field<readonly unknown[], readonly unknown[]>({
    parse: (name, given) => {
      if (given.every((value) => isArgument(value))) return given;
      throw new ArgumentError({
        what: `${name} of an operation on symbolic tensors must be numbers, lists, options, or symbolic tensors`,
        hint: "a constant tensor can be given as nested lists",
      });
    },
    // JSON has no undefined: it writes null, for which a default stands.
    read: (json) => (Array.isArray(json) ? json.map((value) => value ?? undefined) : undefined),
    expected: "a list of arguments",
  }),
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
