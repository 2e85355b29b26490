import type { Shape } from "../base/shape.ts";
import type { Agreed } from "./axes.ts";
import type { Add, Divide, Multiply, Subtract } from "./numerals.ts";
import type { IsAny, Last, Print, WithLast } from "./types.ts";

// The shapes of what slides windows over [batch, ...spatial, channels], in types.

/** One size for all axes, or one an axis. */
type Sizes = number | readonly number[];
type At<S, Axis extends number> = S extends number ? S : S extends readonly number[] ? SizeAt<S, Axis> : 1;
type SizeAt<S extends readonly number[], Axis extends number> = number extends S["length"]
  ? number
  : S[Axis] extends infer N extends number
    ? N
    : number;

/** Elements from the first to the last of a window, both included. */
type Span<K extends number, Dilation extends number> = Dilation extends 1
  ? K
  : Add<Multiply<Dilation, Subtract<K, 1>>, 1>;

/** How many windows there are along an axis of `N` elements; a sentence where not even one fits. */
type Windows<N extends number, K extends number, Stride extends number, Dilation extends number, Padding> = [
  Padding,
] extends ["same" | "causal"]
  ? Add<Divide<Subtract<N, 1>, Stride>, 1>
  : [Padding] extends ["valid"]
    ? [Subtract<N, Span<K, Dilation>>] extends [never]
      ? `a window of ${Span<K, Dilation>} does not fit into ${N}`
      : Add<Divide<Subtract<N, Span<K, Dilation>>, Stride>, 1>
    : number;

/** What is said of the windows of an operation; what is not given has the usual value. */
export interface WindowOptions {
  readonly strides?: unknown;
  readonly padding?: unknown;
  readonly dilation?: unknown;
}
type Given<O, K extends string, Usual> = O extends { readonly [P in K]: infer V } ? V : Usual;

/** The spatial sizes of the result, or sentences. */
type Slid<
  Spatial extends Shape,
  K extends Sizes,
  Stride,
  Dilation,
  Padding,
  Done extends readonly unknown[] = [],
> = Spatial extends readonly [infer N extends number, ...infer Rest extends Shape]
  ? Slid<
      Rest,
      K,
      Stride,
      Dilation,
      Padding,
      [...Done, Windows<N, At<K, Done["length"]>, At<Stride, Done["length"]>, At<Dilation, Done["length"]>, Padding>]
    >
  : Done;

/** [batch, ...spatial, channels] after windows of size `K`; `Channels` in the result. Shape where nothing can be known. */
export type Convolved<S extends Shape, K extends Sizes, Channels extends number, O, UsualStride = 1> =
  IsAny<S> extends true
    ? Shape
    : S extends readonly [infer Batch extends number, ...infer Spatial extends Shape, number]
      ? Slid<
          Spatial,
          K,
          Given<O, "strides", UsualStride>,
          Given<O, "dilation", 1>,
          Given<O, "padding", "valid">
        > extends infer Sizes
        ? Sizes extends readonly number[]
          ? [Batch, ...Sizes, Channels]
          : `${FirstText<Sizes>}: ${Print<S>}`
        : never
      : Shape;

type FirstText<Parts> = Parts extends readonly [infer First, ...infer Rest]
  ? First extends string
    ? First
    : FirstText<Rest>
  : "the window does not fit";

/** [batch, ...spatial, in] after the windows of a depthwise kernel [...window, in, multiplier], and channels that fit. */
export type DepthwiseConvolved<S extends Shape, K extends Shape, O> = K extends readonly [
  ...infer Window extends Shape,
  infer In extends number,
  infer Multiplier extends number,
]
  ? FitsChannels<S, In> extends true
    ? Convolved<S, Window, Multiply<In, Multiplier>, O>
    : OtherChannels<S, In>
  : Shape;

/** The same, and a kernel [...1, in · multiplier, out] that mixes the channels. */
export type SeparableConvolved<S extends Shape, K extends Shape, P extends Shape, O> =
  DepthwiseConvolved<S, K, O> extends infer Deep
    ? Deep extends Shape
      ? P extends readonly [...Shape, infer In extends number, infer Out extends number]
        ? FitsChannels<Deep, In> extends true
          ? WithLast<Deep, Out>
          : OtherChannels<Deep, In>
        : Shape
      : Deep
    : never;

/** Whether the last size is `In`; unknown ones may be. */
export type FitsChannels<S extends Shape, In extends number> = [Agreed<Last<S>, In>] extends [never] ? false : true;
/** What is said where it is not. */
export type OtherChannels<
  S extends Shape,
  In extends number,
> = `the kernel expects ${In} channels, the input has ${Last<S>}: ${Print<S>}`;

/** [batch, ...spatial, in] after the transpose of a convolution with a kernel [...window, out, in]. */
export type TransposeConvolved<S extends Shape, K extends Shape, O> = K extends readonly [
  ...infer Window extends Shape,
  infer Out extends number,
  infer In extends number,
]
  ? FitsChannels<S, In> extends true
    ? S extends readonly [infer Batch extends number, ...infer Spatial extends Shape, number]
      ? [
          Batch,
          ...Spread<
            Spatial,
            Window,
            Given<O, "strides", 1>,
            Given<O, "padding", "valid">,
            Given<O, "dilation", 1>,
            Given<O, "outputPadding", undefined>
          >,
          Out,
        ]
      : Shape
    : OtherChannels<S, In>
  : Shape;

/** The spatial sizes of a transposed convolution: N·stride ("same"), or all that the windows cover. */
export type Spread<Spatial extends Shape, K, Strides, Padding, Dilation, Added> = {
  -readonly [A in keyof Spatial]: [Added] extends [undefined]
    ? [Padding] extends ["same"]
      ? Multiply<Spatial[A], Along<Strides, A>>
      : [Padding] extends ["valid"]
        ? Covered<Spatial[A], Along<Strides, A>, Along<K, A>, Along<Dilation, A>>
        : number
    : number;
};
/** (N − 1)·stride + the larger of stride and the window's span. */
type Covered<N extends number, Stride extends number, K extends number, Dilation extends number> = Add<
  Multiply<Subtract<N, 1>, Stride>,
  Larger<Span<K, Dilation>, Stride>
>;
type Larger<A extends number, B extends number> = [Subtract<A, B>] extends [never] ? B : number extends B ? number : A;
type Along<S, A> = S extends number ? S : A extends keyof S ? (S[A] extends number ? S[A] : number) : number;
