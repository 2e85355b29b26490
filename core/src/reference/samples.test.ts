import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeOf } from "../base/shape.ts";
import { ops } from "../graph/primitives.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { reachable } from "../graph/walk.ts";
import { hostArray, rounded, roundTo } from "./hostArray.ts";
import { interpret } from "./interpret.ts";
import { assertClose, conformanceSamples, joinSamples } from "./samples.ts";

const rows = conformanceSamples();
const count = rows.reduce((sum, row) => sum + row.samples.length, 0);
console.log(`conformance table: ${ops.length} primitives, ${rows.length} rows, ${count} samples`);

for (const op of ops) {
  test(`the samples of ${op} verify and interpret`, () => {
    const own = rows.filter((row) => row.op === op);
    assert.ok(own.length > 0);
    for (const { dtype, samples } of own) {
      assert.ok(samples.length > 0);
      assert.equal(new Set(samples.map(({ name }) => name)).size, samples.length, `${op} ${dtype}: names repeat`);
      for (const { name, graph, inputs, tolerance } of samples) {
        verifyGraph(graph);
        assert.ok(
          reachable(graph.outputs).some((node) => node.op === op),
          `${op} ${dtype} ${name} does not exercise ${op}\n${printGraph(graph)}`,
        );
        for (const { dtype, data } of inputs) assert.deepEqual(data.map(roundTo[dtype]), data);
        const outputs = interpret(graph, inputs);
        outputs.forEach((output, index) => {
          const node = graph.outputs[index]!;
          assert.deepEqual(output.shape, node.shape);
          assert.equal(output.dtype, node.dtype);
          assert.equal(output.data.length, sizeOf(node.shape));
          assertClose(rounded(output), output, tolerance, `${op} ${dtype} ${name}: rounded`);
        });
      }
    }
  });
}

test("the table is the same in every process", () => {
  const values = (): unknown => conformanceSamples().map(({ samples }) => samples.map(({ inputs }) => inputs));
  assert.deepEqual(values(), values());
});

test("joined samples give what each gives alone", () => {
  for (const { samples } of rows.filter(({ op }) => op === "scan" || op === "reduce")) {
    const { graph, inputs, owners } = joinSamples(samples);
    verifyGraph(graph);
    const apart = samples.flatMap((sample) => interpret(sample.graph, sample.inputs));
    assert.deepEqual(interpret(graph, inputs), apart);
    assert.equal(owners.length, apart.length);
  }
});

const { NaN: nan, Infinity: inf } = globalThis;
const closeness: readonly (readonly [
  actual: number,
  expected: number,
  relative: number,
  absolute: number,
  close: boolean,
])[] = [
  [1, 1, 0, 0, true],
  [1.0000002, 1, 1e-7, 0, false],
  [1.0000001, 1, 2e-7, 0, true],
  [nan, nan, 0, 0, true],
  [nan, 1, 1, 1, false],
  [1, nan, 1, 1, false],
  [inf, inf, 0, 0, true],
  [inf, -inf, 1, 1, false],
  [inf, 1e39, 0, 0, true],
  [1, inf, 1, 1, false],
  [inf, 1e38, 1e-6, 0, false],
  [0, -0, 0, 0, true],
  [Math.fround(1 / 3), 1 / 3, 0, 0, true],
  [0, 1e-46, 0, 0, true],
  [1e-6, 0, 0, 2e-6, true],
];
for (const [actual, expected, relative, absolute, close] of closeness) {
  test(`assertClose: ${actual} ${close ? "is" : "is not"} ${expected} within ${relative} and ${absolute}`, () => {
    const check = () =>
      assertClose(hostArray([], "f32", [actual]), hostArray([], "f32", [expected]), { relative, absolute }, "this");
    if (close) check();
    else assert.throws(check, /this: 1 of 1 elements of f32 \[\] are wrong/);
  });
}

test("assertClose names both types when they differ", () => {
  assert.throws(
    () => assertClose(hostArray([2], "f32", 0), hostArray([3], "f32", 0), { relative: 0, absolute: 0 }, "this"),
    /received f32 \[2\] instead of f32 \[3\]/,
  );
});
