import type { Shape } from "../base/shape.ts";
import { type HostExamples, isNdArray } from "../data/index.ts";
import {
  type AnyLayer,
  buildOn,
  isSymbolic,
  leavesOf,
  type MaskedStructure,
  mapStructure,
  type OutputShape,
  placesOf,
  type SymbolicTensor,
  valuesOf,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";

// What shapes a model's outputs have, before it has computed any.

/** Those of a graph. */
export const graphShapes = (outputs: MaskedStructure<SymbolicTensor>): readonly OutputShape[] =>
  placesOf(outputs, isSymbolic).map(([, output]) => valuesOf(output).shape);

/** The shapes that a model without a graph gave. */
export interface Made {
  /** The shapes of the outputs for such data; undefined for others than it was made on. */
  readonly shapesFor: (x: HostExamples["x"]) => readonly OutputShape[] | undefined;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const sizesIn = (x: HostExamples["x"]): string =>
  JSON.stringify(leavesOf(x, isNdArray).map(({ shape }) => shape.slice(1)));
const open = (shape: Shape): OutputShape => shape.map((size, axis) => (axis === 0 ? null : size));

/** Calls a model as on these examples, which makes its Variables. */
export function madeOn(model: unknown, { x, length }: HostExamples): Made {
  const rows = Math.min(length, 32);
  const outputs = buildOn(
    model as AnyLayer, // models are layers; their own types of Variables do not matter
    mapStructure(x, isNdArray, ({ shape, dtype }) => ({ shape: [rows, ...shape.slice(1)], dtype })),
  );
  const shapes = placesOf(outputs, isTensor).map(([, output]) => open(valuesOf(output).shape));
  const sizes = sizesIn(x);
  return { shapesFor: (others) => (sizesIn(others) === sizes ? shapes : undefined) };
}
