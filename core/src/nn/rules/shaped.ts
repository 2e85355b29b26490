import type { AnyLayer } from "../layer.ts";
import type { Rule, Shaped } from "./rule.ts";

/** The same layer, with what it makes of shapes in its type. Factories say the rule in the type that they return. */
export const shaped = <L extends AnyLayer, R extends Rule>(layer: L): Shaped<L, R> => layer as Shaped<L, R>; // types only
