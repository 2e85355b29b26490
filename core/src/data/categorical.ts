import { ArgumentError } from "../base/errors.ts";
import { NdArray, type Nested, type NumberArray, ndarray } from "./ndarray.ts";

/**
 * Class numbers as rows of a one and zeros, f32: [...examples] → [...examples, classes]; a last axis of one is left out first. `classes`
 * is one more than the largest number when it is not given. Throws an ArgumentError for what is no class. (Keras: to_categorical.)
 */
export function toCategorical(labels: NdArray | Nested | NumberArray, classes?: number): NdArray {
  const given = labels instanceof NdArray ? labels : ndarray(labels);
  const shape = given.shape.length > 1 && given.shape.at(-1) === 1 ? given.shape.slice(0, -1) : given.shape;
  const numbers = Float64Array.from(given.data);
  const count = classes ?? numbers.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  const wrong = numbers.find((label) => !Number.isInteger(label) || label < 0 || label >= count);
  if (wrong !== undefined)
    throw new ArgumentError({
      what: `toCategorical: ${wrong} is no class from 0 to ${count - 1}`,
      hint: "classes are whole numbers from 0",
    });
  const rows = new Float32Array(numbers.length * count);
  numbers.forEach((label, row) => {
    rows[row * count + label] = 1;
  });
  return new NdArray(rows, [...shape, count]);
}
