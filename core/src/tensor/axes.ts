import type { Shape } from "../base/shape.ts";
import type { Add, Subtract } from "./numerals.ts";
import type { Mismatch } from "./types.ts";

// Axes that move, come, go and join, in types. An axis may be counted from the end; one that is not known makes the shape unknown.

type Open<N extends number> = number extends N ? true : false;
type IsAny<S extends Shape> = number extends S["length"] ? true : false;

/** The axis counted from the front, of so many axes. */
export type FromFront<Axis extends number, Rank extends number> = `${Axis}` extends `-${infer N extends number}`
  ? Subtract<Rank, N>
  : Axis;

/** The sizes in the given order of axes. */
export type Transposed<S extends Shape, Order extends readonly number[]> =
  IsAny<S> extends true
    ? Shape
    : IsAny<Order> extends true
      ? Shape
      : { readonly [K in keyof Order]: S[FromFront<Order[K] & number, S["length"]> & number] & number };

/** A new axis of size `N`. */
export type Inserted<S extends Shape, Axis extends number, N extends number> =
  IsAny<S> extends true
    ? Shape
    : Open<Axis> extends true
      ? Shape
      : InsertAt<S, FromFront<Axis, Add<S["length"], 1>>, N>;
type InsertAt<
  S extends Shape,
  Axis extends number,
  N extends number,
  Done extends Shape = readonly [],
> = Done["length"] extends Axis
  ? readonly [...Done, N, ...S]
  : S extends readonly [infer First extends number, ...infer Rest extends Shape]
    ? InsertAt<Rest, Axis, N, readonly [...Done, First]>
    : Shape;

/** Shapes that follow each other along an axis: their sizes there add up, the others are equal. */
export type Concatenated<Shapes extends readonly Shape[], Axis extends number> = Shapes extends readonly [
  infer First extends Shape,
  ...infer Rest extends readonly Shape[],
]
  ? IsAny<First> extends true
    ? Shape
    : Open<Axis> extends true
      ? Shape
      : JoinAll<First, Rest, FromFront<Axis, First["length"]>>
  : Shape;

type JoinAll<Sum, Rest extends readonly Shape[], Axis extends number> = Sum extends Shape
  ? Rest extends readonly [infer Next extends Shape, ...infer Others extends readonly Shape[]]
    ? IsAny<Next> extends true
      ? Shape
      : JoinAll<Joined<Sum, Next, Axis>, Others, Axis>
    : Sum
  : Sum;

type Joined<
  A extends Shape,
  B extends Shape,
  Axis extends number,
  Done extends Shape = readonly [],
> = A extends readonly [infer A0 extends number, ...infer ARest extends Shape]
  ? B extends readonly [infer B0 extends number, ...infer BRest extends Shape]
    ? Done["length"] extends Axis
      ? Joined<ARest, BRest, Axis, readonly [...Done, Add<A0, B0>]>
      : Agreed<A0, B0> extends infer N extends number
        ? [N] extends [never]
          ? Mismatch<`sizes ${A0} and ${B0} differ along an axis that is not joined`, A, B>
          : Joined<ARest, BRest, Axis, readonly [...Done, N]>
        : never
    : Mismatch<"the tensors have different numbers of axes", A, B>
  : B extends readonly []
    ? Done
    : Mismatch<"the tensors have different numbers of axes", A, B>;

/** The size that both have; never when they differ. */
export type Agreed<A extends number, B extends number> =
  Open<A> extends true ? B : Open<B> extends true ? A : [A, B] extends [B, A] ? A : never;
