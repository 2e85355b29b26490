import type { Shape } from "../../base/shape.ts";
import type { Agreed } from "../../tensor/axes.ts";
import type { Print } from "../../tensor/types.ts";
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
      ? Entering<this["in"], S> extends infer Start
        ? Start extends string
          ? Start
          : Through<Rest, Start>
        : never
      : Through<Entries, this["in"]>;
}

/** What the entries make of `S`, one after the other. */
type Through<Entries extends readonly unknown[], S> = Entries extends readonly [infer L, ...infer Rest]
  ? Outcome<RuleOf<L>, S> extends infer Next
    ? Next extends string
      ? Next
      : Through<Rest, Next>
    : never
  : unknown extends S
    ? Shape
    : S;

/** The entries where all fit each other, else with the sentence in place of the first that does not. */
export type Fitting<Entries extends readonly unknown[]> = number extends Entries["length"]
  ? Entries
  : Entries extends readonly [infer First extends { readonly [sizes]: unknown }, ...infer Rest]
    ? Walk<Entries, Rest, First[typeof sizes], readonly [First]>
    : Walk<Entries, Entries, unknown, readonly []>;
type Walk<
  All extends readonly unknown[],
  Entries extends readonly unknown[],
  S,
  Done extends readonly unknown[],
> = Entries extends readonly [infer L, ...infer Rest]
  ? Outcome<RuleOf<L>, S> extends infer Next
    ? Next extends string
      ? readonly [...Done, Next, ...Rest]
      : Walk<All, Rest, Next, readonly [...Done, L]>
    : never
  : All;

/** A graph from symbolic inputs to symbolic outputs. */
export interface Graph<In, Out> extends Owns {
  readonly out: Entering<this["in"], ShapesOf<In>> extends infer Found
    ? Found extends string
      ? Found
      : ShapesOf<Out>
    : never;
}

/** What is given, with the sizes that are wanted; a sentence where they differ. Only single tensors are looked at. */
export type Entering<Given, Wanted> =
  Given extends Masked<infer S>
    ? Entering<S, Wanted> extends infer Found
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
  Done extends Shape = [],
> = A extends readonly [infer A0 extends number, ...infer ARest extends Shape]
  ? B extends readonly [infer B0 extends number, ...infer BRest extends Shape]
    ? [Agreed<A0, B0>] extends [never]
      ? Differing<Given, Wanted>
      : Both<Given, Wanted, ARest, BRest, [...Done, Agreed<A0, B0>]>
    : Differing<Given, Wanted>
  : B extends readonly []
    ? Done
    : Differing<Given, Wanted>;
type Differing<
  Given extends Shape,
  Wanted extends Shape,
> = `the model takes ${Print<Wanted>}, received ${Print<Given>}`;
