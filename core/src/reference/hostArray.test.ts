import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesPerElement, dtypes } from "../base/dtype.ts";
import { fromBytes, hostArray, rounded, toBytes } from "./hostArray.ts";
import { seeded } from "./samples/sample.ts";
import { specialValues } from "./samples/specials.ts";

for (const dtype of dtypes) {
  test(`${dtype}: packing to bytes and back keeps what the dtype can hold`, () => {
    for (const array of [
      seeded(1).anything([3, 7], dtype),
      hostArray([specialValues(dtype).length], dtype, specialValues(dtype)),
      hostArray([], dtype, 1),
      hostArray([0, 3], dtype, []),
    ]) {
      const bytes = toBytes(array);
      assert.equal(bytes.byteLength, array.data.length * bytesPerElement[dtype]);
      assert.deepEqual(fromBytes(bytes, array.shape, dtype), array);
      // Buffers may be longer than the array, and start anywhere.
      const shifted = new Uint8Array([99, ...bytes, 99]).subarray(1);
      assert.deepEqual(fromBytes(shifted, array.shape, dtype), array);
    }
  });
}

test("packing rounds to the nearest number of the dtype", () => {
  for (const dtype of ["f32", "f16", "bf16"] as const) {
    const array = hostArray([4], dtype, [1 / 3, 1e39, -(2 ** -160), 70000]);
    assert.deepEqual(fromBytes(toBytes(array), [4], dtype), rounded(array));
  }
  assert.deepEqual([...rounded(hostArray([3], "f16", [1 / 3, 65519, 65520])).data], [0.333251953125, 65504, Infinity]);
});

test("known bytes, little-endian", () => {
  assert.deepEqual([...toBytes(hostArray([2], "f32", [1, -2]))], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  assert.deepEqual([...toBytes(hostArray([1], "f16", [1]))], [0, 0x3c]);
  assert.deepEqual([...toBytes(hostArray([1], "bf16", [1]))], [0x80, 0x3f]);
  assert.deepEqual([...toBytes(hostArray([1], "u32", [0x80000001]))], [1, 0, 0, 0x80]);
  assert.deepEqual([...toBytes(hostArray([2], "i8", [-1, -128]))], [255, 128]);
  assert.deepEqual([...toBytes(hostArray([2], "bool", [1, 0]))], [1, 0]);
});

test("too few bytes or values are refused", () => {
  assert.throws(() => fromBytes(new Uint8Array(7), [2], "f32"), /7 bytes for f32 \[2\]/);
  assert.throws(() => hostArray([2], "f32", [1]), /1 values for \[2\]/);
});
