import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice } from "../device/index.ts";
import { sort, sum, tensor, variance } from "./index.ts";

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
  [() => call(sum, x(), { keepDims: true }), /sum: options are argument 3: keepDims/],
  [() => call(variance, x(), 0, true), /variance: options are argument 3: keepDims,correction/],
  [() => call(sort, x(), 0, { descend: true }), /did you mean "descending"/],
];

test("options that are misspelt or elsewhere are refused, with the nearest name", () => {
  for (const [given, message] of wrong) assert.throws(given, message);
});

test("options in their place are taken, and undefined ones are none", async () => {
  assert.deepEqual(sum(x(), 0, { keepDims: true }).shape, [1, 2]);
  assert.deepEqual(call(sum, x(), undefined, undefined) instanceof Object, true);
});
