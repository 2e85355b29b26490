import assert from "node:assert/strict";
import { test } from "node:test";
import { run, tensor } from "./check.ts";
import {
  dynamicSlice,
  gather,
  oneHot,
  scatterAdd,
  scatterMax,
  scatterSet,
  segmentSum,
  sliceUpdate,
  split,
  take,
  unstack,
} from "./index.ts";

const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const x = tensor(counting(12), [3, 4]);
const scalar = (value: number) => tensor([value], [], "i32");

test("sliceUpdate writes over a block, at places known now or at run time", () => {
  const update = tensor([-1, -2, -3, -4], [2, 2]);
  const wanted = [0, 1, 2, 3, 4, -1, -2, 7, 8, -3, -4, 11];
  assert.deepEqual(run(sliceUpdate(x, [1, 1], update)), wanted);
  assert.deepEqual(run(sliceUpdate(x, [-2, 1], update)), wanted);
  assert.deepEqual(run(sliceUpdate(x, [scalar(1), 1], update)), wanted);
  assert.deepEqual(run(sliceUpdate(x, [scalar(1), scalar(1)], update)), wanted);
  // What lies outside is dropped.
  assert.deepEqual(run(sliceUpdate(x, [scalar(2), scalar(-1)], update)), [...counting(8), -2, 9, 10, 11]);
  assert.deepEqual(run(sliceUpdate(x, [0, 0], tensor(counting(12).toReversed(), [3, 4]))), counting(12).toReversed());
  assert.deepEqual(
    run(sliceUpdate(x, [scalar(1), 0], tensor([9, 9, 9, 9], [1, 4]))),
    [0, 1, 2, 3, 9, 9, 9, 9, 8, 9, 10, 11],
  );
});

test("dynamicSlice reads a block at run time", () => {
  assert.deepEqual(run(dynamicSlice(x, [scalar(1), 2], [2, 2])), [6, 7, 10, 11]);
  assert.deepEqual(run(dynamicSlice(x, [scalar(2), 0], [2, 4])), [8, 9, 10, 11, 0, 0, 0, 0]);
});

test("split and unstack cut along an axis", () => {
  assert.deepEqual(split(x, 2, 1).map(run), [
    [0, 1, 4, 5, 8, 9],
    [2, 3, 6, 7, 10, 11],
  ]);
  assert.deepEqual(split(x, [1, -1], 1).map(run), [
    [0, 4, 8],
    [1, 2, 5, 6, 9, 10],
    [3, 7, 11],
  ]);
  assert.deepEqual(
    split(x, [2, 2, 9], 0).map(({ shape }) => shape[0]),
    [2, 0, 1, 0],
  );
  assert.deepEqual(unstack(x, -1).map(run), [
    [0, 4, 8],
    [1, 5, 9],
    [2, 6, 10],
    [3, 7, 11],
  ]);
});

test("gather gives 0 outside, take counts from the end", () => {
  const indices = tensor([2, -1, 3], [3], "i32");
  assert.deepEqual(run(gather(x, indices)), [8, 9, 10, 11, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(run(take(x, indices, 0)), [8, 9, 10, 11, 8, 9, 10, 11, 0, 0, 0, 0]);
  assert.deepEqual(run(take(x, [-1, 0], 1)), [3, 0, 7, 4, 11, 8]);
  assert.deepEqual(run(take(x, 5)), [5]);
  assert.deepEqual(take(x, [], 1).shape, [3, 0]);
});

test("oneHot has a row for each label, of zeros for a label out of range", () => {
  const labels = tensor([2, 0, -1, 3], [4], "i8");
  assert.deepEqual(run(oneHot(labels, 3)), [0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(run(oneHot(labels, 3, { axis: 0, dtype: "bool" })), [0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
});

test("scatter combines updates in order, and drops those outside", () => {
  const zero = tensor([0, 0, 1], [3]);
  const at = tensor([2, 0, 2, 5], [4], "i32");
  assert.deepEqual(run(scatterAdd(zero, at, tensor([1, 2, 3, 4]))), [2, 0, 5]);
  assert.deepEqual(run(scatterSet(zero, at, tensor([1, 2, 3, 4]))), [2, 0, 3]);
  assert.deepEqual(run(scatterMax(zero, at, tensor([-1, -2, 3, 4]))), [0, 0, 3]);
  assert.deepEqual(run(scatterAdd(x, tensor([0], [1], "i32"), 100, 1)).slice(0, 5), [100, 1, 2, 3, 104]);
  assert.deepEqual(run(segmentSum(x, tensor([1, 0, 1], [3], "i32"), 2)), [4, 5, 6, 7, 8, 10, 12, 14]);
});
