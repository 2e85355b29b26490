import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { type Layer, type OpenShape, printOpenShape, type SymbolicTensor } from "../nn/index.ts";

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
