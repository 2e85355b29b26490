import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { FromFront } from "./axes.ts";
import type { Divide, Multiply, Product } from "./numerals.ts";

// Sizes that do not fit are told in a sentence: a string type in place of a shape. A parameter that is declared as one of
// these conditional types is the sentence itself where it cannot be fulfilled, so that the compiler's error says it.

/** A shape as it is printed: `[number, 28, 28, 1]`. */
export type Print<S extends Shape> =
  IsAny<S> extends true
    ? "any shape"
    : S extends readonly [infer First extends number, ...infer Rest extends Shape]
      ? `[${PrintSize<First>}${PrintRest<Rest>}]`
      : "[]";
type PrintRest<S extends Shape> = S extends readonly [infer First extends number, ...infer Rest extends Shape]
  ? `, ${PrintSize<First>}${PrintRest<Rest>}`
  : "";
type PrintSize<N extends number> = number extends N ? "number" : `${N}`;

/** A shape, where it is one: results of operations that were refused have none. */
export type AsShape<S> = S extends Shape ? S : Shape;
/** `Given` where `Outcome` is no sentence, else the sentence. */
export type Possible<Outcome, Given> = Outcome extends infer Sentence extends string ? Sentence : Given;

/** The same sizes in a list that may be written down as one: `[2, 3]` for `readonly [2, 3]`. */
export type Plain<S extends Shape> = IsAny<S> extends true ? Shape : { -readonly [K in keyof S]: S[K] };

/** True when `N` is any number, not a known one. */
type IsUnknown<N extends number> = number extends N ? true : false;
/** True when the rank is not known. */
export type IsAny<S extends Shape> = number extends S["length"] ? true : false;

/** The size that two sizes broadcast to; `never` when they do not. */
type BroadcastSize<A extends number, B extends number> = A extends B
  ? A
  : A extends 1
    ? B
    : B extends 1
      ? A
      : IsUnknown<A> extends true
        ? B
        : IsUnknown<B> extends true
          ? A
          : never;

/** The shape of an elementwise operation on shapes `A` and `B`: aligned at the last axis, sizes equal or 1; or a sentence. */
export type Broadcast<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : B extends readonly []
        ? A
        : A extends B
          ? A
          : BroadcastTail<A, B, A, B, []>;

type BroadcastTail<
  A extends Shape,
  B extends Shape,
  ARest extends Shape,
  BRest extends Shape,
  Done extends Shape,
> = ARest extends readonly [...infer AMore extends Shape, infer ALast extends number]
  ? BRest extends readonly [...infer BMore extends Shape, infer BLast extends number]
    ? [BroadcastSize<ALast, BLast>] extends [never]
      ? `sizes ${ALast} and ${BLast} differ, and neither is 1: ${Print<A>} and ${Print<B>}`
      : BroadcastTail<A, B, AMore, BMore, [BroadcastSize<ALast, BLast>, ...Done]>
    : [...ARest, ...Done]
  : [...BRest, ...Done];

/** The last size of `S`. */
export type Last<S extends Shape> =
  IsAny<S> extends true ? number : S extends readonly [...Shape, infer N extends number] ? N : number;

/** All sizes but the last. */
export type Leading<S extends Shape> =
  IsAny<S> extends true ? Shape : S extends readonly [...infer Rest extends Shape, number] ? Plain<Rest> : never;

/** `S` with its last size exchanged for `N`. */
export type WithLast<S extends Shape, N extends number> =
  IsAny<S> extends true ? Shape : S extends readonly [...infer Rest extends Shape, number] ? [...Rest, N] : Shape;

/** All sizes but the first. */
export type WithoutFirst<S extends Shape> =
  IsAny<S> extends true ? Shape : S extends readonly [number, ...infer Rest extends Shape] ? Plain<Rest> : never;

/** `S` with its first size exchanged for `N`. */
export type WithFirst<S extends Shape, N extends number> =
  IsAny<S> extends true ? Shape : S extends readonly [number, ...infer Rest extends Shape] ? [N, ...Rest] : Shape;

/** The shape of `a.matmul(b)`, as in NumPy: vectors lose their axis, leading axes broadcast; or a sentence. */
export type MatMul<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : SameSize<Last<A>, InnerOfRight<B>> extends true
        ? Multiplied<A, B>
        : `matmul: inner sizes differ, ${Last<A>} and ${InnerOfRight<B>}: ${Print<A>} and ${Print<B>}`;
type Multiplied<A extends Shape, B extends Shape> = A extends readonly [number]
  ? B extends readonly [number]
    ? []
    : B extends readonly [...infer Batch extends Shape, number, infer N extends number]
      ? [...Batch, N]
      : Shape
  : B extends readonly [number]
    ? Leading<A>
    : A extends readonly [...infer ABatch extends Shape, infer M extends number, number]
      ? B extends readonly [...infer BBatch extends Shape, number, infer N extends number]
        ? Broadcast<ABatch, BBatch> extends infer Batch
          ? Batch extends Shape
            ? [...Batch, M, N]
            : Batch
          : never
        : Shape
      : Shape;

/** `S` broadcast to `T`, which is the result; or a sentence. */
export type BroadcastTo<S extends Shape, T extends Shape> =
  Broadcast<S, T> extends infer Both
    ? Both extends string
      ? Both
      : Both extends T
        ? Plain<T>
        : T extends Both
          ? Plain<T>
          : `${Print<S>} does not broadcast to ${Print<T>}`
    : never;

/** The shape of a choice between X and Y where C holds or not; or a sentence. */
export type Chosen<C extends Shape, X extends Shape, Y extends Shape> =
  Broadcast<C, X> extends infer Both ? (Both extends Shape ? Broadcast<Both, Y> : Both) : never;

/** The size of `B` that is summed over. */
type InnerOfRight<B extends Shape> = B extends readonly [infer K extends number]
  ? K
  : B extends readonly [...Shape, infer K extends number, number]
    ? K
    : number;

type SameSize<A extends number, B extends number> =
  IsUnknown<A> extends true ? true : IsUnknown<B> extends true ? true : [A, B] extends [B, A] ? true : false;

/** The sizes in opposite order. */
export type Reversed<S extends Shape> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [infer First extends number, ...infer Rest extends Shape]
      ? [...Reversed<Rest>, First]
      : [];

/**
 * The shape of `x.reshape(T)`: a size of −1 is what is left of the others, or any number where that is not known; a sentence
 * where the values of `S` do not fill it.
 */
export type Reshape<T extends Shape, S extends Shape = Shape> =
  IsAny<T> extends true
    ? Shape
    : Known<T> extends infer Held extends number
      ? Product<S> extends infer Count extends number
        ? number extends Count | Held
          ? { -readonly [K in keyof T]: T[K] extends -1 ? number : T[K] }
          : -1 extends T[number]
            ? Multiply<Divide<Count, Held>, Held> extends Count
              ? { -readonly [K in keyof T]: T[K] extends -1 ? Divide<Count, Held> : T[K] }
              : `${Count} values cannot be split into parts of ${Held}: ${Print<S>} to ${Print<T>}`
            : Held extends Count
              ? Plain<T>
              : `${Count} values do not fit into a shape of ${Held}: ${Print<S>} and ${Print<T>}`
        : never
      : never;
/** The product of the sizes that are given. */
type Known<T extends Shape> = Product<{ readonly [K in keyof T]: T[K] extends -1 ? 1 : T[K] }>;

/** The shape of a reduction over `Axes` (all when undefined). What cannot be known falls back to `Shape`. */
export type Reduced<S extends Shape, Axes, KeepDims extends boolean> = [Axes] extends [undefined]
  ? KeepDims extends true
    ? { -readonly [K in keyof S]: 1 }
    : []
  : IsAny<S> extends true
    ? Shape
    : Axes extends number
      ? AlongAxis<S, Axes, KeepDims extends true ? [1] : []>
      : Axes extends readonly number[]
        ? AlongAxes<S, Axes, KeepDims extends true ? [1] : []>
        : Shape;

/** The shape with one size exchanged for `N`. */
export type WithAxis<S extends Shape, Axis extends number, N extends number> =
  IsAny<S> extends true ? Shape : AlongAxis<S, Axis, [N]>;

/** The shape with `To` in place of one axis, which may be counted from the end. */
export type Replaced<S extends Shape, Axis extends number, To extends Shape> =
  IsAny<S> extends true ? Shape : AlongAxis<S, Axis, To>;
type AlongAxis<S extends Shape, Axis extends number, To extends Shape> = number extends Axis
  ? To extends readonly []
    ? Shape
    : { -readonly [K in keyof S]: number }
  : Axis extends -1
    ? S extends readonly [...infer Rest extends Shape, number]
      ? [...Rest, ...To]
      : Shape
    : At<S, FromFront<Axis, S["length"]>, To>;
type At<S extends Shape, Axis extends number, To extends Shape, Seen extends Shape = []> = S extends readonly [
  infer First extends number,
  ...infer Rest extends Shape,
]
  ? Seen["length"] extends Axis
    ? [...Seen, ...To, ...Rest]
    : At<Rest, Axis, To, [...Seen, First]>
  : Shape;

/** The same with several axes, of which those before the end are counted first. */
type AlongAxes<S extends Shape, Axes extends readonly number[], To extends Shape> = number extends Axes["length"]
  ? Shape
  : number extends Axes[number]
    ? Shape
    : Without<S, { [K in keyof Axes]: FromFront<Axes[K] & number, S["length"]> }[number], To>;
type Without<
  S extends Shape,
  Axes,
  To extends Shape,
  Seen extends readonly 0[] = [],
  Done extends Shape = [],
> = S extends readonly [infer First extends number, ...infer Rest extends Shape]
  ? Without<Rest, Axes, To, [...Seen, 0], Seen["length"] extends Axes ? [...Done, ...To] : [...Done, First]>
  : Done;

/** What `data()` gives: the typed array that holds the dtype's values; halves are widened to f32. */
export interface DataOf {
  readonly f32: Float32Array;
  readonly f16: Float32Array;
  readonly bf16: Float32Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly bool: Uint8Array;
}
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Numbers in arrays in arrays, to any depth. Booleans may stand for 1 and 0. */
export type Nested = number | boolean | readonly Nested[];

/** What `array()` gives: as many arrays in each other as the shape has axes. */
export type ArrayOf<S extends Shape> =
  IsAny<S> extends true
    ? NestedNumbers
    : S extends readonly [number, ...infer Rest extends Shape]
      ? ArrayOf<Rest>[]
      : number;
export type NestedNumbers = number | NestedNumbers[];

/** The shape of nested arrays as far as their type tells: the rank; sizes are unknown. */
export type ShapeOf<N> = Nested extends N
  ? Shape
  : [N] extends [number | boolean]
    ? []
    : N extends readonly (infer E)[]
      ? WithFirstAxis<ShapeOf<E>>
      : Shape;

type WithFirstAxis<Inner extends Shape> = IsAny<Inner> extends true ? Shape : [number, ...Inner];

/** The element type of nested arrays: bool for booleans, else f32. */
export type DTypeOf<N> = Nested extends N
  ? DType
  : [N] extends [boolean]
    ? "bool"
    : [N] extends [number]
      ? "f32"
      : N extends readonly (infer E)[]
        ? DTypeOf<E>
        : DType;
