import type { Shape } from "../../base/shape.ts";
import type { Einsum } from "../../tensor/notation.ts";
import type { Print, WithLast } from "../../tensor/types.ts";
import type { Masked } from "../masked.ts";
import type { Apply, Ends, Keeps, Outcome, Owns, Refuses, Rule } from "./rule.ts";
import type { Featured, IsAny, One } from "./single.ts";

/** [..., features] → [..., units] */
export interface Dense<Units extends number> extends Keeps {
  readonly out: Featured<this["in"]> extends infer S ? (S extends Shape ? WithLast<S, Units> : S) : never;
}

/** [...] → [..., outputDim], Masked where token 0 is padding. */
export interface Embedding<Dim extends number, Mask extends boolean> extends Refuses {
  readonly out: Vectors<One<this["in"]>, Dim, Mask>;
}
type Vectors<S, Dim extends number, Mask extends boolean> = S extends Shape
  ? Mask extends true
    ? Masked<Embedded<S, Dim>>
    : Embedded<S, Dim>
  : S;
type Embedded<S extends Shape, Dim extends number> = IsAny<S> extends true ? Shape : [...S, Dim];

/** As Embedding for tokens; { reverse: [..., outputDim] } → [..., inputDim]. */
export interface Reversible<In extends number, Dim extends number, Mask extends boolean> extends Refuses {
  readonly out: this["in"] extends { readonly reverse: infer S extends Shape }
    ? WithLast<S, In>
    : Vectors<One<this["in"]>, Dim, Mask>;
}

/** Whatever it is given, masks too. */
export interface Identity extends Owns {
  readonly out: unknown extends this["in"] ? Shape : this["in"];
}

/** The same values, masked. */
export interface Masks extends Refuses {
  readonly out: Featured<this["in"]> extends infer S ? (S extends Shape ? Masked<S> : S) : never;
}

/** The same values without their mask. */
export interface Unmasks extends Ends {
  readonly out: One<this["in"]>;
}

/** One tensor, or { x, mask }, of the shape of x. */
export interface Softmax extends Keeps {
  readonly out: this["in"] extends { readonly x: infer S extends Shape } ? S : One<this["in"]>;
}

/** What the layer inside does. */
export interface Wrapper<R extends Rule> extends Owns {
  readonly out: Outcome<R, this["in"]>;
}

/** What the layer inside does with each step: [batch, time, ...] → [batch, time, ...]. */
export interface TimeDistributed<R extends Rule> extends Keeps {
  readonly out: Distributed<R, One<this["in"]>>;
}
type Distributed<R extends Rule, S> = S extends Shape
  ? IsAny<S> extends true
    ? Shape
    : S extends readonly [infer Batch extends number, infer Time extends number, ...infer Rest extends Shape]
      ? Rest extends readonly []
        ? `expected at least 3 axes (batch, time, features), received 2: ${Print<S>}`
        : Apply<R, readonly [number, ...Rest]> extends infer Out
          ? Out extends readonly [number, ...infer After extends Shape]
            ? IsAny<Out> extends true
              ? Shape
              : [Batch, Time, ...After]
            : Out
          : never
      : `expected at least 3 axes (batch, time, features), received ${S["length"]}: ${Print<S>}`
  : S;

/** The sizes of the result without the batch, null where they are the input's; one number for a single axis. */
export type OpenSizes = number | readonly (number | null)[];

/** Einstein's notation with a kernel: the letters of the result have the sizes of the input, or those that are given. */
export interface EinsumDense<Equation extends string, Out extends OpenSizes> extends Refuses {
  readonly out: One<this["in"]> extends infer S
    ? S extends Shape
      ? string extends Equation
        ? Shape
        : IsAny<S> extends true
          ? Shape
          : WithKernel<Equation, S, Out extends number ? readonly [Out] : Out>
      : S
    : never;
}
type WithKernel<
  Equation extends string,
  S extends Shape,
  Out,
> = Equation extends `${infer Left},${string}->${infer Right}`
  ? Left extends `${string}...${string}`
    ? Shape
    : Out extends readonly (number | null)[]
      ? // The result, by itself, reads the sizes that outputShape gives; the input's agree with them.
        Einsum<`${Left},${Right}->${Right}`, readonly [S, Opened<readonly [null, ...Out]>]>
      : Shape
  : Shape;
/** Any size in place of null. */
type Opened<Out extends readonly (number | null)[]> = {
  readonly [K in keyof Out]: Out[K] extends number ? Out[K] : number;
};
