import type { Shape } from "../base/shape.ts";
import type { BatchSource, DataLike, Examples, NdArray } from "../data/index.ts";
import type { Entering as Entrance, Masked, Outcome, Rule, Structure } from "../nn/index.ts";
import type { Possible, ShapeIn, Tensor } from "../tensor/index.ts";
import type { FitSettings } from "../train/index.ts";

// What data are to a model, in types: arrays, tensors, lists and data sets have shapes as far as they are known, and where they
// do not fit the model, a sentence stands in their place, so that the compiler underlines them.

/** What `fit` and `evaluate` take first. */
export type Fed = Examples | Structure<DataLike> | BatchSource;

/**
 * What a model wants to know of data: the shapes of its inputs, where they are declared, or else a rule that is tried on the
 * shape that is given; and the shapes of its outputs.
 */
export type Wants = ({ readonly inputs: unknown } | { readonly rule: Rule }) & { readonly outputs?: unknown };

/** The shape of one array of data; Shape where its type does not tell. */
type ShapeOfArray<X> =
  X extends NdArray<infer S extends Shape>
    ? S
    : X extends readonly []
      ? Shape
      : X extends readonly (infer E)[]
        ? E extends string
          ? Shape // texts
          : X extends readonly [infer First, ...unknown[]]
            ? [X["length"] & number, ...ShapeOfItem<First>]
            : ShapeIn<X>
        : ShapeIn<X>;
/** The shape of one of many, where they are written down: its length and those of the lists in it. */
type ShapeOfItem<X> = X extends readonly [infer First, ...unknown[]]
  ? [X["length"] & number, ...ShapeOfItem<First>]
  : X extends number | boolean
    ? []
    : ShapeIn<X>;

/** One array: no list or record of arrays. */
type IsArray<X> = X extends Tensor | NdArray
  ? true
  : X extends { readonly BYTES_PER_ELEMENT: number }
    ? true
    : X extends readonly (infer E)[]
      ? [E] extends [NestedItem]
        ? true
        : false
      : false;
type NestedItem = number | boolean | string | readonly NestedItem[];

/** Any data, or none, of which nothing can be said. */
type IsWide<X> = [DataLike] extends [X]
  ? true
  : [Examples] extends [X]
    ? true
    : [Structure<Tensor>] extends [X]
      ? true
      : X extends readonly []
        ? true
        : false;

/** `X` where it can be what the model takes, else with sentences in place of what cannot. */
export type Given<W extends Wants, X> =
  IsWide<X> extends true
    ? X
    : W extends { readonly inputs: infer In }
      ? Entered<X, In>
      : W extends { readonly rule: infer R extends Rule }
        ? IsArray<X> extends true
          ? Possible<Outcome<R, ShapeOfArray<X>>, X>
          : X
        : X;

/** `In` has shapes: one, or lists and records of them. What is in another form than the inputs is left to run time. */
type Entered<X, In> =
  IsArray<X> extends true
    ? In extends Shape
      ? Possible<Entrance<ShapeOfArray<X>, In>, X>
      : In extends readonly unknown[]
        ? number extends In["length"]
          ? X
          : In["length"] extends 1
            ? X
            : `the model has ${In["length"]} inputs, received one array`
        : X
    : In extends Shape
      ? X
      : X extends readonly unknown[]
        ? In extends readonly unknown[]
          ? number extends X["length"] | In["length"]
            ? X
            : X["length"] extends In["length"]
              ? EachEntered<X, In>
              : `the model has ${In["length"]} inputs, received ${X["length"]}`
          : X
        : In extends readonly unknown[]
          ? X
          : [Exclude<keyof In, keyof X>] extends [never]
            ? EachEntered<X, In>
            : `missing data for input "${Exclude<keyof In, keyof X> & string}"`;
type EachEntered<X, In> = {
  readonly [K in keyof X]: K extends keyof In ? Entered<X[K], In[K]> : `there is no input "${K & string}"`;
};

/** What a data set, or another thing that gives batches, has for the inputs in each of them. */
type InputsOf<Batch> = Batch extends { readonly x: infer X }
  ? X
  : IsArray<Batch> extends true
    ? Batch
    : Batch extends readonly [infer X, ...unknown[]]
      ? X
      : Batch extends readonly unknown[]
        ? unknown
        : Batch;

/** The sentences among what `Given` has made of data. */
type Sentences<G> = G extends string
  ? G
  : G extends readonly unknown[]
    ? Sentences<G[number]>
    : G extends Tensor | NdArray
      ? never
      : G extends object
        ? { [K in keyof G]: G[K] extends string ? G[K] : never }[keyof G]
        : never;

type Checked<W extends Wants, X> = IsWide<X> extends true ? X : Looked<W, X>;
type Looked<W extends Wants, X> =
  X extends AsyncIterable<infer Batch>
    ? Sentences<Given<W, InputsOf<Batch>>> | Sentences<TargetsOf<W["outputs"], Batch>> extends infer Sentence
      ? [Sentence] extends [never]
        ? X
        : Sentence
      : never
    : X extends { readonly x: infer Inputs }
      ? {
          readonly [K in keyof X]: K extends "x"
            ? Given<W, Inputs>
            : K extends "y"
              ? TargetsOf<W["outputs"], X>
              : K extends keyof Examples
                ? X[K]
                : "examples have x, y and sampleWeight";
        }
      : Given<W, X>;

/** The first argument of `fit` and `evaluate`: what can be fed to the model, or sentences why it cannot. */
export type Fitting<W extends Wants, X> = Checked<W, X> extends infer Found extends string | object ? Found : X;
/** Data for the inputs alone. */
export type Entering<W extends Wants, X> = (IsWide<X> extends true ? X : Read<W, X>) extends infer Found extends
  | string
  | object
  ? Found
  : X;
type Read<W extends Wants, X> = X extends AsyncIterable<unknown> ? Looked<W, X> : Given<W, X>;

/** What `fit` can validate on. */
export type Held = Examples | BatchSource;

/** The options of `fit`, with data to validate on that the model can be fed as well, else with sentences in their place. */
export interface Fit<W extends Wants, V> extends FitSettings {
  readonly validationData?: Fitting<W, V> | undefined;
}

/** How many examples an array has. */
type CountOf<X> =
  IsArray<X> extends true ? (ShapeOfArray<X> extends readonly [infer N, ...unknown[]] ? N : number) : number;

/** Targets for inputs `X` of a model that gives `Out`: of as many examples, for all outputs that it has, and no other. */
export type Targets<Out, X, Y> = (IsWide<Y> extends true ? Y : MatchingTargets<Out, X, Y>) extends infer Found extends
  | string
  | object
  ? Found
  : Y;
/** The targets of examples, or of a batch. */
type TargetsOf<Out, Batch> = Batch extends { readonly x: infer X; readonly y: infer Y } ? Targets<Out, X, Y> : never;
type MatchingTargets<Out, X, Y> =
  IsArray<Y> extends true
    ? number extends CountOf<X> | CountOf<Y>
      ? Y
      : CountOf<X> extends CountOf<Y>
        ? Y
        : `there are ${CountOf<X> & number} examples in x, and ${CountOf<Y> & number} in y`
    : Out extends Shape
      ? Y
      : Out extends readonly unknown[]
        ? Y
        : unknown extends Out
          ? Y
          : [Exclude<keyof Y, keyof Out>] extends [never]
            ? [Exclude<keyof Out, keyof Y>] extends [never]
              ? Y
              : `there are no targets for output "${Exclude<keyof Out, keyof Y> & string}"`
            : { readonly [K in keyof Y]: K extends keyof Out ? Y[K] : `the model has no output "${K & string}"` };

/** The names by which `compile` knows the outputs of shapes `Out`; string where types do not tell. */
export type OutputNames<Out> = unknown extends Out
  ? string
  : Out extends Shape
    ? "output"
    : Out extends readonly unknown[] | Masked<unknown>
      ? string
      : { [K in keyof Out]: Out[K] extends Shape | Masked<unknown> ? K & string : string }[keyof Out];

/**
 * The second argument of `fit` and `evaluate`: options, or targets, which data sets and examples have in them already (and the
 * editor then proposes options alone).
 */
export type Second<Options, Out, X, Y> = [X] extends [AsyncIterable<unknown> | { readonly x: unknown }]
  ? Options
  : Options | Targets<Out, X, Y>;
