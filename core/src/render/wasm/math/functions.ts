import type { Lane, LaneKind, Lanes, Width } from "../lanes.ts";
import { erf } from "./erf.ts";
import { exp, expm1, tanh } from "./exponential.ts";
import { gelu, geluDerivative } from "./gelu.ts";
import { narrowBrain, narrowHalf, widenBrain, widenHalf } from "./half.ts";
import { log, log1p } from "./logarithm.ts";
import { mod, pow } from "./power.ts";
import { threefry } from "./threefry.ts";
import { atan, cos, sin } from "./trigonometry.ts";

type Simple = "f32" | "i32";

/** One mathematical function: written once, instantiated for one lane and for four. */
export interface MathFunction {
  readonly params: readonly Simple[];
  readonly result: Simple;
  /**
   * Forms that are written: for one lane and for four; only for one, which vectors call lane by lane; or, for functions that may
   * multiply and add in one instruction, which only vectors have, one lane being then a lane of the four.
   */
  readonly forms: "both" | "scalar" | "fusing";
  /** `scalar` emits a call of the width-1 form. */
  readonly body: (lanes: Lanes, args: readonly Lane[], scalar: () => void) => Lane<Simple>;
}

type Kinds = readonly Simple[];
type Args<P extends Kinds> = { [I in keyof P]: Lane<P[I]> };

const define = <const P extends Kinds, R extends Simple>(
  params: P,
  result: R,
  body: (lanes: Lanes, ...args: [...Args<P>, () => void]) => Lane<R>,
  forms: MathFunction["forms"] = "both",
): MathFunction => ({
  params,
  result,
  forms,
  // The arguments have the kinds that `params` lists: instantiate makes them from it.
  body: (lanes, args, scalar) => body(lanes, ...([...args, scalar] as unknown as [...Args<P>, () => void])),
});

/** Everything that is called rather than written in place. */
export const mathFunctions = {
  exp: define(["f32"], "f32", exp, "fusing"),
  expm1: define(["f32"], "f32", expm1, "fusing"),
  log: define(["f32"], "f32", log, "fusing"),
  log1p: define(["f32"], "f32", log1p, "fusing"),
  sin: define(["f32"], "f32", sin),
  cos: define(["f32"], "f32", cos),
  atan: define(["f32"], "f32", atan),
  tanh: define(["f32"], "f32", tanh, "fusing"),
  erf: define(["f32"], "f32", erf, "fusing"),
  gelu: define(["f32"], "f32", gelu, "fusing"),
  geluDerivative: define(["f32"], "f32", geluDerivative, "fusing"),
  pow: define(["f32", "f32"], "f32", pow),
  mod: define(["f32", "f32"], "f32", mod, "scalar"),
  threefry: define(["i32", "i32", "i32"], "i32", threefry),
  widenHalf: define(["i32"], "f32", widenHalf),
  narrowHalf: define(["f32"], "i32", narrowHalf),
  widenBrain: define(["i32"], "f32", widenBrain),
  narrowBrain: define(["f32"], "i32", narrowBrain),
} as const satisfies Record<string, MathFunction>;

export type MathName = keyof typeof mathFunctions;

/** Emits the function in place, on values that locals hold. */
export const inline = (lanes: Lanes, name: MathName, args: readonly Lane[], scalar: () => void): Lane<Simple> =>
  lanes.scope(() => mathFunctions[name].body(lanes, args, scalar));

export const typeAt = (kind: LaneKind, width: Width): "v128" | "f32" | "i32" =>
  width === 4 ? "v128" : kind === "f32" ? "f32" : "i32";
