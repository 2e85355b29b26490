import { ArgumentError } from "../base/errors.ts";
import { tensor } from "./create.ts";
import type { Tensor } from "./tensor.ts";

/** The Bessel function I₀ as its series, for windows; `x` up to some hundreds. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** Kaiser's window of `size` points: the larger `beta`, the narrower. */
export function kaiser(size: number, beta: number): Tensor<[number], "f32"> {
  if (!(Number.isInteger(size) && size >= 0 && Math.abs(beta) <= 500))
    throw new ArgumentError(`kaiser: expected a number of points and a beta up to 500, received ${size} and ${beta}`);
  const at = (index: number): number => bessel(beta * Math.sqrt(Math.max(0, 1 - ((2 * index) / (size - 1) - 1) ** 2)));
  const values = Float32Array.from({ length: size }, (_, index) => (size === 1 ? 1 : at(index) / bessel(beta)));
  return tensor(values) as Tensor<[number], "f32">;
}
