import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import type { DTypeIn, ShapeIn, TensorLike } from "./like.ts";
import { Tensor } from "./tensor.ts";

// Free functions of tensors are functions of symbolic tensors too: those record the call as a layer of their graph. What
// a symbolic tensor is, is known above; here it is something that can be asked to record.

/** Under this name a symbolic tensor has the function that records calls. */
export const recorder: unique symbol = Symbol("recorder");

/** Any function: its parameters are contravariant. */
export type AnyFunction = (...given: never[]) => unknown;

/** The key of what symbolic tensors carry in types alone: their shape. */
export declare const sizes: unique symbol;
/** Likewise: what stands for a tensor of any shape. */
export declare const standing: unique symbol;

/** What stands for a tensor, as a function of its shape in types: `tensor` is written in terms of `this["shape"]`. */
export interface Standing {
  readonly shape: unknown;
  readonly tensor: unknown;
}

/** What stands for a tensor of shape `S` in a graph that is being made. */
export interface Recording<out S extends Shape = Shape> {
  readonly [sizes]: S;
  readonly [standing]: Standing;
  /** Records the call and gives what it returns, with recordings in place of tensors. */
  readonly [recorder]: (call: AnyFunction, given: readonly unknown[]) => unknown;
}

/** What functions take: tensors and what tensors are made of, or recordings. */
export type Operand = TensorLike | Recording;
/** Tensors, or recordings. */
export type Placed = Tensor | Recording;

/**
 * What a function gives for operands `X` (one, or a union of several): a tensor of shape `S` and element type `D`, or what stands
 * for it where one of them is a recording.
 */
export type Made<X, S extends Shape = ShapeIn<X>, D extends DType = DTypeIn<X>> = [X] extends [TensorLike]
  ? Tensor<S, D>
  : Extract<X, Recording> extends { readonly [standing]: infer K extends Standing }
    ? (K & { readonly shape: S })["tensor"]
    : Tensor<S, D>;

/** A tensor on `node`; the types of the function that returns it say of which shape, and in which form. */
export const made = <T>(node: Node): T => new Tensor(node) as T;

const names = new WeakMap<AnyFunction, string>();

/** `call`, which hands itself to the first symbolic tensor among its arguments; `name` is what it is exported as. */
/* @__NO_SIDE_EFFECTS__ */
export function recorded<F extends AnyFunction>(name: string, call: F): F {
  const either = (...given: readonly unknown[]): unknown => {
    const recording = recordingIn(given, 2);
    return recording === undefined ? call(...(given as never[])) : recording[recorder](either, given); // as F takes them
  };
  names.set(either, name);
  return either as unknown as F; // it takes and gives the same
}

/** The name of a function that `recorded` made, by which files name it; undefined for any other value. */
export const nameOf = (value: unknown): string | undefined =>
  typeof value === "function" ? names.get(value as AnyFunction) : undefined;

/** Was made by `recorded`: the functions that files can name. */
export const isRecorded = (value: unknown): value is AnyFunction => nameOf(value) !== undefined;

/** The first recording among arguments, in lists and in options; numbers are not looked through. */
function recordingIn(values: readonly unknown[], depth: number): Recording | undefined {
  for (const value of values) {
    if (typeof value !== "object" || value === null || "node" in value) continue;
    if (recorder in value) return value as Recording;
    if (depth === 0 || ArrayBuffer.isView(value)) continue;
    const inside = Array.isArray(value) ? (typeof value[0] === "number" ? [] : value) : Object.values(value);
    const found = recordingIn(inside, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
