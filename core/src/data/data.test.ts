import assert from "node:assert/strict";
import { test } from "node:test";
import type { DType } from "../base/dtype.ts";
import { setDevice, type Tensor, tensor } from "../tensor/index.ts";
import { batchesOf, hostExamples, isNdArray, NdArray, ndarray, permutation } from "./index.ts";

const sorted = (order: Uint32Array): number[] => [...order].sort((a, b) => a - b);

test("a permutation has every number once; seed and round decide it", () => {
  const orders = [permutation(100, 1), permutation(100, 2), permutation(100, 1, 1), permutation(100, 2, 1)];
  for (const order of orders)
    assert.deepEqual(
      sorted(order),
      Array.from({ length: 100 }, (_, index) => index),
    );
  assert.equal(new Set(orders.map(String)).size, 4);
  assert.deepEqual(permutation(100, 2, 1), orders[3]);
  assert.deepEqual([permutation(0, 1), permutation(1, 1)], [new Uint32Array(0), Uint32Array.of(0)]);
});

test("each place of a permutation is as likely as any other", () => {
  const counts = new Array<number>(5).fill(0);
  for (let seed = 0; seed < 5000; seed++) counts[permutation(5, seed).indexOf(0)]!++;
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 130, String(counts));
});

test("rows, slices and shapes of an array", () => {
  const array = ndarray([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  assert.deepEqual([array.shape, array.length, array.stride, array.dtype], [[3, 2], 3, 2, "f32"]);
  assert.deepEqual([...array.rows([2, 0, 2]).data], [5, 6, 1, 2, 5, 6]);
  assert.deepEqual([...array.slice(1, 3).data], [3, 4, 5, 6]);
  assert.throws(() => new NdArray(new Float32Array(3), [2, 2]), /3 values do not fit \[2, 2\]/);
});

test("batches follow the order, and the last may be smaller", async () => {
  const host = await hostExamples({
    x: { a: ndarray([1, 2, 3, 4, 5]) },
    y: [10, 20, 30, 40, 50],
    sampleWeight: [1, 2, 3, 4, 5],
  });
  const batches = [...batchesOf(host, 2, Uint32Array.of(4, 3, 2, 1, 0))];
  assert.deepEqual(
    batches.map(({ length }) => length),
    [2, 2, 1],
  );
  const { x, y, sampleWeight } = batches[0]!;
  assert.ok(!isNdArray(x) && !Array.isArray(x) && isNdArray(y));
  assert.deepEqual(
    [[...(x as { a: NdArray }).a.data], [...y.data], [...(sampleWeight as NdArray).data]],
    [
      [5, 4],
      [50, 40],
      [5, 4],
    ],
  );
});

test("a tensor of an ndarray has its shape and element type, or those that are asked for, and values of its own", async () => {
  await setDevice("reference");
  const cases: readonly (readonly [NdArray, DType])[] = [
    [
      ndarray([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      "f32",
    ],
    [ndarray(Int32Array.from([1, -2, 3, 4]), [2, 1, 2]), "i32"],
    [ndarray(Uint8Array.of(255, 0), [2]), "u8"],
    [new NdArray(Float32Array.of(7, 8), [1, 2], true), "f32"],
    [new NdArray(new Float32Array(0), [0, 3]), "f32"],
  ];
  for (const [array, dtype] of cases) {
    const given = tensor(array);
    assert.deepEqual([given.shape, given.dtype], [array.shape, dtype]);
    assert.deepEqual([...(await given.data())], [...array.values]);
    const flat = tensor(array, { shape: [array.values.length], dtype: "f32" });
    assert.deepEqual([flat.shape, flat.dtype], [[array.values.length], "f32"]);
    assert.deepEqual([...(await flat.data())], [...array.values]);
  }
  const array = ndarray([1, 2]);
  const given = tensor(array);
  array.data[0] = 9;
  assert.deepEqual([...(await given.data())], [1, 2]);
  assert.throws(() => tensor(array, { shape: [3] }), /2 values do not fill the shape \[3\]/);
  assert.throws(() => tensor({ values: Float32Array.of(1, 2), shape: [3] }), /2 values do not fill the shape \[3\]/);
  const typed: Tensor<[2, 3]> = // the compiler knows the shape
    tensor(ndarray(new Float32Array(6), [2, 3]));
  assert.equal(typed.shape[1], 3);
});
