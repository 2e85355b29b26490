// For tests: tensors with known values, and the reference's values of nodes made from them.
import { type DType, InternalError, type Shape } from "../base/index.ts";
import { build, type Node } from "../graph/index.ts";
import { evaluate, type HostArray, hostArray } from "../reference/index.ts";

const bindings = new Map<Node, HostArray>();

/** An input node that stands for `data` in `run`. */
export function tensor(data: readonly number[], shape: Shape = [data.length], dtype: DType = "f32", name = "x"): Node {
  const node = build.input(name, shape, dtype);
  bindings.set(node, hostArray(shape, dtype, data));
  return node;
}

/** An input node without values, for shapes and errors. */
export const shaped = (shape: Shape, dtype: DType = "f32", name = "x"): Node => build.input(name, shape, dtype);

/** The values of `node`, row by row. */
export const run = (node: Node): number[] => [...evaluate([node], bindings)[0]!.data];

/** Throws unless all numbers are equal up to `tolerance`, relative to the expected number (absolute below 1e-6). */
export function assertClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  if (actual.length !== expected.length)
    throw new InternalError(`${actual.length} elements, expected ${expected.length}`);
  actual.forEach((value, index) => {
    const wanted = expected[index]!;
    const distance = Math.abs(value - wanted);
    const close =
      Object.is(value, wanted) || value === wanted || distance <= tolerance * Math.max(1e-6, Math.abs(wanted));
    if (!close) throw new InternalError(`element ${index}: ${value}, expected ${wanted}`);
  });
}

/** The error that `body` throws, as it is printed. */
export function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return String(error);
  }
  throw new InternalError("nothing was thrown");
}
