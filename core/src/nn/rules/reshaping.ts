import type { Shape } from "../../base/shape.ts";
import type { Transposed } from "../../tensor/axes.ts";
import type { Product, Subtract } from "../../tensor/numerals.ts";
import type { Reshape as Filled, Print } from "../../tensor/types.ts";
import type { Refuses } from "./rule.ts";
import type { IsAny, One } from "./single.ts";

/** [batch, ...sizes] → [batch, their product] */
export interface Flatten extends Refuses {
  readonly out: Flat<One<this["in"]>>;
}
type Flat<S> = S extends Shape
  ? IsAny<S> extends true
    ? [number, number]
    : S extends readonly [infer Batch extends number, ...infer Rest extends Shape]
      ? [Batch, Product<Rest>]
      : "expected at least 1 axis (batch), received 0"
  : S;

/** [batch, ...sizes] → [batch, ...target]; one size may be −1. */
export interface Reshape<Target extends Shape> extends Refuses {
  readonly out: Reshaped<One<this["in"]>, Target>;
}
type Reshaped<S, Target extends Shape> = S extends Shape
  ? S extends readonly [infer Batch extends number, ...infer Rest extends Shape]
    ? Behind<Batch, Filled<Target, Rest>>
    : Behind<number, Filled<Target>>
  : S;
type Behind<Batch extends number, Sizes> = Sizes extends Shape
  ? IsAny<Sizes> extends true
    ? Shape
    : [Batch, ...Sizes]
  : Sizes;

/** The axes after the batch in another order, counted from 1. */
export interface Permute<Dims extends Shape> extends Refuses {
  readonly out: Permuted<One<this["in"]>, Dims>;
}
type Permuted<S, Dims extends Shape> = S extends Shape
  ? IsAny<S> extends true
    ? Shape
    : IsAny<Dims> extends true
      ? Shape
      : Counted<Dims>["length"] extends S["length"]
        ? Transposed<S, Counted<Dims>>
        : `${Dims["length"]} axes are put in order, and the input has ${Subtract<S["length"], 1>} after the batch: ${Print<S>}`
  : S;

type Counted<Dims extends Shape> = readonly [0, ...Dims];

/** [batch, features] → [batch, n, features] */
export interface RepeatVector<N extends number> extends Refuses {
  readonly out: One<this["in"]> extends infer S
    ? S extends Shape
      ? IsAny<S> extends true
        ? [number, N, number]
        : S extends readonly [infer Batch extends number, infer Features extends number]
          ? [Batch, N, Features]
          : `expected 2 axes (batch, features), received ${S["length"]}: ${Print<S>}`
      : S
    : never;
}
