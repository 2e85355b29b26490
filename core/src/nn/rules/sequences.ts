import type { Shape } from "../../base/shape.ts";
import type { Multiply } from "../../tensor/numerals.ts";
import type { WithLast } from "../../tensor/types.ts";
import type { Masked } from "../masked.ts";
import type { Outcome, Owns, Rule } from "./rule.ts";
import type { IsAny, One, Sequence } from "./single.ts";

// Recurrence and attention: [batch, time, features].

/** The sequence among the arguments of a recurrent layer: alone, first in a list, or by name. */
type SequenceOf<In> = In extends Shape
  ? In
  : In extends readonly [infer First, ...unknown[]]
    ? First
    : In extends { readonly sequence: infer Named }
      ? Named
      : In;

/**
 * Recurrent layers: [batch, time, ...features] → [batch, units], or [batch, time, units] of every step, which keeps the mask;
 * with `State` a list, in which `States` follow, as many as the cell has.
 */
export interface Recurrent<
  Units extends number,
  Sequences extends boolean,
  State extends boolean,
  States extends readonly unknown[],
> extends Owns {
  readonly out: SequenceOf<this["in"]> extends infer X
    ? X extends Masked<infer S>
      ? WithStates<Read<Sequence<S>, Units, Sequences, true>, Sequence<S>, Units, State, States>
      : WithStates<Read<Sequence<X>, Units, Sequences, false>, Sequence<X>, Units, State, States>
    : never;
}
/** The states of a cell: as many as the list has entries, of unknown number where it has no length. */
type WithStates<
  Out,
  S,
  Units extends number,
  State extends boolean,
  States extends readonly unknown[],
> = Out extends string ? Out : State extends true ? [Out, ...{ -readonly [K in keyof States]: Final<S, Units> }] : Out;
type Final<S, Units extends number> = S extends readonly [infer Batch extends number, ...Shape]
  ? [Batch, Units]
  : [number, Units];

type Read<S, Units extends number, Sequences extends boolean, Mask extends boolean> = S extends readonly [
  infer Batch extends number,
  infer Time extends number,
  ...Shape,
]
  ? Sequences extends true
    ? Mask extends true
      ? Masked<[Batch, Time, Units]>
      : [Batch, Time, Units]
    : [Batch, Units]
  : S;

export type MergeMode = "concat" | "sum" | "mul" | "ave" | "none";

/** Two readings, in opposite directions, as one; the states of both follow. */
export interface Bidirectional<R extends Rule, Mode extends MergeMode> extends Owns {
  readonly out: Outcome<R, this["in"]> extends infer Out
    ? Out extends string
      ? Out
      : Out extends Shape | Masked<Shape>
        ? Both<Out, Mode>
        : Out extends readonly [infer Last, ...infer States]
          ? Both<Last, Mode> extends infer Merged
            ? Mode extends "none"
              ? Merged extends readonly unknown[]
                ? [...Merged, ...States, ...States]
                : never
              : [Merged, ...States, ...States]
            : never
          : Shape
    : never;
}
type Both<Out, Mode extends MergeMode> = Mode extends "none"
  ? [Out, Out]
  : Mode extends "concat"
    ? Out extends Masked<infer S>
      ? Masked<Doubled<S>>
      : Doubled<Out>
    : Out;
type Doubled<S> = S extends readonly [...Shape, infer N extends number] ? WithLast<S, Multiply<N, 2>> : S;

/** Query, values and keys among the arguments of an attention layer. */
type Query<In> = In extends Shape
  ? In
  : In extends readonly [infer First, ...unknown[]]
    ? First
    : In extends { readonly query: infer Named }
      ? Named
      : In;
type Value<In> = In extends Shape
  ? In
  : In extends readonly [unknown, infer Second, ...unknown[]]
    ? Second
    : In extends { readonly value: infer Named }
      ? Named
      : In;

/** Attention with projections: the query's shape, its last axis exchanged for `Output` where that is given. */
export interface Heads<Output extends Shape | undefined, Scores extends boolean> extends Owns {
  readonly out: Query<this["in"]> extends infer X
    ? X extends Masked<infer S>
      ? Scored<Projected<Sequence<S>, Output>, true, Scores>
      : Scored<Projected<Sequence<X>, Output>, false, Scores>
    : never;
}
type Projected<S, Output extends Shape | undefined> = S extends readonly [...infer Rest extends Shape, number]
  ? Output extends Shape
    ? IsAny<Output> extends true
      ? Shape
      : [...Rest, ...Output]
    : S
  : S;

/** Attention without projections: [batch, time, features of the value]. */
export interface Weighing<Scores extends boolean> extends Owns {
  readonly out: Query<this["in"]> extends infer X
    ? X extends Masked<infer S>
      ? Scored<Weighed<One<S>, Value<this["in"]>>, true, Scores>
      : Scored<Weighed<One<X>, Value<this["in"]>>, false, Scores>
    : never;
}
type Weighed<S, V> = S extends readonly [infer Batch extends number, infer Time extends number, number]
  ? [Batch, Time, LastOf<V extends Masked<infer Values> ? Values : V>]
  : S;
type LastOf<S> = S extends readonly [...Shape, infer N extends number] ? N : number;

type Scored<S, Mask extends boolean, Scores extends boolean> = S extends Shape
  ? Scores extends true
    ? [Mask extends true ? Masked<S> : S, Shape]
    : Mask extends true
      ? Masked<S>
      : S
  : S;
