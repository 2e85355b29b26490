import type { Shape } from "../base/shape.ts";
import type { FromFront } from "./axes.ts";
import type { Add, Multiply, Product } from "./numerals.ts";
import type { IsAny, Print, WithAxis } from "./types.ts";

// What grows, in types: tiles, repeated elements, borders.

/** The shape laid side by side: so often along the last axis, or along each of the last axes. */
export type Tiled<S extends Shape, R> =
  IsAny<S> extends true
    ? Shape
    : R extends number
      ? Scaled<S, readonly [R]>
      : R extends readonly number[]
        ? number extends R["length"]
          ? Shape
          : Scaled<S, R>
        : Shape;
/** From the last axis to the first; what one of them lacks is 1. */
type Scaled<S extends Shape, R extends readonly number[], Done extends Shape = []> = S extends readonly [
  ...infer Sizes extends Shape,
  infer N extends number,
]
  ? R extends readonly [...infer Counts extends readonly number[], infer Count extends number]
    ? Scaled<Sizes, Counts, [Multiply<N, Count>, ...Done]>
    : [...S, ...Done]
  : [...R, ...Done];

/** The shape with each element along an axis repeated: all so often, or each its own count; flat without an axis. */
export type Repeated<S extends Shape, Counts, Axis> = [Axis] extends [undefined]
  ? IsAny<S> extends true
    ? [number]
    : [Grown<Product<S>, Counts>]
  : Axis extends number
    ? IsAny<S> extends true
      ? Shape
      : WithAxis<S, Axis, Grown<S[FromFront<Axis, S["length"]> & number] & number, Counts>>
    : Shape;
type Grown<N extends number, Counts> = Counts extends number
  ? Multiply<N, Counts>
  : Counts extends readonly number[]
    ? number extends Counts["length"]
      ? number
      : Sum<Counts>
    : number;
type Sum<Counts extends readonly number[]> = Counts extends readonly [
  infer First extends number,
  ...infer Rest extends readonly number[],
]
  ? Add<First, Sum<Rest>>
  : 0;

/** The shape with borders: one width for all ends, a pair for all axes, or a pair for each axis; else a sentence. */
export type Padded<S extends Shape, W> =
  IsAny<S> extends true
    ? Shape
    : W extends number
      ? { -readonly [K in keyof S]: Add<S[K], Add<W, W>> }
      : W extends readonly [infer Low extends number, infer High extends number]
        ? { -readonly [K in keyof S]: Add<S[K], Add<Low, High>> }
        : W extends readonly (readonly [number, number])[]
          ? number extends W["length"]
            ? { -readonly [K in keyof S]: number }
            : W["length"] extends S["length"]
              ? { -readonly [K in keyof S]: K extends keyof W ? Add<S[K], Ends<W[K]>> : number }
              : `pad: ${W["length"]} pairs for ${S["length"]} axes: ${Print<S>}`
          : { -readonly [K in keyof S]: number };
type Ends<Pair> = Pair extends readonly [infer Low extends number, infer High extends number] ? Add<Low, High> : number;
