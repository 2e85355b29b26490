import { ArgumentError, ShapeError, suggest } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import {
  type Inputs,
  isPlain,
  isSymbolic,
  type Layer,
  leavesOf,
  type OpenShape,
  placesOf,
  printOpenShape,
  type Structure,
  type SymbolicTensor,
  valuesOf,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Tells shapes in a structure from lists of shapes. */
export const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => typeof size === "number");

const fits = (expected: OpenShape, shape: Shape): boolean =>
  expected.length === shape.length && expected.every((size, axis) => size === null || size === shape[axis]);

/** Demands that shapes, in the order of the model's inputs, are those that the inputs were declared with. */
export function demandInputs(model: string, inputs: readonly SymbolicTensor[], shapes: readonly Shape[]): void {
  inputs.forEach((input, index) => {
    const shape = shapes[index];
    if (shape === undefined || fits(input.shape, shape)) return;
    throw new ShapeError({
      what: `${model}: the data for input "${input.name}" has another shape than the input was declared with`,
      details: [
        { role: "expected", value: printOpenShape(input.shape) },
        { role: "received", value: printShape(shape) },
      ],
      hint:
        input.shape.length === shape.length + 1
          ? "an axis is missing: the batch (x.expandDims(0)), or the channels (x.expandDims(-1))"
          : "None is any size",
    });
  });
}

/** Demands that no two layers have the same name: names tell Variables apart in files. */
export function demandDistinctNames(model: string, layers: readonly Layer[]): void {
  const names = new Set<string>();
  for (const { name } of layers) {
    if (names.has(name))
      throw new ArgumentError({ what: `${model}: two layers are named "${name}"`, hint: "give one another name" });
    names.add(name);
  }
}

/** Pairs the symbolic inputs of `model` with the tensors given for them, by name where they are named. */
export function bindInputs(
  model: string,
  inputs: Structure<SymbolicTensor>,
  given: Inputs,
): readonly (readonly [SymbolicTensor, Tensor])[] {
  const expected = leavesOf(inputs, isSymbolic);
  const byName = isPlain(given);
  if (byName) {
    // Inputs in records go by their place ("a.b"), others by the names that input() was given.
    const places = placesOf(inputs, isSymbolic);
    const names = places.map(([place, tensor]) => (isPlain(inputs) ? place : valuesOf(tensor).name));
    const found = new Map(placesOf(given, isTensor).map(([place, value]) => [place, valuesOf(value)]));
    const surplus = [...found.keys()].find((name) => !names.includes(name));
    if (surplus !== undefined)
      throw new ArgumentError({ what: `${model}: there is no input "${surplus}"`, hint: suggest(surplus, names) });
    return names.map((name, index) => {
      const value = found.get(name);
      if (value === undefined) throw missingInput(model, name, [...found.keys()], names);
      return [expected[index]!, value];
    });
  }
  const leaves = placesOf(given, isTensor).map(([, value]) => valuesOf(value));
  if (leaves.length === expected.length) return expected.map((tensor, index) => [tensor, leaves[index]!]);
  throw new ArgumentError({
    what: `${model}: the model has ${expected.length} input${expected.length === 1 ? "" : "s"}, received ${leaves.length}`,
    details: [
      { role: "expected", value: expected.map(({ name, shape }) => `${name} ${printOpenShape(shape)}`).join(", ") },
    ],
    hint: "several inputs are given as a list of arrays (nested lists count as one array: wrap them by ndarray), or by name",
  });
}

const missingInput = (
  model: string,
  name: string,
  given: readonly string[],
  expected: readonly string[],
): ArgumentError =>
  new ArgumentError({
    what: `${model}: missing data for input "${name}"`,
    details: [
      { role: "received", value: given.join(", ") },
      { role: "expected", value: expected.join(", ") },
    ],
  });
