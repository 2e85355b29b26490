import { type Shape, type Tensor, tensor } from "chainrule";

const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1);

/** Always the same numbers below 2³²: a linear congruential generator (Knuth's MMIX constants would need 64 bits; these are Numerical Recipes'). */
function* numbers(): Generator<number, never> {
  for (let state = 1; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state;
  }
}

/** Values spread evenly over −1 to 1. */
export function uniform(shape: Shape): Tensor {
  const source = numbers();
  const values = Float32Array.from({ length: sizeOf(shape) }, () => source.next().value / 2 ** 31 - 1);
  return tensor(values, { shape });
}

/** Whole numbers from 0 to `classes` − 1. */
export function labels(shape: Shape, classes: number): Tensor {
  const source = numbers();
  // The high bits: the low ones of such a generator repeat soon.
  const values = Int32Array.from({ length: sizeOf(shape) }, () => (source.next().value >>> 16) % classes);
  return tensor(values, { shape });
}
