import type { Op } from "../graph/index.ts";
import type { VjpRule } from "./rule.ts";
import { elementwise } from "./rules/elementwise.ts";
import { indexed } from "./rules/indexed.ts";
import { linear } from "./rules/linear.ts";
import { movement } from "./rules/movement.ts";
import { reductions } from "./rules/reduce.ts";
import { structure } from "./rules/structure.ts";

/**
 * The derivative of every primitive: given the cotangent g of the output (∂loss/∂output), the cotangents of the inputs.
 * A primitive without a row does not compile.
 */
export const vjp: { readonly [K in Op]: VjpRule<K> } = {
  ...elementwise,
  ...movement,
  ...reductions,
  ...linear,
  ...indexed,
  ...structure,
};
