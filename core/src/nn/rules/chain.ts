import type { Shape } from "../../base/shape.ts";
import type { Agreed } from "../../tensor/axes.ts";
import type { Mismatch } from "../../tensor/types.ts";
import type { Masked } from "../masked.ts";
import type { sizes } from "../symbolic.ts";
import type { Outcome, Owns, RuleOf, ShapesOf } from "./rule.ts";
import type { IsAny } from "./single.ts";

// The rules of models: layers one after the other, and graphs with known inputs and outputs.

/** Layers one after the other; a symbolic tensor may come first and says the shape. */
export interface Chain<Entries extends readonly unknown[]> extends Owns {
  readonly out: number extends Entries["length"]
    ? Shape
    : Entries extends readonly [{ readonly [sizes]: infer S extends Shape }, ...infer Rest]
      ? Fitting<this["in"], S> extends infer Start
        ? Start extends Mismatch<string, unknown, unknown>
          ? Start
          : Through<Rest, Start>
        : never
      : Through<Entries, this["in"]>;
}

/** What the entries make of `S`, one after the other. */
type Through<Entries extends readonly unknown[], S> = Entries extends readonly [infer L, ...infer Rest]
  ? Outcome<RuleOf<L>, S> extends infer Next
    ? Next extends Mismatch<string, unknown, unknown>
      ? Next
      : Through<Rest, Next>
    : never
  : unknown extends S
    ? Shape
    : S;

/** `unknown` where all entries fit each other, else a list with the sentence at the place of the first that does not. */
export type Fits<Entries extends readonly unknown[]> = number extends Entries["length"]
  ? unknown
  : Entries extends readonly [{ readonly [sizes]: infer S }, ...infer Rest]
    ? Walk<Rest, S, readonly [unknown]>
    : Walk<Entries, unknown, readonly []>;
type Walk<Entries extends readonly unknown[], S, Done extends readonly unknown[]> = Entries extends readonly [
  infer L,
  ...infer Rest,
]
  ? Outcome<RuleOf<L>, S> extends infer Next
    ? Next extends Mismatch<string, unknown, unknown>
      ? readonly [...Done, Next, ...{ readonly [K in keyof Rest]: unknown }]
      : Walk<Rest, Next, readonly [...Done, unknown]>
    : never
  : unknown;

/** A graph from symbolic inputs to symbolic outputs. */
export interface Graph<In, Out> extends Owns {
  readonly out: Fitting<this["in"], ShapesOf<In>> extends infer Found
    ? Found extends Mismatch<string, unknown, unknown>
      ? Found
      : ShapesOf<Out>
    : never;
}

/** What is given, with the sizes that are wanted; a Mismatch where they differ. Only single tensors are looked at. */
type Fitting<Given, Wanted> =
  Given extends Masked<infer S>
    ? Fitting<S, Wanted> extends infer Found
      ? Found extends Shape
        ? Masked<Found>
        : Found
      : never
    : Given extends Shape
      ? Wanted extends Shape
        ? IsAny<Given> extends true
          ? Wanted
          : IsAny<Wanted> extends true
            ? Given
            : Both<Given, Wanted, Given, Wanted>
        : Wanted
      : Wanted;
type Both<
  Given extends Shape,
  Wanted extends Shape,
  A extends Shape,
  B extends Shape,
  Done extends Shape = readonly [],
> = A extends readonly [infer A0 extends number, ...infer ARest extends Shape]
  ? B extends readonly [infer B0 extends number, ...infer BRest extends Shape]
    ? [Agreed<A0, B0>] extends [never]
      ? Mismatch<`the model takes the size ${B0} where ${A0} is given`, Given, Wanted>
      : Both<Given, Wanted, ARest, BRest, readonly [...Done, Agreed<A0, B0>]>
    : Mismatch<`the model takes ${Wanted["length"]} axes, ${Given["length"]} are given`, Given, Wanted>
  : B extends readonly []
    ? Done
    : Mismatch<`the model takes ${Wanted["length"]} axes, ${Given["length"]} are given`, Given, Wanted>;
