import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";

/** What is shown in place of a shape when shapes that are known while you type do not fit. */
export interface Mismatch<Message extends string, Left, Right> {
  readonly "shapes do not fit": Message;
  readonly left: Left;
  readonly right: Right;
}

/** True when `N` is any number, not a known one. */
type IsUnknown<N extends number> = number extends N ? true : false;
/** True when the rank is not known. */
type IsAny<S extends Shape> = number extends S["length"] ? true : false;

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

/** The shape of an elementwise operation on shapes `A` and `B`: aligned at the last axis, sizes equal or 1. */
export type Broadcast<A extends Shape, B extends Shape> =
  IsAny<A> extends true ? Shape : IsAny<B> extends true ? Shape : BroadcastTail<A, B, readonly []>;

type BroadcastTail<A extends Shape, B extends Shape, Done extends Shape> = A extends readonly [
  ...infer ARest extends Shape,
  infer ALast extends number,
]
  ? B extends readonly [...infer BRest extends Shape, infer BLast extends number]
    ? BroadcastTail<ARest, BRest, readonly [BroadcastSize<ALast, BLast>, ...Done]>
    : readonly [...A, ...Done]
  : readonly [...B, ...Done];

/** `unknown` when the shapes broadcast, else a message that no tensor has. */
export type Broadcastable<A extends Shape, B extends Shape> =
  HasNever<Broadcast<A, B>> extends true
    ? Mismatch<"sizes must be equal or 1, compared from the last axis", A, B>
    : unknown;

type HasNever<S extends Shape> = number extends S["length"]
  ? false
  : S extends readonly [infer First, ...infer Rest extends Shape]
    ? [First] extends [never]
      ? true
      : HasNever<Rest>
    : false;

/** The last size of `S`. */
export type Last<S extends Shape> =
  IsAny<S> extends true ? number : S extends readonly [...Shape, infer N extends number] ? N : never;

/** All sizes but the last. */
export type Leading<S extends Shape> =
  IsAny<S> extends true ? Shape : S extends readonly [...infer Rest extends Shape, number] ? Rest : never;

/** `S` with its last size exchanged for `N`. */
export type WithLast<S extends Shape, N extends number> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [...infer Rest extends Shape, number]
      ? readonly [...Rest, N]
      : Shape;

/** `S` with its first size exchanged for `N`. */
export type WithFirst<S extends Shape, N extends number> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [number, ...infer Rest extends Shape]
      ? readonly [N, ...Rest]
      : Shape;

/** The shape of `a.matmul(b)`, as in NumPy: vectors lose their axis, leading axes broadcast. */
export type MatMul<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : A extends readonly [number]
        ? B extends readonly [number]
          ? readonly []
          : B extends readonly [...infer Batch extends Shape, number, infer N extends number]
            ? readonly [...Batch, N]
            : Shape
        : B extends readonly [number]
          ? Leading<A>
          : A extends readonly [...infer ABatch extends Shape, infer M extends number, number]
            ? B extends readonly [...infer BBatch extends Shape, number, infer N extends number]
              ? readonly [...Broadcast<ABatch, BBatch>, M, N]
              : Shape
            : Shape;

/** The size of `B` that is summed over. */
type InnerOfRight<B extends Shape> =
  IsAny<B> extends true
    ? number
    : B extends readonly [infer K extends number]
      ? K
      : B extends readonly [...Shape, infer K extends number, number]
        ? K
        : never;

type SameSize<A extends number, B extends number> =
  IsUnknown<A> extends true ? true : IsUnknown<B> extends true ? true : [A, B] extends [B, A] ? true : false;

/** `unknown` when `a.matmul(b)` is possible as far as the types know, else a message that no tensor has. */
export type MatMulOperand<A extends Shape, B extends Shape> =
  SameSize<Last<A>, InnerOfRight<B>> extends true
    ? unknown
    : Mismatch<"matmul: inner sizes differ", Last<A>, InnerOfRight<B>>;

/** The sizes in opposite order. */
export type Reversed<S extends Shape> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [infer First extends number, ...infer Rest extends Shape]
      ? readonly [...Reversed<Rest>, First]
      : readonly [];

/** The shape of `x.reshape(T)`: a size of −1 becomes an unknown one. */
export type Reshape<T extends Shape> =
  IsAny<T> extends true ? Shape : { readonly [K in keyof T]: T[K] extends -1 ? number : T[K] };

/** The shape of a reduction over `Axes` (all when undefined). What cannot be known falls back to `Shape`. */
export type Reduced<S extends Shape, Axes, KeepDims extends boolean> = [Axes] extends [undefined]
  ? KeepDims extends true
    ? { readonly [K in keyof S]: 1 }
    : readonly []
  : IsAny<S> extends true
    ? Shape
    : Axes extends number
      ? KeepDims extends true
        ? ReplaceAxis<S, Positive<S, Axes>>
        : DropAxis<S, Positive<S, Axes>>
      : Shape;

/** The axis counted from the front, as text: tuples have text keys. */
type Positive<S extends Shape, Axis extends number> = number extends Axis
  ? string
  : `${Axis}` extends "-1"
    ? LastIndex<S>
    : `${Axis}` extends `-${string}`
      ? string
      : `${Axis}`;

type LastIndex<S extends Shape> = S extends readonly [number, ...infer Rest extends Shape]
  ? `${Rest["length"]}`
  : string;

type DropAxis<S extends Shape, Axis extends string> = string extends Axis ? Shape : DropAt<S, Axis, readonly []>;

type DropAt<S extends Shape, Axis extends string, Seen extends Shape> = S extends readonly [
  infer First extends number,
  ...infer Rest extends Shape,
]
  ? `${Seen["length"]}` extends Axis
    ? readonly [...Seen, ...Rest]
    : DropAt<Rest, Axis, readonly [...Seen, First]>
  : Shape;

type ReplaceAxis<S extends Shape, Axis extends string> = string extends Axis
  ? { readonly [K in keyof S]: number }
  : { readonly [K in keyof S]: K extends Axis ? 1 : S[K] };

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
    ? readonly []
    : N extends readonly (infer E)[]
      ? WithFirstAxis<ShapeOf<E>>
      : Shape;

type WithFirstAxis<Inner extends Shape> = IsAny<Inner> extends true ? Shape : readonly [number, ...Inner];

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
