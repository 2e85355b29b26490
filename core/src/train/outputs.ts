import { DataError } from "../base/errors.ts";
import {
  alongValues,
  isPlain,
  isSymbolic,
  type MaskedStructure,
  maskOf,
  placesOf,
  type Structure,
  type SymbolicTensor,
  valuesOf,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The names of a model's outputs: "output" for the only one, places of records, else the names of the layers. */
export function outputNames(outputs: MaskedStructure<SymbolicTensor>): readonly string[] {
  const places = placesOf(outputs, isSymbolic);
  if (places.length === 1 && places[0]![0] === "") return ["output"];
  return distinct(places.map(([place, output]) => (isPlain(outputs) ? place : valuesOf(output).name)));
}

/** A layer that gives several outputs names them all: the second is `name_1`. */
const distinct = (names: readonly string[]): readonly string[] =>
  names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name}_${before}`;
  });

/** What a model gave for one output: its values, and which of them count. */
export interface Output {
  readonly values: Tensor;
  readonly mask: Tensor | undefined;
}

/** The outputs in order, each with its mask. */
export const outputsOf = (yPred: MaskedStructure<Tensor>): readonly Output[] =>
  placesOf(yPred, isTensor).map(([, output]) => ({ values: valuesOf(output), mask: maskOf(output) }));

/** The weights of an output's values in a metric: its mask, times the weights of the examples. */
export function weightsOf({ mask }: Output, weights?: Tensor): Tensor | undefined {
  if (mask === undefined) return weights;
  const counting = mask.cast("f32");
  return weights === undefined ? counting : (counting.mul(alongValues(weights.cast("f32"), counting)) as Tensor);
}

/** The weights of each output's values: the same for all, or those that stand for it in a list or a record. */
export function weightsByOutput(
  weights: Structure<Tensor> | undefined,
  names: readonly string[],
): readonly (Tensor | undefined)[] {
  if (weights === undefined || isTensor(weights)) return names.map(() => weights);
  const named = isPlain(weights);
  const places = new Map(placesOf(weights, isTensor).map(([place, value]) => [place, valuesOf(value)]));
  const surplus = [...places.keys()].find((place) => named && !names.includes(place));
  if (surplus !== undefined || (!named && places.size !== names.length)) {
    throw new DataError({
      what:
        surplus === undefined
          ? `there are sample weights for ${places.size} outputs, and the model has ${names.length}`
          : `there are sample weights for "${surplus}", which is no output of the model`,
      details: [{ role: "outputs", value: names.join(", ") }],
      hint: "give one array for all outputs, or one an output in the form of the targets",
    });
  }
  return names.map((name, index) => places.get(named ? name : String(index)));
}
