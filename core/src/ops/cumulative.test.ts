import { test } from "node:test";
import { assertClose, run, tensor } from "./check.ts";
import { cummax, cumsum } from "./reduce.ts";

const x = tensor([1, 3, 2, 5, 4, 6], [2, 3]);

test("cumulative results, from either end, with and without the element itself", () => {
  assertClose(run(cumsum(x, 1)), [1, 4, 6, 5, 9, 15]);
  assertClose(run(cumsum(x, 1, { exclusive: true })), [0, 1, 4, 0, 5, 9]);
  assertClose(run(cumsum(x, -1, { reverse: true })), [6, 5, 2, 15, 10, 6]);
  assertClose(run(cumsum(x, -1, { reverse: true, exclusive: true })), [5, 2, 0, 10, 6, 0]);
  assertClose(run(cumsum(x, 0, { exclusive: true })), [0, 0, 0, 1, 3, 2]);
  assertClose(run(cumsum(x, undefined, { exclusive: true })), [0, 1, 4, 6, 11, 15]);
  assertClose(run(cummax(x, 1, { exclusive: true })), [-Infinity, 1, 3, -Infinity, 5, 5]);
  assertClose(run(cummax(tensor([1, 3, 2], [3], "u8"), 0, { reverse: true, exclusive: true })), [3, 2, 0]);
  assertClose(run(cumsum(tensor([], [0]), 0, { exclusive: true })), []);
});
