import type { Shape } from "../../base/shape.ts";
import type { Agreed, Concatenated, FromFront } from "../../tensor/axes.ts";
import type { Print } from "../../tensor/types.ts";
import type { Masked } from "../masked.ts";
import type { Owns, Refuses } from "./rule.ts";
import type { IsAny } from "./single.ts";

// The shapes of what makes one tensor of several.

type NotSeveral = "expected a list of two or more tensors";

/** Element by element: sizes are equal or 1, and missing axes come after the batch. */
export interface Elementwise extends Owns {
  readonly out: this["in"] extends readonly unknown[]
    ? WithMasks<this["in"], Fold<Bare<this["in"]>>, "all">
    : unknown extends this["in"]
      ? Shape
      : NotSeveral;
}

/** One after the other along an axis. */
export interface Concatenation<Axis extends number> extends Owns {
  readonly out: this["in"] extends readonly unknown[]
    ? WithMasks<this["in"], Joined<Bare<this["in"]>, Axis>, "any">
    : unknown extends this["in"]
      ? Shape
      : NotSeveral;
}

/** The shapes without their masks. */
type Bare<In extends readonly unknown[]> = {
  readonly [K in keyof In]: In[K] extends Masked<infer S> ? S : In[K] extends Shape ? In[K] : Shape;
};

/** The mask of the result: there where all inputs have one; where some have, perhaps, if those without count all the same. */
type WithMasks<In extends readonly unknown[], Out, Needed extends "all" | "any"> = Out extends Shape
  ? In[number] extends Masked<unknown>
    ? Masked<Out>
    : Extract<In[number], Masked<unknown>> extends never
      ? Out
      : Needed extends "any"
        ? Out | Masked<Out>
        : number extends In["length"]
          ? Out | Masked<Out>
          : Out
  : Out;

type Joined<Shapes extends readonly Shape[], Axis extends number> = number extends Shapes["length"]
  ? Shape
  : Concatenated<Shapes, Axis>;

type Fold<Shapes extends readonly Shape[]> = number extends Shapes["length"]
  ? Shapes[number]
  : Shapes extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
    ? FoldRest<First, Rest>
    : NotSeveral;
type FoldRest<Sum, Rest extends readonly Shape[]> = Sum extends Shape
  ? Rest extends readonly [infer Next extends Shape, ...infer Others extends readonly Shape[]]
    ? FoldRest<Merged<Sum, Next>, Others>
    : Sum
  : Sum;

type Merged<A extends Shape, B extends Shape> =
  IsAny<A> extends true ? Shape : IsAny<B> extends true ? Shape : Aligned<A, B, Tail<A>, Tail<B>>;

type Tail<S extends Shape> = S extends readonly [number, ...infer Rest extends Shape] ? Rest : readonly [];

/** Sizes from the last axis on; what only one of them has is taken as it is, up to the batch. */
type Aligned<
  A extends Shape,
  B extends Shape,
  ARest extends Shape,
  BRest extends Shape,
  Done extends Shape = [],
> = ARest extends readonly [...infer AMore extends Shape, infer AN extends number]
  ? BRest extends readonly [...infer BMore extends Shape, infer BN extends number]
    ? Repeated<AN, BN> extends infer N extends number
      ? [N] extends [never]
        ? `sizes ${AN} and ${BN} differ, and neither is 1: ${Print<A>} and ${Print<B>}`
        : Aligned<A, B, AMore, BMore, [N, ...Done]>
      : never
    : Batched<A, B, [...ARest, ...Done]>
  : Batched<A, B, [...BRest, ...Done]>;

type Batched<A extends Shape, B extends Shape, Rest extends Shape> =
  Repeated<A[0] & number, B[0] & number> extends infer N extends number
    ? [N] extends [never]
      ? `batches of ${A[0] & number} and ${B[0] & number} differ`
      : [N, ...Rest]
    : never;

/** The size that two have, of which one may be 1; never when they differ. */
type Repeated<A extends number, B extends number> = A extends 1 ? B : B extends 1 ? A : Agreed<A, B>;

/** Sums over one axis of each of two tensors, example by example; the batch is axis 0. */
export interface Dot<Axes extends number | readonly number[]> extends Refuses {
  readonly out: this["in"] extends readonly [infer A extends Shape, infer B extends Shape]
    ? IsAny<A> extends true
      ? Shape
      : IsAny<B> extends true
        ? Shape
        : Axes extends readonly [infer Left extends number, infer Right extends number]
          ? Summed<A, B, FromFront<Left, A["length"]>, FromFront<Right, B["length"]>>
          : Axes extends number
            ? Summed<A, B, FromFront<Axes, A["length"]>, FromFront<Axes, B["length"]>>
            : Shape
    : this["in"] extends readonly Shape[]
      ? Shape
      : unknown extends this["in"]
        ? Shape
        : "expected a list of two tensors without masks";
}
type Summed<A extends Shape, B extends Shape, Left extends number, Right extends number> = number extends Left | Right
  ? Shape
  : Agreed<A[Left] & number, B[Right] & number> extends infer N extends number
    ? [N] extends [never]
      ? `axes of ${A[Left] & number} and ${B[Right] & number} cannot be summed over together: ${Print<A>} and ${Print<B>}`
      : Kept<[...Without<A, Left>, ...Tail<Without<B, Right>>]>
    : never;
type Without<S extends Shape, Axis extends number, Done extends Shape = []> = S extends readonly [
  infer First extends number,
  ...infer Rest extends Shape,
]
  ? Done["length"] extends Axis
    ? [...Done, ...Rest]
    : Without<Rest, Axis, [...Done, First]>
  : Done;
/** One number an example keeps an axis. */
type Kept<S extends Shape> = S extends readonly [infer Batch extends number] ? [Batch, 1] : S;
