import { isPlain, type Structure } from "../nn/structure.ts";
import { Tensor } from "../tensor/index.ts";
import type { Eventual } from "./eventual.ts";
import { type DataLike, type Examples, isDataLike } from "./examples.ts";
import { NdArray } from "./ndarray.ts";
import type { Plan } from "./plan.ts";
import { type Elements, fromGenerator, fromIterable } from "./stages/source.ts";

/** One batch, as data sets and generators give it: `{ x, y, sampleWeight }`, `[x, y]`, `[x, y, sampleWeight]`, or x alone. */
export type BatchLike = Examples | Structure<DataLike>;

/** What gives batches: a Dataset, anything else that can be gone through, or a function that makes it for each pass. */
export type BatchSource =
  | { readonly plan: Plan<BatchLike> }
  | AsyncIterable<BatchLike>
  | (Iterable<BatchLike> & { next(): unknown })
  | (() => Eventual<Elements<BatchLike>>);

const hasPlan = (value: unknown): value is { readonly plan: Plan<BatchLike> } =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as { plan?: Partial<Plan<unknown>> }).plan?.open === "function";

/** Tells what gives batches from arrays of examples. */
export function isBatchSource(value: unknown): value is BatchSource {
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null || value instanceof Tensor) return false;
  return hasPlan(value) || Symbol.asyncIterator in value || (Symbol.iterator in value && "next" in value);
}

/** How the batches are made. */
export function planOf(source: BatchSource): Plan<BatchLike> {
  if (hasPlan(source)) return source.plan;
  if (typeof source === "function") return fromGenerator(source, { name: source.name || "generator" });
  return fromIterable(source);
}

/** The parts of a batch. As in Keras, lists are inputs, targets and weights in this order; several inputs are a list in it. */
export function examplesOf(batch: BatchLike): Examples {
  if (isParts(batch)) {
    const [x, y, sampleWeight] = batch as readonly Structure<DataLike>[];
    return { x: x as Structure<DataLike>, y, sampleWeight }; // there is a first one
  }
  if (isPlain(batch) && !(batch instanceof NdArray) && "x" in batch) return batch as Examples;
  return { x: batch as Structure<DataLike> };
}

/** Tells lists of parts from lists that are one array: of numbers, or of texts. */
const isParts = (batch: BatchLike): boolean =>
  Array.isArray(batch) &&
  batch.length > 0 &&
  batch.some((part) => typeof part === "object" && part !== null && !(Array.isArray(part) && isDataLike(part)));
