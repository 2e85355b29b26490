import { ArgumentError } from "../base/errors.ts";
import type { Tensor } from "../tensor/index.ts";
import { field } from "./fields.ts";
import { functionCatalog, type TensorFunction } from "./functions.ts";
import { AnyLayer, type Inputs, type LayerOptions, type Outputs, type Variables } from "./layer.ts";

const fields = {
  function: field<string | TensorFunction, TensorFunction>({
    parse: (name, given) => {
      if (typeof given === "string" || typeof given === "function") return functionCatalog.resolve(given);
      throw new ArgumentError(`${name} must be a function of tensors, received ${String(given)}`);
    },
    write: (value) => {
      const name = functionCatalog.describe(value);
      if (name !== undefined) return name;
      throw new ArgumentError({
        what: "the function of a Lambda layer is your own, which a file cannot carry",
        hint: 'register it by a name: registerFunction("function", "mine", mine)',
      });
    },
    read: (json) => functionCatalog.read(json),
    expected: "the name of a registered function",
  }),
};

/** Applies a function of tensors without weights. Files hold only its name, so it must be registered before it is saved. */
export class Lambda extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "Lambda";
  static readonly fields = fields;
  static readonly positional = ["function"];

  constructor(apply: TensorFunction | string, options: LayerOptions = {}) {
    super(options, { function: apply });
  }

  override call(x: Tensor): Outputs {
    return this.options.function(x);
  }
}

/** Passes on what it is given, masks too. */
export class Identity extends AnyLayer {
  static override readonly name: string = "Identity";
  static readonly fields = {};
  static readonly masking = "own";

  override call(x: Inputs): Outputs {
    return x;
  }
}
