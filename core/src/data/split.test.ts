import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset } from "./dataset.ts";
import { NdArray, splitDataset, toCategorical } from "./index.ts";

const listOf = async <T>(data: Dataset<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const each of data) found.push(each);
  return found;
};
const ten = Dataset.range(10);

// As Keras 3.15 splits ten elements.
const sizes: readonly (readonly [number | undefined, number | undefined, number, number])[] = [
  [0.8, undefined, 8, 2],
  [undefined, 0.25, 8, 2],
  [0.25, undefined, 2, 8],
  [0.45, 0.15, 4, 2],
  [7, undefined, 7, 3],
  [undefined, 4, 6, 4],
  [2, 3, 2, 3],
];
for (const [leftSize, rightSize, first, second] of sizes)
  test(`a data set split into ${leftSize} and ${rightSize}`, async () => {
    const [left, right] = splitDataset(ten, { leftSize, rightSize });
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    assert.deepEqual(await listOf(left), all.slice(0, first));
    assert.deepEqual(await listOf(right), all.slice(first, first + second));
  });

test("parts that are drawn have no element in common, in any pass of either", async () => {
  const [left, right] = splitDataset(ten, { leftSize: 6, shuffle: true, seed: 3 });
  const [first, second] = [await listOf(left), await listOf(right)];
  assert.notDeepEqual(first, [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(
    [...first, ...second].sort((a, b) => a - b),
    await listOf(ten),
  );
  assert.deepEqual(await listOf(left), first);
  assert.deepEqual(await listOf(right), second);
  const again = splitDataset(ten, { leftSize: 6, shuffle: true, seed: 3 });
  assert.deepEqual(await listOf(again[0]), first);
});

test("arrays are split along their first axis, together", async () => {
  const x = new NdArray(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const [left, right] = splitDataset({ x, y: Int32Array.of(7, 8, 9) }, { leftSize: 2 });
  assert.deepEqual(
    (await listOf(left)).map(({ x: row, y }) => [[...row.data], y.data[0]]),
    [
      [[1, 2], 7],
      [[3, 4], 8],
    ],
  );
  assert.deepEqual(
    (await listOf(right)).map(({ y }) => y.data[0]),
    [9],
  );
});

test("sizes that cannot be are refused before anything is read", () => {
  for (const [options, words] of [
    [{}, /there is no size/],
    [{ leftSize: 11 }, /leftSize is 11/],
    [{ leftSize: 1.5 }, /leftSize is 1.5/],
    [{ rightSize: -0.5 }, /rightSize is -0.5/],
    [{ leftSize: 8, rightSize: 3 }, /8 and 3 elements are more than the 10/],
  ] as const)
    assert.throws(() => splitDataset(ten, options), words);
  assert.throws(() => splitDataset(ten.repeat(), { leftSize: 3 }), /length of the data set is not known/);
});

test("class numbers as rows of a one and zeros", () => {
  const rows = toCategorical([2, 0, 1]);
  assert.deepEqual(
    [rows.shape, [...rows.data]],
    [
      [3, 3],
      [0, 0, 1, 1, 0, 0, 0, 1, 0],
    ],
  );
  assert.deepEqual(toCategorical([[1], [0]], 4).shape, [2, 4]);
  assert.deepEqual(toCategorical([[1, 0]], 2).shape, [1, 2, 2]);
  assert.deepEqual([...toCategorical(Uint8Array.of(1, 0)).data], [0, 1, 1, 0]);
  assert.throws(() => toCategorical([0, 3], 3), /3 is no class from 0 to 2/);
  assert.throws(() => toCategorical([0.5]), /0.5 is no class/);
  assert.throws(() => toCategorical([-1, 1]), /-1 is no class/);
});
