import assert from "node:assert/strict";
import { test } from "node:test";
import { gridOf, Pyramid, type Summary } from "./index.ts";

/** A curve of 5,000 values with gaps, NaN and a spike of one step. */
const steps = Array.from({ length: 5000 }, (_, index) => 3 * index + (index % 7 === 0 ? 1 : 0));
const values = steps.map((step, index) =>
  index % 501 === 500 ? Number.NaN : index === 3333 ? 1000 : Math.fround(Math.sin(step / 100)),
);
const pyramid = new Pyramid();
for (const [index, step] of steps.entries()) pyramid.push(step, 10 * step, values[index]!);

/** What a summary is, said the simple way. */
function simply(some: readonly number[]): Summary {
  const finite = some.filter(Number.isFinite);
  const empty = finite.length === 0;
  return {
    min: empty ? Number.NaN : Math.min(...finite),
    max: empty ? Number.NaN : Math.max(...finite),
    mean: finite.reduce((sum, value) => sum + value, 0) / finite.length,
    last: finite.at(-1) ?? Number.NaN,
    count: some.length,
    nonFinite: some.length - finite.length,
  };
}
function assertSame(actual: Summary, expected: Summary): void {
  const { mean, ...rest } = actual;
  const { mean: expectedMean, ...expectedRest } = expected;
  assert.deepEqual(rest, expectedRest);
  assert.ok(Object.is(mean, expectedMean) || Math.abs(mean - expectedMean) < 1e-9);
}

test("a summary of any part equals that of its values", () => {
  for (const [from, to] of [
    [0, 5000],
    [0, 16],
    [1, 17],
    [15, 4097],
    [256, 512],
    [3333, 3334],
    [500, 501],
    [9, 9],
  ] as const)
    assertSame(pyramid.summary(from, to), simply(values.slice(from, to)));
});

test("a grid holds every value once, and a spike of one step is seen at any width", () => {
  for (const pixels of [1, 10, 300, 100_000]) {
    const grid = gridOf(0, steps.at(-1)!, pixels);
    const { max, count } = pyramid.onGrid(grid);
    assert.equal(Math.max(...[...max].filter(Number.isFinite)), 1000);
    assert.equal(
      count.reduce((sum, each) => sum + each),
      5000,
    );
    assert.ok(grid.x.length <= pixels + 2, `${grid.x.length} buckets for ${pixels} pixels`);
  }
  const times = gridOf(0, 10 * steps.at(-1)!, 100, "time");
  assert.equal(
    pyramid.onGrid(times, "time").count.reduce((sum, each) => sum + each),
    5000,
  );
});

test("a grid stays where it is when its window moves by less than a bucket", () => {
  const [first, second] = [gridOf(0, 10_000, 100), gridOf(0, 10_050, 100)];
  assert.deepEqual(first.x.slice(0, 70), second.x.slice(0, 70));
});

test("a value at an earlier step forgets what came after it", () => {
  for (const back of [1, 100, 4000, steps.length - 1]) {
    const [again, fresh] = [new Pyramid(), new Pyramid()];
    for (const [index, step] of steps.entries()) again.push(step, 0, values[index]!);
    for (const [index, step] of steps.entries()) if (index < back) fresh.push(step, 0, values[index]!);
    for (const each of [again, fresh]) for (let more = 0; more < 700; more++) each.push(steps[back]! + more, 0, more);
    assert.deepEqual(again.steps, fresh.steps);
    assertSame(again.summary(0, again.length), fresh.summary(0, fresh.length));
  }
});

test("the value at a step is the last one up to it", () => {
  assert.equal(pyramid.at(0), undefined);
  assert.deepEqual(pyramid.at(5), { step: 3, value: values[1] });
  assert.deepEqual(pyramid.at(1e9), { step: steps.at(-1), value: values.at(-1) });
});
