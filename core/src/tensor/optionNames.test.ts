import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice } from "../device/index.ts";
import { eye, maxPool, sort, sum, tensor, variance, zeros } from "./index.ts";

before(() => setDevice("reference"));

/** A call as JavaScript allows it. */
const call = (given: unknown, ...values: readonly unknown[]): unknown =>
  (given as (...all: unknown[]) => unknown)(...values);
const x = () =>
  tensor([
    [1, 2],
    [3, 4],
  ]);
const image = () => zeros([1, 4, 4, 1]);

const wrong: readonly (readonly [() => unknown, RegExp])[] = [
  [() => call(sum, x(), { keepdims: true }), /sum: unknown option "keepdims"[\s\S]*did you mean "keepDims"/],
  [
    () => call(sum, x(), 0, { keepdims: true }),
    /sum: unknown option "keepdims"[\s\S]*as argument 3[\s\S]*did you mean "keepDims"/,
  ],
  [() => call(sum, x(), { keepDims: true }), /sum: options are an object, the third argument[\s\S]*as argument 2/],
  [
    () => call(variance, x(), 0, true),
    /variance: options are an object[\s\S]*received\s+true as argument 3[\s\S]*"correction"/,
  ],
  [() => call(sort, x(), 0, { descend: true }), /did you mean "descending"/],
  [() => call(maxPool, image(), 2, { stride: 1 }), /did you mean "strides"/],
  [() => call(eye, 4, 5, 1), /eye: options are an object[\s\S]*received\s+1 as argument 3[\s\S]*"offset"/],
  [() => (x() as unknown as { sum(given: object): void }).sum({ axis: 0 }), /sum: axes are numbers, received object/], // as JavaScript allows
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
  assert.deepEqual(maxPool(image(), 2, { strides: 1 }).shape, [1, 3, 3, 1]);
});
