import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { Tensor } from "../../tensor/index.ts";
import { demandTensor } from "../checks.ts";
import { choice, count } from "../fieldKinds.ts";
import type { GivenOf } from "../fields.ts";
import { floating } from "../floating.ts";
import { AnyLayer, type LayerOptions, type Variables } from "../layer.ts";
import type { Structure } from "../structure.ts";
import { encoded } from "./encoding.ts";

const fields = {
  /** Number of classes: class numbers go from 0 to numTokens − 1. */
  numTokens: count(),
  /** Default multiHot: one row an example, 1 for each class that it has. */
  outputMode: choice(["multiHot", "oneHot", "count"], "multiHot"),
};
export interface CategoryEncodingOptions extends LayerOptions, GivenOf<typeof fields, "numTokens"> {}

/**
 * Class numbers as rows: [batch, classes of an example] → [batch, numTokens]. Of a list [tokens, weights], counts are
 * multiplied by the weights. Numbers that are no class count nowhere.
 */
export class CategoryEncoding extends AnyLayer<Variables, typeof fields> {
  static override readonly name: string = "CategoryEncoding";
  static readonly fields = fields;
  static readonly positional = ["numTokens"];

  constructor(numTokens: number, options: CategoryEncodingOptions = {}) {
    super(options, { numTokens });
  }

  override check(input: Structure<Shape>): void {
    const several = Array.isArray(input) && input.length === 2 && input.every((part) => Array.isArray(part));
    if (!several) demandTensor(input);
    if (!several || this.options.outputMode === "count") return;
    throw new ArgumentError({
      what: `${this.name}: weights are for the output mode "count", which is "${this.options.outputMode}"`,
      hint: 'categoryEncoding(n, { outputMode: "count" }), or call it on the tokens alone',
    });
  }

  override call(x: Tensor | readonly [Tensor, Tensor]): Tensor {
    const [tokens, weights] = x instanceof Tensor ? [x] : x;
    const { outputMode, numTokens } = this.options;
    return encoded(tokens, outputMode, numTokens, weights === undefined ? undefined : floating(weights));
  }
}
