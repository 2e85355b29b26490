import type { Shape } from "../base/shape.ts";
import type { SliceItem, SliceRange, SliceSpec } from "../ops/slice.ts";
import type { FromFront } from "./axes.ts";
import type { Add, Divide, Multiply, Subtract } from "./numerals.ts";
import type { Broadcast, IsAny, Print, Reduced, Replaced, WithAxis } from "./types.ts";

// Parts of tensors in types: slices, cuts, and what indices pick.

type Open<N extends number> = number extends N ? true : false;

/** The shape of `x[spec]`, as in NumPy; a sentence where an index lies outside, or there are too many. */
export type Sliced<S extends Shape, Spec extends SliceSpec> =
  IsAny<S> extends true ? Shape : number extends Spec["length"] ? Shape : Cut<S, Spec, [], S, Named<Spec>["length"]>;

/** A place for each item that names an axis. */
type Named<Spec extends SliceSpec, Done extends 0[] = []> = Spec extends readonly [
  infer First,
  ...infer Rest extends SliceSpec,
]
  ? First extends "..." | null
    ? Named<Rest, Done>
    : Named<Rest, [...Done, 0]>
  : Done;

type Cut<
  S extends Shape,
  Spec extends SliceSpec,
  Done extends Shape,
  All extends Shape,
  Count extends number,
> = Spec extends readonly [infer First extends SliceItem, ...infer Rest extends SliceSpec]
  ? First extends null
    ? Cut<S, Rest, [...Done, 1], All, Count>
    : First extends "..."
      ? Named<Rest>["length"] extends S["length"]
        ? Cut<S, Rest, Done, All, Count>
        : S extends readonly [infer N extends number, ...infer More extends Shape]
          ? Cut<More, Spec, [...Done, N], All, Count>
          : TooMany<All, Count>
      : S extends readonly [infer N extends number, ...infer More extends Shape]
        ? First extends number
          ? Inside<First, N> extends true
            ? Cut<More, Rest, Done, All, Count>
            : `slice: index ${First} is out of range for an axis of size ${N}: ${Print<All>}`
          : Cut<More, Rest, [...Done, SizeOf<N, First>], All, Count>
        : TooMany<All, Count>
  : [...Done, ...S];
type TooMany<S extends Shape, Count extends number> = `slice: ${Count} indices for ${S["length"]} axes: ${Print<S>}`;

/** Whether an index, which may count from the end, is one of an axis of N elements; unknown ones may be. */
type Inside<Index extends number, N extends number> =
  Open<Index> extends true
    ? true
    : Open<N> extends true
      ? true
      : `${Index}` extends `-${infer Back extends number}`
        ? Known<Subtract<N, Back>>
        : Known<Subtract<N, Add<Index, 1>>>;
type Known<N> = [N] extends [never] ? false : true;

/** How many elements a range takes of N. */
type SizeOf<N extends number, R> = R extends SliceRange
  ? Steps<Between<From<R, "start", 0, N>, From<R, "stop", N, N>>, N, R>
  : number;
type Steps<Count extends number, N extends number, R> = R extends { readonly step: infer Step extends number }
  ? Step extends 1
    ? Count
    : `${Step}` extends `-${string}`
      ? R extends { readonly start: number } | { readonly stop: number }
        ? number
        : Step extends -1
          ? N
          : number
      : Step extends 0
        ? number
        : Divide<Add<Count, Subtract<Step, 1>>, Step>
  : Count;
type From<R, End extends "start" | "stop", Usual extends number, N extends number> = R extends {
  readonly [E in End]: infer Bound extends number;
}
  ? Limited<Bound, N>
  : R extends { readonly [E in End]: infer Bound }
    ? [Bound] extends [undefined]
      ? Usual
      : number
    : Usual;
/** A bound as NumPy reads it: from the end when negative, limited to the axis. */
type Limited<Bound extends number, N extends number> = Bound extends 0
  ? 0
  : Open<Bound> extends true
    ? number
    : Open<N> extends true
      ? number
      : `${Bound}` extends `-${infer Back extends number}`
        ? Else<Subtract<N, Back>, 0>
        : [Subtract<N, Bound>] extends [never]
          ? N
          : Bound;
type Else<N extends number, Usual extends number> = [N] extends [never] ? Usual : N;
type Between<Start extends number, Stop extends number> = Start extends 0 ? Stop : Else<Subtract<Stop, Start>, 0>;

/** The shapes of the parts along an axis: so many equal ones, or those between cuts; a sentence where parts cannot be equal. */
export type Split<S extends Shape, Parts, Axis extends number> =
  IsAny<S> extends true
    ? Shape[]
    : Open<Axis> extends true
      ? Shape[]
      : SizeAt<S, Axis> extends infer N extends number
        ? Parts extends number
          ? Equal<S, Parts, Axis, N>
          : Parts extends readonly number[]
            ? number extends Parts["length"]
              ? WithAxis<S, Axis, number>[]
              : Cuts<S, Parts, Axis, N, 0>
            : Shape[]
        : never;
type SizeAt<S extends Shape, Axis extends number> = S[FromFront<Axis, S["length"]> & number] & number;
type Equal<S extends Shape, Parts extends number, Axis extends number, N extends number> =
  Open<Parts> extends true
    ? WithAxis<S, Axis, number>[]
    : Countable<Parts> extends true
      ? Open<N> extends true
        ? Times<Parts, WithAxis<S, Axis, number>>
        : Multiply<Divide<N, Parts>, Parts> extends N
          ? Times<Parts, WithAxis<S, Axis, Divide<N, Parts>>>
          : `split: an axis of size ${N} has no ${Parts} equal parts: ${Print<S>}`
      : WithAxis<S, Axis, number>[];
/** 1 to 99: of those, lists are written down. */
type Countable<N extends number> = `${N}` extends `${Ends}` | `${Ends}${Ends | 0}` ? true : false;
type Ends = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type Times<N extends number, T, Done extends T[] = []> = Done["length"] extends N ? Done : Times<N, T, [...Done, T]>;

type Cuts<
  S extends Shape,
  At extends readonly number[],
  Axis extends number,
  N extends number,
  Before extends number,
  Done extends Shape[] = [],
> = At extends readonly [infer Next extends number, ...infer Rest extends readonly number[]]
  ? Cuts<S, Rest, Axis, N, Limited<Next, N>, [...Done, WithAxis<S, Axis, Between<Before, Limited<Next, N>>>]>
  : [...Done, WithAxis<S, Axis, Between<Before, N>>];

/** The shapes of the slices along an axis, without it. */
export type Unstacked<S extends Shape, Axis extends number> =
  IsAny<S> extends true
    ? Shape[]
    : SizeAt<S, Axis> extends infer N extends number
      ? Open<N> extends true
        ? Reduced<S, Axis, false>[]
        : Countable<N> extends true
          ? Times<N, Reduced<S, Axis, false>>
          : Reduced<S, Axis, false>[]
      : never;

/** What indices of shape `I` pick along an axis; of the flat tensor where that is undefined. */
export type Taken<S extends Shape, I extends Shape, Axis> = [Axis] extends [undefined]
  ? I
  : Axis extends number
    ? Open<Axis> extends true
      ? Shape
      : IsAny<I> extends true
        ? Shape
        : IsAny<S> extends true
          ? Shape
          : Replaced<S, Axis, I>
    : Shape;
/** The shape of indices that may be a number or a list. */
export type IndexShape<I> = I extends number
  ? []
  : I extends readonly number[]
    ? number extends I["length"]
      ? [number]
      : [I["length"]]
    : Shape;

/** What indices of the same rank pick along an axis; the other sizes broadcast. */
export type TakenAlong<S extends Shape, I extends Shape, Axis extends number> =
  IsAny<S> extends true
    ? Shape
    : IsAny<I> extends true
      ? Shape
      : Open<Axis> extends true
        ? Shape
        : I["length"] extends S["length"]
          ? Broadcast<WithAxis<S, Axis, 1>, WithAxis<I, Axis, 1>> extends infer Around
            ? Around extends Shape
              ? WithAxis<Around, Axis, SizeAt<I, Axis>>
              : Around
            : never
          : `takeAlongAxis: the indices have ${I["length"]} axes, not ${S["length"]}`;
