import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice } from "../device/index.ts";
import { eye, sort, sum, tensor, variance } from "./index.ts";

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
  [() => call(sum, x(), { keepdims: true }), /sum: unknown option "keepdims"[\s\S]*did you mean "keepDims"/],
  [() => call(sum, x(), 0, { keepdims: true }), /sum: unknown option "keepdims"[\s\S]*did you mean "keepDims"/],
  [() => call(sum, x(), { keepDims: true }), /sum: options are the third argument: keepDims/],
  [() => call(variance, x(), 0, true), /variance: options are the third argument: keepDims,correction/],
  [() => call(sort, x(), 0, { descend: true }), /did you mean "descending"/],
  [() => call(eye, 4, 5, 1), /eye: options are the third argument: offset,dtype/],
];

test("options that are misspelt or elsewhere are refused, with the nearest name", () => {
  for (const [given, message] of wrong) assert.throws(given, message);
});

test("options in their place are taken, and undefined ones are none", async () => {
  assert.deepEqual(sum(x(), 0, { keepDims: true }).shape, [1, 2]);
  assert.deepEqual(call(sum, x(), undefined, undefined) instanceof Object, true);
  assert.deepEqual(await eye(2, 3, { offset: 1 }).array(), [
    [0, 1, 0],
    [0, 0, 1],
  ]);
});
