import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { range, type Shape, sizeOf } from "../base/shape.ts";
import { kernelTarget } from "../device/kernel/index.ts";
import { input, reduce } from "../graph/build.ts";
import { isOp } from "../graph/node.ts";
import type { ReduceName } from "../graph/primitives.ts";
import { hostArray } from "../reference/hostArray.ts";
import { interpret } from "../reference/index.ts";
import { assertClose } from "../reference/samples.ts";
import { splitReduction } from "./splitReductions.ts";

const rows: readonly (readonly [Shape, readonly number[], string])[] = [
  [[4096], [0], "all of a vector"],
  [[4099], [0], "a prime number of terms"],
  [[64, 8, 8, 3], [0, 1, 2], "a bias of a convolution"],
  [[1000, 5], [0], "columns"],
  [[3, 2000], [1], "rows"],
  [[7, 3, 211], [0, 2], "two runs of axes"],
  [[2, 40, 50], [0, 1, 2], "everything"],
];

describe("a long reduction goes in two stages", () => {
  for (const [shape, axes, name] of rows) {
    for (const operation of ["sum", "max", "min", "prod"] as const satisfies readonly ReduceName[]) {
      test(`${name}, ${operation}`, () => {
        const x = input("x", shape, "f32");
        const values = hostArray(
          shape,
          "f32",
          range(sizeOf(shape)).map((index) => 1 + ((index * 7919) % 101) / (operation === "prod" ? 1e5 : 100)),
        );
        const node = reduce(operation, x, axes);
        const split = splitReduction(node, kernelTarget);
        assert.ok(split !== undefined && isOp(split, "reduce") && isOp(split.inputs[0]!, "reduce"));
        const [expected, actual] = interpret({ inputs: [x], outputs: [node, split] }, [values]);
        assertClose(actual!, expected!, { relative: 1e-12, absolute: 0 }, name);
      });
    }
  }
});

test("short reductions, and those with many results, stay", () => {
  const stay = (shape: Shape, axes: readonly number[]): void =>
    assert.equal(splitReduction(reduce("sum", input("x", shape, "f32"), axes), kernelTarget), undefined);
  stay([100], [0]);
  stay([2000, 10], [1]);
  stay([10, 2000], [0]);
});

test("the chunks do not depend on the number of threads", () => {
  const x = reduce("sum", input("x", [4096], "f32"), [0]);
  const shapes = [1, 2, 64].map((threads) => splitReduction(x, { ...kernelTarget, threads })!.inputs[0]!.shape);
  assert.deepEqual(shapes[0], shapes[1]);
  assert.deepEqual(shapes[0], shapes[2]);
});
