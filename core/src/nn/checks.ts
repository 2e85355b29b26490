import { ArgumentError, ShapeError } from "../base/errors.ts";
import { demandKind } from "../base/kinds.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { scopeNow } from "../graph/node.ts";
import type { Structure } from "./structure.ts";

/** `value` if it is a positive integer; an ArgumentError that names it otherwise. */
export const positive = (what: string, value: number): number => demandKind(what, value, "count");

/** `value` if it lies in [low, high); an ArgumentError that names it otherwise. */
export function within(what: string, value: number, low: number, high: number): number {
  if (typeof value === "number" && value >= low && value < high) return value;
  throw new ArgumentError(`${what} must be at least ${low} and below ${high}, received ${value}`);
}

/** `value` if it lies in [0, 1). */
export const fraction = (what: string, value: number): number => within(what, value, 0, 1);

/** One number an axis from a number for all, or from a list that must have `rank` entries; of at least `lowest`. */
export function perAxis(
  what: string,
  value: number | readonly number[],
  rank: number,
  lowest: 0 | 1 = 1,
): readonly number[] {
  const values = Array.isArray(value) ? (value as readonly number[]) : new Array<number>(rank).fill(value as number);
  if (values.length !== rank)
    throw new ArgumentError(`${what} takes 1 or ${rank} numbers, received [${values.join(", ")}]`);
  if (lowest === 1) return values.map((entry) => positive(what, entry));
  if (values.every((entry) => Number.isInteger(entry) && entry >= 0)) return values;
  throw new ArgumentError(`${what} must be whole numbers of at least 0, received [${values.join(", ")}]`);
}

/** Demands one tensor, where a layer could also be given a list or record of them. */
export function demandTensor(shape: Structure<Shape>): asserts shape is Shape {
  if (Array.isArray(shape) && shape.every((size) => typeof size === "number")) return;
  throw new ArgumentError({
    what: `${scopeNow()}: expected one tensor, received several`,
    hint: "call it on each of them, or join them first: concatenate([a, b])",
  });
}

const names = ["batch", "features"];

/** Demands a rank: `conv2d: expected 4 axes (batch, height, width, channels), received [32, 784]`. */
export function demandRank(shape: Structure<Shape>, axes: readonly string[], hint?: string): asserts shape is Shape {
  demandTensor(shape);
  if (shape.length === axes.length) return;
  throw new ShapeError({
    what: `${scopeNow()}: expected ${axes.length} axes (${axes.join(", ")}), received ${printShape(shape)}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Demands at least `rank` axes. */
export function demandMinimumRank(shape: Structure<Shape>, rank: number): asserts shape is Shape {
  demandTensor(shape);
  if (shape.length >= rank) return;
  throw new ShapeError({
    what: `${scopeNow()}: expected at least ${rank} axes (${names.slice(0, rank).join(", ")}), received ${printShape(shape)}`,
    hint: "a single example needs a batch axis: x.expandDims(0)",
  });
}

/** Demands the size of the last axis that the layer was built for. */
export const demandLast = (shape: Shape, size: number): void => demandAxis(shape, -1, size);

export type PaddingName = "valid" | "same" | "causal";

/** Demands that a window without padding fits into [batch, ...spatial, channels]. */
export function demandWindow(
  input: Shape,
  window: {
    readonly kernelSize: readonly number[];
    readonly dilationRate?: readonly number[];
    readonly padding: PaddingName;
  },
): void {
  const { kernelSize, dilationRate, padding } = window;
  const spans = kernelSize.map((size, axis) => (size - 1) * (dilationRate?.[axis] ?? 1) + 1);
  if (padding !== "valid" || spans.every((span, axis) => span <= input[axis + 1]!)) return;
  throw new ShapeError({
    what: `${scopeNow()}: a window of ${spans.join("×")} does not fit into ${printShape(input)}`,
    hint: 'the input has become too small: use padding "same", or fewer and smaller windows before',
  });
}

/** `value` if it is finite and at least 0; an ArgumentError that names it otherwise. */
export const notNegative = (what: string, value: number): number => demandKind(what, value, "notNegative");

/** `value` if it is a finite number. */
export const finite = (what: string, value: number): number => demandKind(what, value, "number");

/** Demands that `axis` is there and, where `size` is known, has it. */
export function demandAxis(input: Shape, axis: number, size: number | undefined): void {
  const found = input.at(axis);
  const there = axis >= -input.length && axis < input.length;
  if (there && (size === undefined || found === size)) return;
  throw new ShapeError({
    what: there
      ? `${scopeNow()}: expected axis ${axis} of the input to have size ${size}, received ${printShape(input)}`
      : `${scopeNow()}: the input has no axis ${axis}, received ${printShape(input)}`,
    ...(there ? { hint: `the layer was built for ${size} features; give it such an input, or make a new layer` } : {}),
  });
}

/** Demands that the size of `axis` is a multiple of `groups`. */
export function demandGroups(input: Shape, axis: number, groups: number): void {
  if (input.at(axis)! % groups === 0) return;
  throw new ShapeError({
    what: `${scopeNow()}: ${input.at(axis)} channels cannot be split into ${groups} groups, received ${printShape(input)}`,
    hint: "the number of channels must be a multiple of groups",
  });
}

/** `value` if it is a finite number above 0. */
export function positiveReal(what: string, value: number): number {
  if (typeof value === "number" && value > 0 && Number.isFinite(value)) return value;
  throw new ArgumentError(`${what} must be a number above 0, received ${value}`);
}
