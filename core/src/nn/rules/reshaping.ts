import type { Shape } from "../../base/shape.ts";
import type { Transposed } from "../../tensor/axes.ts";
import type { Divide, Multiply, Product, Subtract } from "../../tensor/numerals.ts";
import type { Mismatch } from "../../tensor/types.ts";
import type { Refuses } from "./rule.ts";
import type { IsAny, One } from "./single.ts";

/** [batch, ...sizes] → [batch, their product] */
export interface Flatten extends Refuses {
  readonly out: Flat<One<this["in"]>>;
}
type Flat<S> = S extends Shape
  ? IsAny<S> extends true
    ? readonly [number, number]
    : S extends readonly [infer Batch extends number, ...infer Rest extends Shape]
      ? readonly [Batch, Product<Rest>]
      : Mismatch<"expected at least 1 axis (batch), received 0", S, readonly [number]>
  : S;

/** [batch, ...sizes] → [batch, ...target]; one size may be −1. */
export interface Reshape<Target extends Shape> extends Refuses {
  readonly out: Reshaped<One<this["in"]>, Target>;
}
type Reshaped<S, Target extends Shape> = S extends Shape
  ? IsAny<Target> extends true
    ? Shape
    : S extends readonly [infer Batch extends number, ...infer Rest extends Shape]
      ? Filled<Product<Rest>, Target> extends infer Sizes
        ? Sizes extends Shape
          ? readonly [Batch, ...Sizes]
          : Sizes
        : never
      : readonly [number, ...Filled<number, Target>]
  : S;

/** `Target` with its −1 filled so that it holds `Count` values. */
type Filled<Count extends number, Target extends Shape> =
  Known<Target> extends infer Held extends number
    ? number extends Count | Held
      ? { readonly [K in keyof Target]: Target[K] extends -1 ? number : Target[K] }
      : -1 extends Target[number]
        ? Multiply<Divide<Count, Held>, Held> extends Count
          ? { readonly [K in keyof Target]: Target[K] extends -1 ? Divide<Count, Held> : Target[K] }
          : Mismatch<`${Count} values cannot be split into parts of ${Held}`, Count, Target>
        : Held extends Count
          ? Target
          : Mismatch<`${Count} values do not fit into a shape of ${Held}`, Count, Target>
    : never;
/** The product of the sizes that are given. */
type Known<Target extends Shape> = Product<{ readonly [K in keyof Target]: Target[K] extends -1 ? 1 : Target[K] }>;

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
        : Mismatch<
            `${Dims["length"]} axes are put in order, and the input has ${Subtract<S["length"], 1>} after the batch`,
            S,
            Dims
          >
  : S;

type Counted<Dims extends Shape> = readonly [0, ...Dims];

/** [batch, features] → [batch, n, features] */
export interface RepeatVector<N extends number> extends Refuses {
  readonly out: One<this["in"]> extends infer S
    ? S extends Shape
      ? IsAny<S> extends true
        ? readonly [number, N, number]
        : S extends readonly [infer Batch extends number, infer Features extends number]
          ? readonly [Batch, N, Features]
          : Mismatch<`expected 2 axes (batch, features), received ${S["length"]}`, S, readonly [number, number]>
      : S
    : never;
}
