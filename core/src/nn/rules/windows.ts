import type { Shape } from "../../base/shape.ts";
import type { Add, Multiply, Subtract } from "../../tensor/numerals.ts";
import type { Print } from "../../tensor/types.ts";
import type { Convolved, Spread } from "../../tensor/windows.ts";
import type { Ends, Refuses } from "./rule.ts";
import type { Images, Rank } from "./single.ts";

// The shapes of what works on steps, images and volumes: [batch, ...spatial, channels].

export type Sizes = number | readonly number[];

/** What is said of windows, as types: options of convolutions. */
export interface Window {
  readonly strides: Sizes;
  readonly padding: string;
  readonly dilation: Sizes;
}

/** The same with its parts. */
export interface Slid<Strides, Padding, Dilation> {
  readonly strides: Strides;
  readonly padding: Padding;
  readonly dilation: Dilation;
}
/** The options that say it, as types. */
export interface Sliding<Strides, Padding, Dilation> {
  readonly strides?: Strides | undefined;
  readonly padding?: Padding | undefined;
  readonly dilationRate?: Dilation | undefined;
}

/** Convolutions, which make `Filters` channels. */
export interface Convolution<R extends Rank, Filters extends number, K extends Sizes, W extends Window>
  extends Refuses {
  readonly out: Images<this["in"], R> extends infer S ? (S extends Shape ? Convolved<S, K, Filters, W> : S) : never;
}

/** A convolution of each channel by itself, which makes `Multiplier` of each. */
export interface Depthwise<R extends Rank, Multiplier extends number, K extends Sizes, W extends Window>
  extends Refuses {
  readonly out: Images<this["in"], R> extends infer S
    ? S extends readonly [...Shape, infer Channels extends number]
      ? Convolved<S, K, Multiply<Channels, Multiplier>, W>
      : S
    : never;
}

/** Pools keep the channels. */
export interface Pooling<R extends Rank, K extends Sizes, W extends Window> extends Refuses {
  readonly out: Images<this["in"], R> extends infer S
    ? S extends readonly [...Shape, infer Channels extends number]
      ? Convolved<S, K, Channels, W>
      : S
    : never;
}

/** Each pooled axis disappears, or has size 1. */
export interface GlobalPooling<R extends Rank, Keep extends boolean> extends Refuses {
  readonly out: Pooled<Images<this["in"], R>, Keep>;
}
/** As GlobalPooling; a mask is taken into account. */
export interface GlobalMean<R extends Rank, Keep extends boolean> extends Ends {
  readonly out: Pooled<Images<this["in"], R>, Keep>;
}
type Pooled<S, Keep extends boolean> = S extends readonly [
  infer Batch extends number,
  ...infer Spatial extends Shape,
  infer Channels extends number,
]
  ? Keep extends true
    ? [Batch, ...{ -readonly [K in keyof Spatial]: 1 }, Channels]
    : [Batch, Channels]
  : S;

/** The spatial sizes are those that are given. */
export interface Adaptive<R extends Rank, Out extends Sizes> extends Refuses {
  readonly out: Mapped<Images<this["in"], R>, "set", Out>;
}
/** Each element of the spatial axes is repeated. */
export interface UpSampling<R extends Rank, Size extends Sizes> extends Refuses {
  readonly out: Mapped<Images<this["in"], R>, "repeat", Size>;
}

/** One width for all borders, one an axis, or a pair [before, after] an axis; steps also take one pair. */
export type Borders = number | readonly number[] | readonly (readonly [number, number])[];
/** The spatial axes grow by zeros on both sides. */
export interface Padding<R extends Rank, B extends Borders> extends Refuses {
  readonly out: Mapped<Images<this["in"], R>, "grow", Pairs<R, B>>;
}
/** The spatial axes lose their borders. */
export interface Cropping<R extends Rank, B extends Borders> extends Refuses {
  readonly out: Mapped<Images<this["in"], R>, "cut", Pairs<R, B>>;
}
/** Pairs of steps are one pair of the one axis. */
type Pairs<R extends Rank, B extends Borders> = R extends 1
  ? B extends readonly [number, number]
    ? readonly [B]
    : B
  : B;

/** What is done to the size of one spatial axis; a sentence where it cannot be. */
interface Changes<N extends number, By> {
  readonly set: By extends number ? By : number;
  readonly repeat: By extends number ? Multiply<N, By> : number;
  readonly grow: Add<N, Total<By>>;
  readonly cut: Cut<N, Total<By>>;
}
type Total<By> = By extends readonly [infer Before extends number, infer After extends number]
  ? Add<Before, After>
  : By extends number
    ? Add<By, By>
    : number;
type Cut<N extends number, By extends number> = [Subtract<N, By>] extends [never]
  ? `cutting ${By} leaves nothing of ${N}`
  : Subtract<N, By> extends 0
    ? `cutting ${By} leaves nothing of ${N}`
    : Subtract<N, By>;

/** The change of all spatial axes, by one amount or one an axis. */
type Mapped<S, Change extends keyof Changes<0, 0>, By> = S extends readonly [
  infer Batch extends number,
  ...infer Spatial extends Shape,
  infer Channels extends number,
]
  ? MappedSizes<Spatial, Change, By> extends infer Sizes
    ? Sizes extends Shape
      ? [Batch, ...Sizes, Channels]
      : `${Extract<Sizes[keyof Sizes & `${number}`], string>}: ${Print<S>}`
    : never
  : S;
type MappedSizes<Spatial extends Shape, Change extends keyof Changes<0, 0>, By> = {
  -readonly [K in keyof Spatial]: Changes<
    Spatial[K],
    By extends readonly unknown[] ? (K extends keyof By ? By[K] : unknown) : By
  >[Change];
};

/** What is said of transposed convolutions; `outputPadding` undefined where it was not given. */
export interface TransposedWindow extends Window {
  readonly outputPadding: Sizes | undefined;
}
/** Transposed convolutions: N·stride (same), or all that the windows cover. */
export interface Transposed<R extends Rank, Filters extends number, K extends Sizes, W extends TransposedWindow>
  extends Refuses {
  readonly out: Images<this["in"], R> extends infer S
    ? S extends readonly [infer Batch extends number, ...infer Spatial extends Shape, number]
      ? [Batch, ...Spread<Spatial, K, W["strides"], W["padding"], W["dilation"], W["outputPadding"]>, Filters]
      : S
    : never;
}
