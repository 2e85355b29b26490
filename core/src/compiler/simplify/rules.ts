import { isOp } from "../../graph/node.ts";
import { arithmetic } from "./arithmetic.ts";
import { casts } from "./casts.ts";
import { empty } from "./empty.ts";
import { canonicalFill, foldConstants } from "./folding.ts";
import { joins } from "./joins.ts";
import type { Rule } from "./rule.ts";
import { views } from "./views.ts";

/** Derivatives are taken by now: nodes that only steer them are their value. Taps have become outputs where they are heard. */
const marks: Rule = (node) =>
  isOp(node, "custom") || isOp(node, "detach") || isOp(node, "tap") ? node.inputs[0] : undefined;

/** All rewrites, in the order of trying. Each makes a node of the same shape and dtype. */
export const rules: readonly Rule[] = [
  marks,
  empty,
  foldConstants,
  canonicalFill,
  casts,
  ...arithmetic,
  ...joins,
  ...views,
];
