import { sizeOf } from "../base/shape.ts";
import type { TensorType } from "../graph/infer.ts";
import type { Graph } from "../graph/node.ts";
import type { AttrsOf, Op } from "../graph/primitives.ts";
import type { HostArray } from "./hostArray.ts";

/** Evaluates a nested graph: `scan` and `cond` receive it, so that their file need not import the interpreter. */
export type Run = (graph: Graph, inputs: readonly HostArray[]) => readonly HostArray[];

/**
 * The meaning of one primitive: from the values of its inputs to its own. `type` is the result's shape and dtype. Only
 * `scan` and `cond` have several results; their reader, `pick`, receives all of them as inputs.
 */
export type ReferenceRule<K extends Op> = (
  inputs: readonly HostArray[],
  attrs: AttrsOf<K>,
  type: TensorType,
  run: Run,
) => K extends "scan" | "cond" ? readonly HostArray[] : HostArray;

/** The rules of a group of primitives. */
export type ReferenceRules<K extends Op> = { readonly [P in K]: ReferenceRule<P> };

/** An array of the result's type, filled with zeros. */
export const emptyArray = ({ shape, dtype }: TensorType): HostArray => ({
  shape,
  dtype,
  data: new Float64Array(sizeOf(shape)),
});
