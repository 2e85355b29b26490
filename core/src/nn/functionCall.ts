import { ArgumentError } from "../base/errors.ts";
import * as tensors from "../tensor/index.ts";
import { Tensor } from "../tensor/index.ts";
import { isRecorded } from "../tensor/recorded.ts";
import { choice } from "./fieldKinds.ts";
import { field } from "./fields.ts";
import { AnyLayer, type LayerOptions, type Outputs, type Variables } from "./layer.ts";
import { uniqueName } from "./names.ts";
import { isPlain, type Structure } from "./structure.ts";
import { isSymbolic, type SymbolicTensor } from "./symbolic.ts";

/** The free functions of tensors by their names: what files may name. */
const functions = new Map(Object.entries(tensors).filter(([, value]) => isRecorded(value))) as ReadonlyMap<
  string,
  (...given: readonly unknown[]) => Outputs // they check what they are given
>;
const names = new Map([...functions].map(([name, call]) => [call as unknown, name]));

/** The place of a tensor in the recorded arguments. */
interface Place {
  readonly tensor: number;
}
const isPlace = (value: unknown): value is Place =>
  isPlain(value) && Object.keys(value).length === 1 && "tensor" in value && Number.isSafeInteger(value.tensor);

const argumentDepth = 8;
/** The same lists and options, with what `change` makes of each thing in them. */
function mapped(value: unknown, change: (value: unknown) => unknown, depth = 0): unknown {
  const changed = change(value);
  if (changed !== value || depth > argumentDepth) return changed;
  const inner = (each: unknown): unknown => mapped(each, change, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inner(each)]));
}
const isArgument = (value: unknown, depth = 0): boolean =>
  value === null ||
  ["number", "boolean", "string", "undefined"].includes(typeof value) ||
  (depth < argumentDepth &&
    (Array.isArray(value) || isPlain(value)) &&
    Object.values(value).every((item) => isArgument(item, depth + 1)));

const fields = {
  function: choice<string>([...functions.keys()], "relu"),
  arguments: field<readonly unknown[], readonly unknown[]>({
    parse: (name, given) => {
      if (given.every((value) => isArgument(value))) return given;
      throw new ArgumentError({
        what: `${name} of a function of symbolic tensors must be numbers, lists, options, or symbolic tensors`,
        hint: "a constant tensor can be given as nested lists; what a function computes belongs into layers.lambda or a layer",
      });
    },
    // JSON has no undefined: it writes null, for which a default stands.
    read: (json) => (Array.isArray(json) ? json.map((value) => value ?? undefined) : undefined),
    expected: "a list of arguments",
  }),
};

/** A free function of tensors as a layer: what `relu(x)` or `concatenate([x, y])` on symbolic tensors records. */
export class FunctionCall extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "FunctionCall";
  static readonly fields = fields;
  static readonly positional = ["function", "arguments"];

  constructor(name: string, given: readonly unknown[], options: LayerOptions = {}) {
    super({ ...options, name: options.name ?? uniqueName(name) }, { function: name, arguments: given });
  }

  override call(x: Tensor | readonly Tensor[]): Outputs {
    const inputs = x instanceof Tensor ? [x] : x;
    const { function: name, arguments: given } = this.options;
    const filled = given.map((value) => mapped(value, (each) => (isPlace(each) ? inputs[each.tensor] : each)));
    return functions.get(name)!(...filled); // the field allows no other name
  }
}

/** Records the call of a free function as a layer of the graph. */
export function recordFunction(call: unknown, given: readonly unknown[]): unknown {
  const symbols: SymbolicTensor[] = [];
  const places = given.map((value) =>
    mapped(value, (each): unknown => {
      if (!isSymbolic(each)) return each;
      if (!symbols.includes(each)) symbols.push(each);
      return { tensor: symbols.indexOf(each) } satisfies Place;
    }),
  );
  const layer = new FunctionCall(names.get(call)!, places); // recorded functions are exports of tensor/
  return layer.invoke((symbols.length === 1 ? symbols[0] : symbols) as Structure<SymbolicTensor>);
}
