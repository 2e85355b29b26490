import type { TensorLike } from "./like.ts";
import type { Tensor } from "./tensor.ts";

// Free functions of tensors are functions of symbolic tensors too: those record the call as a layer of their graph. What
// a symbolic tensor is, is known above; here it is something that can be asked to record.

/** Under this name a symbolic tensor has the function that records calls. */
export const recorder: unique symbol = Symbol("recorder");

/** Any function: its parameters are contravariant. */
export type AnyFunction = (...given: never[]) => unknown;

/** What stands for tensors in a graph that is being made. `R` is what stands for a tensor in the results. */
export interface Recording<R = unknown> {
  /** Records the call and gives what it returns, with an R in place of each tensor. */
  readonly [recorder]: (call: AnyFunction, given: readonly unknown[]) => R;
}

/** A result with an R in place of each tensor. */
type Recordings<X, R> = X extends Tensor
  ? R
  : X extends readonly unknown[]
    ? readonly R[]
    : X extends object
      ? { readonly [K in keyof X]: Recordings<X[K], R> }
      : X;
/** A parameter that may be, or hold, a recording where it takes tensors. */
type Open<P, R> = Tensor extends P
  ? P | Recording<R>
  : P extends readonly TensorLike[]
    ? readonly (TensorLike | Recording<R>)[]
    : P extends object
      ? { readonly [K in keyof P]: Open<P[K], R> }
      : P;
type OpenAll<P, R> = { readonly [K in keyof P]: Open<P[K], R> };
/** A parameter that is a recording, or a list of them: from it R is inferred. */
type Required<P, R> = Tensor extends P
  ? Recording<R>
  : P extends readonly TensorLike[]
    ? readonly Recording<R>[]
    : never;
type Tail<P extends readonly unknown[]> = P extends readonly [unknown, ...infer T]
  ? T
  : P extends readonly [unknown?, ...infer T]
    ? T
    : P;

type First<F extends AnyFunction> = <R>(
  x: Required<Parameters<F>[0], R>,
  ...rest: OpenAll<Tail<Parameters<F>>, R>
) => Recordings<ReturnType<F>, R>;
type Second<F extends AnyFunction> = [Required<Parameters<F>[1], unknown>] extends [never]
  ? unknown
  : <R>(
      x: Open<Parameters<F>[0], R>,
      y: Required<Parameters<F>[1], R>,
      ...rest: OpenAll<Tail<Tail<Parameters<F>>>, R>
    ) => Recordings<ReturnType<F>, R>;

/** F, also of symbolic tensors in its first or second argument. */
export type Recorded<F extends AnyFunction> = F & First<F> & Second<F>;

const names = new WeakMap<AnyFunction, string>();

/** `call`, which hands itself to the first symbolic tensor among its arguments; `name` is what it is exported as. */
export function recorded<F extends AnyFunction>(name: string, call: F): Recorded<F> {
  const either = (...given: readonly unknown[]): unknown => {
    const recording = recordingIn(given, 2);
    return recording === undefined ? call(...(given as never[])) : recording[recorder](either, given); // as F takes them
  };
  names.set(either, name);
  return either as unknown as Recorded<F>; // both of its kinds of arguments
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
