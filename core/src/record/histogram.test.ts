import assert from "node:assert/strict";
import { test } from "node:test";
import { addHistograms, barsOf, bucketOf, bucketRange, histogramOf, momentsOf, readCommand, statsOf } from "./index.ts";

const numbers = [0, -0, 1, 1.25, 1.5, -1.5, -2, 1e-40, 3e38, Number.NaN, 1 / 0, -1 / 0, 2 ** -126, 0.1, 0.1];

test("each finite number lies in the range of its bucket", () => {
  for (const value of numbers.filter(Number.isFinite)) {
    const { low, high } = bucketRange(bucketOf(value));
    const size = Math.fround(value);
    const inside = value < 0 ? low < size && size <= high : low <= size && size < high;
    assert.ok(inside || value === 0, `${value} in ${low} … ${high}`);
  }
});

test("a histogram counts every number once, keeps those that are not finite apart, and adds up", () => {
  const { bars, nonFinite } = barsOf(histogramOf(numbers));
  assert.equal(nonFinite, 3);
  assert.equal(
    bars.reduce((sum, { count }) => sum + count, 0),
    numbers.length - 3,
  );
  for (const [index, { low }] of bars.entries()) assert.ok(index === 0 || bars[index - 1]!.high <= low);
  assert.deepEqual(
    addHistograms([histogramOf(numbers.slice(0, 4)), histogramOf(numbers.slice(4))]),
    histogramOf(numbers),
  );
});

test("statistics count what is finite, and what is not", () => {
  const stats = statsOf([1, 2, 3, 0, Number.NaN, 1 / 0, -1 / 0, -0.5]);
  assert.deepEqual(
    [stats.count, stats.sum, stats.min, stats.max, stats.zeros, stats.saturated],
    [8, 5.5, -0.5, 3, 1, 3],
  );
  assert.deepEqual([stats.notNumbers, stats.positiveInfinities, stats.negativeInfinities], [1, 1, 1]);
  assert.equal(momentsOf(stats).mean, 1.1);
});

test("a command is taken only with all that it needs", () => {
  const good = [{ type: "pause" }, { type: "step", count: 2 }, { type: "set", name: "learningRate", value: 0.1 }];
  for (const each of good) assert.deepEqual(readCommand(each), each);
  const bad = [
    null,
    "pause",
    {},
    { type: "explode" },
    { type: "constructor" },
    { type: "step" },
    { type: "step", count: 0.5 },
    { type: "set", name: "learningRate", value: "0.1" },
    { type: "set", name: "", value: 1 },
    { type: "branch", checkpoint: "c", changes: { a: "b" } },
  ];
  for (const each of bad) assert.equal(readCommand(each), undefined, JSON.stringify(each));
});
