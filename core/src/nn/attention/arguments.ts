import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { printShape, type Shape } from "../../base/shape.ts";
import { scopeNow } from "../../graph/node.ts";
import { Tensor } from "../../tensor/index.ts";
import { floating } from "../floating.ts";
import type { Inputs } from "../layer.ts";
import { Masked, maskOf, valuesOf } from "../masked.ts";
import type { Structure } from "../structure.ts";

/**
 * What attention layers take: one sequence that attends to itself; or a query [batch, time, features], the values
 * [batch, source, features] that it looks at, and the keys by which it finds them (the values, when not given).
 */
export type AttentionInput<T> =
  | T
  | Masked<T>
  | readonly [query: T | Masked<T>, value: T | Masked<T>, key?: T | Masked<T>]
  | {
      readonly query: T | Masked<T>;
      readonly value: T | Masked<T>;
      readonly key?: T | Masked<T>;
      /** [batch, time, source], or with an axis of heads after the batch: where it is false, nothing is seen. */
      readonly attentionMask?: T;
    };

/** The arguments by name. */
export interface Parts<T> {
  readonly query: T | Masked<T>;
  readonly value: T | Masked<T>;
  readonly key: T | Masked<T>;
  readonly attentionMask: T | undefined;
}

/** The arguments of an attention layer, in whichever form they were given. `isOne` tells a value from a list of them. */
function partsOf<T>(given: AttentionInput<T>, isOne: (value: unknown) => boolean): Parts<T> {
  if (given instanceof Masked || isOne(given)) {
    const alone = given as T | Masked<T>;
    return { query: alone, value: alone, key: alone, attentionMask: undefined };
  }
  const named = Array.isArray(given)
    ? { query: given[0], value: given[1], key: given[2] }
    : (given as Partial<Parts<T>>);
  const { query, value, key = value } = named;
  if (query === undefined || value === undefined || (Array.isArray(given) && given.length > 3)) {
    throw new ArgumentError({
      what: `${scopeNow()}: expected a query and a value, and perhaps a key`,
      hint: "call it on [query, value], on { query, value, key, attentionMask }, or on one sequence alone",
    });
  }
  return { query, value, key: key!, attentionMask: "attentionMask" in named ? named.attentionMask : undefined };
}

const isShape = (value: unknown): boolean => Array.isArray(value) && value.every((size) => typeof size === "number");

/** Shapes of the arguments; the sizes that must agree are checked. */
export function shapesOf(given: Structure<Shape>): { query: Shape; value: Shape; key: Shape } {
  const { query, value, key } = partsOf<Shape>(given as AttentionInput<Shape>, isShape) as Parts<Shape> & {
    query: Shape; // masks have been taken off
    value: Shape;
    key: Shape;
  };
  const fits =
    [query, value, key].every((shape) => shape.length === query.length && shape.length >= 3) &&
    query[0] === value[0] &&
    value.slice(0, -1).join() === key.slice(0, -1).join();
  if (fits) return { query, value, key };
  throw new ShapeError({
    what: `${scopeNow()}: query, value and key do not fit each other`,
    details: [
      { role: "query", value: printShape(query) },
      { role: "value", value: printShape(value) },
      { role: "key", value: printShape(key) },
    ],
    hint: "query is [batch, time, features], value and key are [batch, source, features]",
  });
}

/** What an attention layer is called on, as floats, and what may be seen. */
export interface AttentionArguments {
  readonly query: Tensor;
  readonly value: Tensor;
  readonly key: Tensor;
  /** bool: which query may see which source, as the caller gave it. */
  readonly attentionMask: Tensor | undefined;
  /** bool [batch, source]: the masks of value and key, each once. */
  readonly sourceMasks: readonly Tensor[];
  /** The query's own mask, which is that of the result. */
  readonly queryMask: Tensor | undefined;
}

/** The tensors that an attention layer is called on; `shapesOf` has refused everything else. */
export function argumentsOf(given: Inputs): AttentionArguments {
  const parts = partsOf<Tensor>(given as AttentionInput<Tensor>, (value) => value instanceof Tensor);
  const { query, value, key, attentionMask } = parts;
  // Values and keys are often the same sequence, with the same mask.
  const sources = [...new Set([maskOf(value), maskOf(key)])].filter((mask) => mask !== undefined);
  return {
    query: floating(valuesOf(query)),
    value: floating(valuesOf(value)),
    key: floating(valuesOf(key)),
    attentionMask: attentionMask?.cast("bool") as Tensor | undefined,
    sourceMasks: sources.map((mask): Tensor => mask.cast("bool") as Tensor),
    queryMask: maskOf(query)?.cast("bool") as Tensor | undefined,
  };
}

/** All of the masks at once; undefined without any. */
export const allOf = (masks: readonly Tensor[]): Tensor | undefined =>
  masks.length === 0 ? undefined : masks.reduce((all, mask): Tensor => all.logicalAnd(mask));
