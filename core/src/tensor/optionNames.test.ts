import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice } from "../device/index.ts";
import { conv, logSumExp, maxPool, softmax, sort, sum, tensor, variance, zeros } from "./index.ts";

before(() => setDevice("reference"));

/** A call as JavaScript allows it. */
const call = (given: unknown, ...values: readonly unknown[]): unknown =>
  (given as (...all: unknown[]) => unknown)(...values);
const x = () =>
  tensor([
    [1, 2],
    [3, 4],
  ]);

const wrong: readonly (readonly [() => unknown, RegExp])[] = [
  [() => call(sum, x(), 0, { keepdims: true }), /sum: unknown option "keepdims"[\s\S]*did you mean "keepDims"/],
  [() => call(sum, x(), { keepDims: true }), /sum: axes must be a list[\s\S]*after all other arguments/],
  [() => call(sum, x(), 0, true), /sum: options must be an object, received true/],
  [() => x().sum(0, { keepdims: true } as object), /sum: unknown option "keepdims"/],
  [() => x().argmax(0, { keepdims: true } as object), /argmax: unknown option "keepdims"/],
  [() => call(logSumExp, x(), 0, { keepdims: true }), /logSumExp: unknown option "keepdims"/],
  [() => call(softmax, x(), { axis: 0 }), /softmax: axes must be a list/],
  [
    () => call(conv, zeros([1, 4, 4, 1]), zeros([2, 2, 1, 1]), { stride: 2 }),
    /conv: unknown[\s\S]*did you mean "strides"/,
  ],
  [() => call(maxPool, zeros([1, 4, 4, 1]), 2, { stride: 2 }), /maxPool: unknown[\s\S]*did you mean "strides"/],
  [() => call(variance, x(), 0, true), /variance: options must be an object, received true/],
  [() => call(sort, x(), 0, { descend: true }), /did you mean "descending"/],
];

test("options that are misspelt or elsewhere are refused, with the nearest name", () => {
  for (const [given, message] of wrong) assert.throws(given, message);
});

test("options in their place are taken, and undefined ones are none", async () => {
  assert.deepEqual(sum(x(), 0, { keepDims: true }).shape, [1, 2]);
  assert.deepEqual(call(sum, x(), undefined, undefined) instanceof Object, true);
});
