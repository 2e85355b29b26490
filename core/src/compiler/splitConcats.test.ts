import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, input, unary } from "../graph/build.ts";
import { isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { splitConcat } from "./splitConcats.ts";

const parts = (count: number): Node[] =>
  Array.from({ length: count }, (_, i) => input(`x${i}`, [2, 1 + (i % 3)], "f32"));

for (const count of [17, 100, 257, 1000]) {
  test(`${count} operands become concats of at most 16, with the same value`, () => {
    const inputs = parts(count);
    const whole = concat(
      inputs.map((x) => unary("neg", x)),
      1,
    );
    const split = splitConcat(whole)!;
    const widths = reachable([split])
      .filter((node) => isOp(node, "concat"))
      .map((node) => node.inputs.length);
    assert.ok(Math.max(...widths) <= 16);
    assert.ok(widths.length < count);
    const bindings = new Map(
      inputs.map((node, i) => [
        node,
        hostArray(
          node.shape,
          "f32",
          Array.from({ length: node.shape[1]! * 2 }, (_, j) => i + j / 8),
        ),
      ]),
    );
    assert.deepEqual(evaluate([split], bindings), evaluate([whole], bindings));
  });
}

test("few operands stay", () => {
  assert.equal(splitConcat(concat(parts(16), 1)), undefined);
});
