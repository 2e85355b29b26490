import { ArgumentError } from "../base/errors.ts";
import { Tensor } from "../tensor/index.ts";
import { type AnyFunction, isRecorded, nameOf } from "../tensor/recorded.ts";
import { argumentDepth, callArguments, isPlace, type Place } from "./callArguments.ts";
import { field } from "./fields.ts";
import { AnyLayer, type LayerOptions, type Outputs, type Variables } from "./layer.ts";
import { uniqueName } from "./names.ts";
import { isPlain, type Structure } from "./structure.ts";
import { isSymbolic, type SymbolicTensor } from "./symbolic.ts";

/** The same lists and options, with what `change` makes of each thing in them. */
function mapped(value: unknown, change: (value: unknown) => unknown, depth = 0): unknown {
  const changed = change(value);
  if (changed !== value || depth > argumentDepth) return changed;
  const inner = (each: unknown): unknown => mapped(each, change, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]));
}

const fields = {
  /** A function of `tensor/`. Files hold its name; which functions there are, is known to those that read files. */
  function: field<AnyFunction, AnyFunction>({
    parse: (name, given) => {
      if (isRecorded(given)) return given;
      throw new ArgumentError(`${name} must be a free function of tensors, received ${String(given)}`);
    },
    write: nameOf,
    read: () => undefined,
    expected: "the name of a free function of tensors",
  }),
  arguments: callArguments(
    "a function of symbolic tensors",
    "a constant tensor can be given as nested lists; what a function computes belongs into layers.lambda or a layer",
  ),
};

/** A free function of tensors as a layer: what `relu(x)` or `concatenate([x, y])` on symbolic tensors records. */
export class FunctionCall extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "FunctionCall";
  static readonly fields = fields;
  static readonly positional = ["function", "arguments"];

  constructor(call: AnyFunction, given: readonly unknown[], options: LayerOptions = {}) {
    const name = options.name ?? uniqueName(nameOf(call) ?? "function"); // the field refuses what has no name
    super({ ...options, name }, { function: call, arguments: given });
  }

  override call(x: Tensor | readonly Tensor[]): Outputs {
    const inputs = x instanceof Tensor ? [x] : x;
    const { function: call, arguments: given } = this.options;
    const filled = given.map((value) => mapped(value, (each) => (isPlace(each) ? inputs[each.tensor] : each)));
    return (call as (...given: readonly unknown[]) => Outputs)(...filled); // it checks what it is given
  }
}

/** Records the call of a free function as a layer of the graph. */
export function recordFunction(call: AnyFunction, given: readonly unknown[]): unknown {
  const symbols: SymbolicTensor[] = [];
  const places = given.map((value) =>
    mapped(value, (each): unknown => {
      if (!isSymbolic(each)) return each;
      if (!symbols.includes(each)) symbols.push(each);
      return { tensor: symbols.indexOf(each) } satisfies Place;
    }),
  );
  const layer = new FunctionCall(call, places);
  return layer.invoke((symbols.length === 1 ? symbols[0] : symbols) as Structure<SymbolicTensor>);
}
