import assert from "node:assert/strict";
import { test } from "node:test";
import { ShapeError } from "../base/errors.ts";
import { expand, input, iota } from "./build.ts";

test("tensors beyond what kernels can count are refused, views too", () => {
  assert.equal(iota([2 ** 31 - 1], 0).shape[0], 2 ** 31 - 1);
  assert.throws(() => iota([2 ** 31], 0), ShapeError);
  assert.throws(
    () => expand(input("x", [1, 3], "u8"), [2 ** 30, 3]),
    /expand: \[1073741824, 3\] has more than 2³¹ − 1 elements/,
  );
});

test("sizes are whole numbers of at least 0", () => {
  for (const size of [-1, 2.5, Number.NaN, Infinity]) {
    assert.throws(() => iota([2, size], 0), /is no shape: sizes are whole numbers of at least 0/);
  }
});
