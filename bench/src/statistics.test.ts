import assert from "node:assert/strict";
import { test } from "node:test";
import { best, median, ratio } from "./statistics.ts";

test("the median is the middle value, in any order", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 2, 4, 3]), 3.5);
  assert.equal(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

test("the best is the largest rate and the shortest time", () => {
  assert.equal(best("GFLOP/s", [1, 3, 2]), 3);
  assert.equal(best("µs", [3, 1, 2]), 1);
  assert.equal(best("MB", [3, 1, 2]), 1);
});

test("a ratio above 1 means that ours is better, in every unit", () => {
  assert.equal(ratio("examples/s", [20, 20], [10, 10]), 2);
  assert.equal(ratio("s", [1, 1], [2, 2]), 2);
  assert.equal(ratio("KB", [50], [100]), 2);
});

test("ratios are taken round by round: a machine that slows down for both does not count", () => {
  assert.equal(ratio("GB/s", [10, 5, 10], [5, 2.5, 5]), 2);
  // The ratio of medians would be 10 / 2.5.
  assert.equal(ratio("GB/s", [10, 10, 2], [5, 2.5, 1]), 2);
});
