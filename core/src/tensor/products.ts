import type { Shape } from "../base/shape.ts";
import type { Agreed, FromFront } from "./axes.ts";
import type { Multiply, Product } from "./numerals.ts";
import type { Broadcast, IsAny, Last, Leading, Print, Reduced } from "./types.ts";

// Sums of products in types, besides `matmul` and `einsum`.

type Pair<A extends Shape, B extends Shape> = `${Print<A>} and ${Print<B>}`;
type Differ<
  Op extends string,
  M extends number,
  N extends number,
  A extends Shape,
  B extends Shape,
> = `${Op}: inner sizes differ, ${M} and ${N}: ${Pair<A, B>}`;

/** NumPy's dot: the last axis of A with the second last of B (the only one of a vector); or a sentence. */
export type Dot<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : 0 extends A["length"] | B["length"]
        ? Broadcast<A, B>
        : B extends readonly [infer K extends number]
          ? [Agreed<Last<A>, K>] extends [never]
            ? Differ<"dot", Last<A>, K, A, B>
            : Leading<A>
          : B extends readonly [...infer Before extends Shape, infer K extends number, infer N extends number]
            ? [Agreed<Last<A>, K>] extends [never]
              ? Differ<"dot", Last<A>, K, A, B>
              : [...Leading<A>, ...Before, N]
            : Shape;

/** The last axes of both. */
export type Inner<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : 0 extends A["length"] | B["length"]
        ? Broadcast<A, B>
        : [Agreed<Last<A>, Last<B>>] extends [never]
          ? Differ<"inner", Last<A>, Last<B>, A, B>
          : [...Leading<A>, ...Leading<B>];

/** Kronecker's product of equally many axes. */
export type Blocks<A extends Shape, B extends Shape> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : A["length"] extends B["length"]
        ? { -readonly [K in keyof A]: Multiply<A[K], K extends keyof B ? B[K] & number : 1> }
        : Shape;

/** All products of an element of A and one of B. */
export type Outer<A extends Shape, B extends Shape> = [Product<A>, Product<B>];

/** The last so many axes of A with the first of B, or a pair of lists; or a sentence. */
export type TensorDot<A extends Shape, B extends Shape, Axes> =
  IsAny<A> extends true
    ? Shape
    : IsAny<B> extends true
      ? Shape
      : Axes extends number
        ? number extends Axes
          ? Shape
          : Ends<A, B, Axes>
        : Axes extends readonly [infer Left extends readonly number[], infer Right extends readonly number[]]
          ? Lists<A, B, Left, Right>
          : Shape;
/** The last axes leave A, so many as `Summed` gets. */
type Ends<
  A extends Shape,
  B extends Shape,
  Count extends number,
  ARest extends Shape = A,
  Summed extends Shape = [],
> = Summed["length"] extends Count
  ? Fronts<A, B, ARest, B, Summed>
  : ARest extends readonly [...infer Rest extends Shape, infer N extends number]
    ? Ends<A, B, Count, Rest, [N, ...Summed]>
    : `tensordot: there are no ${Count} axes to sum over: ${Pair<A, B>}`;
type Fronts<
  A extends Shape,
  B extends Shape,
  Kept extends Shape,
  BRest extends Shape,
  Summed extends Shape,
> = Summed extends readonly [infer M extends number, ...infer More extends Shape]
  ? BRest extends readonly [infer N extends number, ...infer Rest extends Shape]
    ? [Agreed<M, N>] extends [never]
      ? Differ<"tensordot", M, N, A, B>
      : Fronts<A, B, Kept, Rest, More>
    : `tensordot: there are not as many axes to sum over: ${Pair<A, B>}`
  : [...Kept, ...BRest];
type Lists<
  A extends Shape,
  B extends Shape,
  Left extends readonly number[],
  Right extends readonly number[],
> = number extends Left["length"] | Right["length"]
  ? Shape
  : Clash<A, B, Left, Right> extends infer Sentence extends string
    ? Sentence
    : Reduced<A, Left, false> extends infer X extends Shape
      ? Reduced<B, Right, false> extends infer Y extends Shape
        ? [...X, ...Y]
        : never
      : never;
type Clash<
  A extends Shape,
  B extends Shape,
  Left extends readonly number[],
  Right extends readonly number[],
> = Left extends readonly [infer L extends number, ...infer Lefts extends readonly number[]]
  ? Right extends readonly [infer R extends number, ...infer Rights extends readonly number[]]
    ? [Agreed<At<A, L>, At<B, R>>] extends [never]
      ? Differ<"tensordot", At<A, L>, At<B, R>, A, B>
      : Clash<A, B, Lefts, Rights>
    : undefined
  : undefined;
type At<S extends Shape, Axis extends number> = S[FromFront<Axis, S["length"]> & number] & number;

/** Without the first two axes. */
export type Traced<S extends Shape> =
  IsAny<S> extends true ? Shape : S extends readonly [number, number, ...infer Rest extends Shape] ? [...Rest] : Shape;
/** The diagonal of the first two axes, at the end. */
export type Diagonal<S extends Shape> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [number, number, ...infer Rest extends Shape]
      ? [...Rest, number]
      : Shape;
