import { none, nothing, type VjpRule } from "../rule.ts";
import { cond } from "./cond.ts";
import { scan } from "./scan.ts";

type StructureOp =
  | "input"
  | "const"
  | "iota"
  | "randomBits"
  | "detach"
  | "tap"
  | "barrier"
  | "custom"
  | "scan"
  | "cond"
  | "pick";

/** Sources end the walk; the rest are identities with a meaning, and bodies. */
export const structure: { readonly [K in StructureOp]: VjpRule<K> } = {
  input: nothing,
  const: nothing,
  iota: nothing,
  randomBits: nothing,

  detach: nothing,
  tap: (g) => [g],
  barrier: (g) => [g],
  custom: (g, { output, attrs: { vjp } }) => [none, ...vjp(g, output)],
  scan,
  cond,
  pick: (g, { attrs: { index } }) => [{ result: index, g }],
};
