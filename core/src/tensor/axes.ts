import type { Shape } from "../base/shape.ts";
import type { Add, Subtract } from "./numerals.ts";
import type { IsAny, Print, Reduced } from "./types.ts";

// Axes that move, come, go and join, in types. An axis may be counted from the end; one that is not known makes the shape unknown.

type Open<N extends number> = number extends N ? true : false;

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
      : { -readonly [K in keyof Order]: S[FromFront<Order[K] & number, S["length"]> & number] & number };

/** The sizes with two of them exchanged. */
export type Swapped<S extends Shape, First extends number, Second extends number> =
  IsAny<S> extends true
    ? Shape
    : Open<First> extends true
      ? Shape
      : Open<Second> extends true
        ? Shape
        : Exchanged<S, FromFront<First, S["length"]>, FromFront<Second, S["length"]>>;
type Exchanged<S extends Shape, First extends number, Second extends number> = {
  -readonly [K in keyof S]: K extends `${First}` ? S[Second] : K extends `${Second}` ? S[First] : S[K];
};

/** The sizes with one axis at another place; with lists of axes, as many sizes. */
export type Moved<S extends Shape, From, To> =
  IsAny<S> extends true
    ? Shape
    : From extends number
      ? To extends number
        ? Open<From> extends true
          ? { -readonly [K in keyof S]: number }
          : Reduced<S, From, false> extends infer Rest extends Shape
            ? Inserted<Rest, To, S[FromFront<From, S["length"]> & number] & number>
            : never
        : { -readonly [K in keyof S]: number }
      : { -readonly [K in keyof S]: number };

/** Without one axis, whose size is 1, else a sentence; without all such axes, as far as all sizes are known. */
export type Squeezed<S extends Shape, Axis> =
  IsAny<S> extends true
    ? Shape
    : Axis extends number
      ? S[FromFront<Axis, S["length"]> & number] extends infer N extends number
        ? 1 extends N
          ? Reduced<S, Axis, false>
          : `squeeze: axis ${Axis} has size ${N}, not 1: ${Print<S>}`
        : Shape
      : [Axis] extends [undefined]
        ? number extends S[number]
          ? Shape
          : WithoutOnes<S>
        : Shape;
type WithoutOnes<S extends Shape> = S extends readonly [infer First extends number, ...infer Rest extends Shape]
  ? First extends 1
    ? WithoutOnes<Rest>
    : [First, ...WithoutOnes<Rest>]
  : [];

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
  Done extends Shape = [],
> = Done["length"] extends Axis
  ? [...Done, N, ...S]
  : S extends readonly [infer First extends number, ...infer Rest extends Shape]
    ? InsertAt<Rest, Axis, N, [...Done, First]>
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

type Joined<A extends Shape, B extends Shape, Axis extends number> = JoinedRest<A, B, Axis, A, B>;
type JoinedRest<
  A extends Shape,
  B extends Shape,
  Axis extends number,
  ARest extends Shape,
  BRest extends Shape,
  Done extends Shape = [],
> = ARest extends readonly [infer A0 extends number, ...infer AMore extends Shape]
  ? BRest extends readonly [infer B0 extends number, ...infer BMore extends Shape]
    ? Done["length"] extends Axis
      ? JoinedRest<A, B, Axis, AMore, BMore, [...Done, Add<A0, B0>]>
      : [Agreed<A0, B0>] extends [never]
        ? `sizes ${A0} and ${B0} differ along an axis that is not joined: ${Print<A>} and ${Print<B>}`
        : JoinedRest<A, B, Axis, AMore, BMore, [...Done, Agreed<A0, B0>]>
    : Unequal<A, B>
  : BRest extends readonly []
    ? Done
    : Unequal<A, B>;
type Unequal<
  A extends Shape,
  B extends Shape,
> = `the tensors have ${A["length"]} and ${B["length"]} axes: ${Print<A>} and ${Print<B>}`;

/** Shapes that are all equal, with a new axis along which there are so many. */
export type Stacked<Shapes extends readonly Shape[], Axis extends number> = number extends Shapes["length"]
  ? Shapes[number] extends infer S extends Shape
    ? Inserted<S, Axis, number>
    : Shape
  : Shapes extends readonly [infer First extends Shape, ...infer Rest extends readonly Shape[]]
    ? Same<First, Rest> extends infer S
      ? S extends Shape
        ? Inserted<S, Axis, Shapes["length"]>
        : S
      : never
    : Shape;
type Same<S, Rest extends readonly Shape[]> = S extends Shape
  ? Rest extends readonly [infer Next extends Shape, ...infer Others extends readonly Shape[]]
    ? IsAny<S> extends true
      ? Shape
      : IsAny<Next> extends true
        ? Shape
        : Same<Met<S, Next, S, Next>, Others>
    : S
  : S;
type Met<
  A extends Shape,
  B extends Shape,
  ARest extends Shape,
  BRest extends Shape,
  Done extends Shape = [],
> = ARest extends readonly [infer A0 extends number, ...infer AMore extends Shape]
  ? BRest extends readonly [infer B0 extends number, ...infer BMore extends Shape]
    ? [Agreed<A0, B0>] extends [never]
      ? `stack: the shapes differ, ${Print<A>} and ${Print<B>}`
      : Met<A, B, AMore, BMore, [...Done, Agreed<A0, B0>]>
    : `stack: the shapes differ, ${Print<A>} and ${Print<B>}`
  : BRest extends readonly []
    ? Done
    : `stack: the shapes differ, ${Print<A>} and ${Print<B>}`;

/** The size that both have; never when they differ. */
export type Agreed<A extends number, B extends number> =
  Open<A> extends true ? B : Open<B> extends true ? A : [A, B] extends [B, A] ? A : never;
