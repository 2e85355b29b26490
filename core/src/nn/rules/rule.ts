import type { Shape } from "../../base/shape.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Possible } from "../../tensor/types.ts";
import type { CallContext } from "../context.ts";
import type { Masked } from "../masked.ts";
import type { MaskedStructure, Structure } from "../structure.ts";
import type { SymbolicTensor, sizes } from "../symbolic.ts";

// What layers make of shapes, in types. A rule is a function of types: an interface whose `out` is written in terms of
// `this["in"]`. Layers made by the factories carry one, and what they are called on is put through it.

/**
 * `in` is what the layer is given, with shapes in place of tensors: a shape, a Masked one, lists and records of them;
 * `unknown` where nothing is known of its form. `out` is the same for what it gives, or a sentence why it gives nothing.
 */
export interface Rule {
  readonly in: unknown;
  readonly out: unknown;
  /** What becomes of a mask: as in a class's `masking`; `end`: it is taken into account and ends here. */
  readonly masks: "refuse" | "keep" | "end" | "own";
}

/** A rule of layers that cannot take masks into account. */
export interface Refuses extends Rule {
  readonly masks: "refuse";
}
/** A rule of layers whose result has the mask of their one input. */
export interface Keeps extends Rule {
  readonly masks: "keep";
}
/** A rule of layers at which masks end. */
export interface Ends extends Rule {
  readonly masks: "end";
}
/** A rule that says itself what becomes of masks. */
export interface Owns extends Rule {
  readonly masks: "own";
}

/** What a rule makes of shapes, whatever their masks. */
export type Apply<R extends Rule, In> = (R & { readonly in: In })["out"];

/** What a rule makes of what a layer is given, masks among it. */
export type Outcome<R extends Rule, In> =
  In extends Masked<infer S>
    ? R["masks"] extends "keep"
      ? WithMask<Apply<R, S>>
      : R["masks"] extends "end"
        ? Apply<R, S>
        : R["masks"] extends "own"
          ? Apply<R, In>
          : "the layer cannot take the input's mask into account: layers.dropMask()(x) drops it"
    : Apply<R, In>;
type WithMask<Out> = Out extends Shape ? Masked<Out> : Out;

declare const rule: unique symbol;

/** How a layer with a rule can be called: on tensors, and on the symbolic tensors of functional models. */
export interface Application<R extends Rule> extends Carrying<R> {
  <const X extends TensorStructure>(x: Admitted<R, X>, context?: CallContext): Result<R, X>;
}
/** What has a rule. */
export interface Carrying<R extends Rule> {
  /** Only in types. */
  readonly [rule]: Carried<R>;
}
/** A rule to read, which does not count when types are compared: a layer with any rule is a layer. */
// biome-ignore lint/correctness/noUnusedVariables: it is inferred.
interface Carried<R extends Rule> {
  readonly carried?: never;
}
type TensorStructure = MaskedStructure<SymbolicTensor> | MaskedStructure<Tensor>;

/** A layer of class `L` that makes of shapes what the rule says. */
export type Shaped<L, R extends Rule> = L & Application<R>;

/** The rule of a layer; of one without a rule, such as a user's own, nothing is known. */
export type RuleOf<L> = L extends { readonly [rule]: Carried<infer R> } ? R : Gradual;
/** Any shapes. */
export interface Gradual extends Keeps {
  readonly out: Shape;
}

/** `X` where the layer can be called on it, else the sentence why not, which no tensor is. */
export type Admitted<R extends Rule, X> = Possible<Outcome<R, ShapesOf<X>>, X>;

/** What a layer gives for `X`; one tensor, as `Layer` has it, where the form of `X` is not known, and anything for anything. */
export type Result<R extends Rule, X> = 0 extends 1 & X
  ? X
  : Structure<SymbolicTensor> extends X
    ? SymbolicTensor
    : Structure<Tensor> extends X
      ? Tensor
      : X extends unknown
        ? TensorsOf<Kind<X>, Outcome<R, ShapesOf<X>>>
        : never;

/** A structure with shapes in place of its tensors; `unknown` where its form is not known. */
export type ShapesOf<X> =
  Structure<SymbolicTensor> extends X ? unknown : Structure<Tensor> extends X ? unknown : KnownShapes<X>;
type KnownShapes<X> = X extends { readonly [sizes]: infer S }
  ? S
  : X extends Tensor
    ? X["shape"]
    : X extends Masked<infer T>
      ? Masked<ShapesOf<T>>
      : { readonly [K in keyof X]: ShapesOf<X[K]> };

/** Whether the tensors of a structure are symbolic. */
type Kind<X> =
  Structure<SymbolicTensor> extends X
    ? "symbolic"
    : Structure<Tensor> extends X
      ? "real"
      : X extends { readonly [sizes]: unknown }
        ? "symbolic"
        : X extends Tensor
          ? "real"
          : X extends Masked<infer T>
            ? Kind<T>
            : X extends readonly (infer E)[]
              ? Kind<E>
              : Kind<X[keyof X]>;

/** Symbolic or real tensors with these shapes. */
export type TensorsOf<K, Out> = Out extends Shape
  ? K extends "symbolic"
    ? SymbolicTensor<Out>
    : Tensor<Out>
  : Out extends Masked<infer S>
    ? Masked<TensorsOf<K, S>>
    : Out extends string
      ? never
      : { readonly [P in keyof Out]: TensorsOf<K, Out[P]> };
