import assert from "node:assert/strict";
import { test } from "node:test";
import { gradient } from "../autodiff/index.ts";
import type { DType } from "../base/index.ts";
import type { Node } from "../graph/index.ts";
import { run, tensor } from "./check.ts";
import * as ops from "./index.ts";

// What functions are where several answers could be defended: those of PyTorch, with which trainings are compared. (Where a
// window's maximum is there twice, our derivatives are shared evenly.)

const held = (values: readonly number[], dtype: DType = "f32"): Node => tensor(values, [values.length], dtype);
const infinite = Number.POSITIVE_INFINITY;

/** The function, places, and its derivatives there. */
const corners: Record<string, readonly [(x: Node) => Node, readonly number[], readonly number[]]> = {
  relu: [ops.relu, [0, -1, 1], [0, 0, 1]],
  relu6: [ops.relu6, [0, 6, 3], [0, 0, 1]],
  leakyRelu: [(x) => ops.leakyRelu(x, 0.25), [0, -1, 1], [0.25, 0.25, 1]],
  elu: [(x) => ops.elu(x, 2), [0, 1], [2, 1]],
  selu: [ops.selu, [0, 1], [1.0507009873554805 * 1.6732632423543772, 1.0507009873554805]],
  celu: [(x) => ops.celu(x, 2), [0, 1], [1, 1]],
  hardShrink: [ops.hardShrink, [0.5, -0.5, 1], [0, 0, 1]],
  softShrink: [ops.softShrink, [0.5, -0.5, 1], [0, 0, 1]],
  threshold: [(x) => ops.threshold(x, 1), [1, 2], [0, 1]],
  abs: [ops.abs, [0, -2], [0, -1]],
  norm: [ops.norm, [0, 0], [0, 0]],
  max: [ops.max, [1, 1, 0], [0.5, 0.5, 0]],
  maximum: [(x) => ops.maximum(x, 1), [1, 2], [0.5, 1]],
  clip: [(x) => ops.clip(x, -1, 2), [-2, -1, 0, 2, 3], [0, 1, 1, 1, 0]],
  "clip's lower limit": [(x) => ops.clip(held([-2, -1, 0, 2, 3]), x, 2), [-1, -1, -1, -1, 3], [1, 0, 0, 0, 0]],
  "clip whose limits are the wrong way round": [(x) => ops.clip(held([0, 4]), x, 1), [3, 3], [0, 0]],
  "clip's upper limit": [(x) => ops.clip(held([-2, -1, 0, 2, 3]), -1, x), [2, 2, 2, 2, -2], [0, 0, 0, 0, 1]],
  prod: [ops.prod, [0, 2, 3], [6, 0, 0]],
  "prod of two zeros": [ops.prod, [0, 0, 3], [0, 0, 0]],
  "to the power 0": [(x) => ops.pow(x, 0), [0, 2], [0, 0]],
  "to the power 1.5": [(x) => ops.pow(x, 1.5), [0, 4], [0, 3]],
  sqrt: [ops.sqrt, [0, 4], [infinite, 0.25]],
  std: [ops.std, [1, 1, 1], [0, 0, 0]],
  softplus: [ops.softplus, [1000, -1000], [1, 0]],
  logSumExp: [ops.logSumExp, [-infinite, 0], [0, 1]],
};

for (const [name, [f, places, expected]] of Object.entries(corners)) {
  test(`the derivative of ${name} at its corners`, () => {
    const x = held(places);
    const [slope] = gradient(ops.sum(f(x)), [x]);
    const found = run(slope!);
    found.forEach((value, index) => {
      const wanted = expected[index]!;
      assert.ok(value === wanted || Math.abs(value - wanted) < 1e-6, `at ${places[index]}: ${value}, not ${wanted}`);
    });
  });
}

test("integers to the power of integers wrap, and fractions are dropped", () => {
  const cases: readonly (readonly [number, number])[] = [
    [2, 10],
    [3, 0],
    [0, 0],
    [-2, 3],
    [7, 11],
    [-3, 21],
    [1, -5],
    [-1, -3],
    [-1, -4],
    [5, -1],
    [0, -2],
    [2, 31],
    [2, 40],
    [-1, 2 ** 31 - 1],
  ];
  // Exact, in 32 bits.
  const exact = ([x, y]: readonly [number, number]): number => {
    if (Math.abs(x) === 1) return y % 2 === 0 ? 1 : x;
    return y < 0 ? 0 : Number(BigInt.asIntN(32, BigInt(x) ** BigInt(y)));
  };
  const bases = held(
    cases.map(([x]) => x),
    "i32",
  );
  const exponents = held(
    cases.map(([, y]) => y),
    "i32",
  );
  assert.deepEqual(run(ops.pow(bases, exponents)), cases.map(exact));
  assert.deepEqual(run(ops.pow(2, held([0, 3, 7], "u8"))), [1, 8, 128]);
});

test("shifts to the right divide and round down, also by more places than there are", () => {
  for (const dtype of ["i8", "i32"] as const) {
    const values = [-128, -1, 0, 1, 127];
    for (const places of [0, 1, 7, 31, 32, 100]) {
      const expected = values.map((value) => Math.floor(value / 2 ** places));
      assert.deepEqual(run(ops.shiftRight(held(values, dtype), places)), expected, `${dtype} by ${places}`);
    }
  }
  assert.deepEqual(run(ops.shiftRight(held([2 ** 32 - 1], "u32"), 40)), [0]);
});

test("what is combined over nothing", () => {
  const nothing = tensor([], [2, 0]);
  assert.deepEqual(run(ops.logSumExp(nothing, 1)), [-infinite, -infinite]);
  // Windows of padding alone, beside one that holds an element.
  const x = tensor([5], [1, 1, 1]);
  assert.deepEqual(run(ops.averagePool(x, 1, { strides: 1, padding: [[2, 1]] })), [0, 0, 5, 0]);
  assert.deepEqual(run(ops.averagePool(x, 2, { strides: 1, padding: [[3, 0]] })), [0, 0, 5]);
});

test("rows of nothing have a softmax, which is nothing", () => {
  const none = tensor([], [3, 0]);
  for (const f of [ops.softmax, ops.logSoftmax]) assert.deepEqual([f(none).shape, run(f(none))], [[3, 0], []]);
});
