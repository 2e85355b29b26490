import type { Shape } from "../base/shape.ts";
import type { Concatenated, FromFront, Stacked } from "./axes.ts";
import type { Add, Divide, Multiply, Product, Subtract } from "./numerals.ts";
import type { IsAny, WithAxis } from "./types.ts";

// NumPy's ways to put tensors together, in types.

type IsVector<Shapes extends readonly Shape[]> = Shapes extends readonly [infer First extends Shape, ...Shape[]]
  ? First["length"] extends 1
    ? true
    : false
  : false;

/** Along axis 1; vectors one after the other. */
export type SideBySide<Shapes extends readonly Shape[]> =
  IsVector<Shapes> extends true ? Concatenated<Shapes, 0> : Concatenated<Shapes, 1>;
/** Along axis 0; vectors as rows. */
export type Below<Shapes extends readonly Shape[]> =
  IsVector<Shapes> extends true ? Stacked<Shapes, 0> : Concatenated<Shapes, 0>;
/** Vectors as columns; others along axis 1. */
export type Columns<Shapes extends readonly Shape[]> =
  IsVector<Shapes> extends true ? Stacked<Shapes, 1> : Concatenated<Shapes, 1>;
/** One behind the other along an axis; both flat without one. */
export type Appended<A extends Shape, B extends Shape, Axis> = [Axis] extends [undefined]
  ? [Add<Count<A>, Count<B>>]
  : Axis extends number
    ? Concatenated<readonly [A, B], Axis>
    : Shape;
type Count<S extends Shape> = IsAny<S> extends true ? number : Product<S>;

/** What is left of differences of neighbours, taken so many times. */
export type Shorter<S extends Shape, Axis extends number, Times extends number> =
  IsAny<S> extends true
    ? Shape
    : Subtract<S[FromFront<Axis, S["length"]> & number] & number, Times> extends infer N
      ? WithAxis<S, Axis, [N] extends [never] ? number : N & number>
      : never;

/** [batch, h, w, n²·c] → [batch, h·n, w·n, c] */
export type Spacious<S extends Shape, N extends number> = S extends readonly [
  infer Batch extends number,
  infer H extends number,
  infer W extends number,
  infer C extends number,
]
  ? [Batch, Multiply<H, N>, Multiply<W, N>, Divide<C, Multiply<N, N>>]
  : Shape;
/** [batch, h·n, w·n, c] → [batch, h, w, n²·c] */
export type Deep<S extends Shape, N extends number> = S extends readonly [
  infer Batch extends number,
  infer H extends number,
  infer W extends number,
  infer C extends number,
]
  ? [Batch, Divide<H, N>, Divide<W, N>, Multiply<C, Multiply<N, N>>]
  : Shape;
