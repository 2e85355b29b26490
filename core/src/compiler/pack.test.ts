import assert from "node:assert/strict";
import { test } from "node:test";
import { range } from "../base/shape.ts";
import { aligned, alignment, type Need, packIntervals } from "./pack.ts";

/** A linear congruential generator (Park and Miller, 1988). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48271) % 2147483647;
    return state % below;
  };
}

function needsOf(seed: number): Need[] {
  const next = random(seed);
  return range(1 + next(40)).map(() => {
    const first = next(30);
    return { bytes: next(5) === 0 ? 0 : next(1000), first, last: first + next(12) };
  });
}

/** Bytes that are needed at the busiest time: no plan can do with less. */
const busiest = (needs: readonly Need[]): number =>
  Math.max(
    ...range(50).map((time) =>
      needs.reduce((sum, { bytes, first, last }) => sum + (first <= time && time <= last ? aligned(bytes) : 0), 0),
    ),
  );

for (const seed of range(200).map((index) => index + 1)) {
  test(`values that live together do not share bytes, seed ${seed}`, () => {
    const needs = needsOf(seed);
    const { offsets, bytes } = packIntervals(needs);
    needs.forEach((a, index) => {
      assert.equal(offsets[index]! % alignment, 0);
      assert.ok(offsets[index]! + a.bytes <= bytes || a.bytes === 0);
      needs.slice(index + 1).forEach((b, distance) => {
        const [from, to] = [offsets[index]!, offsets[index + 1 + distance]!];
        const together = a.first <= b.last && b.first <= a.last;
        const shared = from < to + b.bytes && to < from + a.bytes;
        assert.ok(!(together && shared && a.bytes > 0 && b.bytes > 0), `${index} and ${index + 1 + distance} overlap`);
      });
    });
  });
}

test("the arena is near the least possible", () => {
  const waste = range(200).map((index) => {
    const needs = needsOf(index + 1);
    return packIntervals(needs).bytes / Math.max(1, busiest(needs));
  });
  const mean = waste.reduce((sum, each) => sum + each, 0) / waste.length;
  assert.ok(mean < 1.1, `${mean} times the least`);
});

test("a chain of equal values needs two places", () => {
  const chain = range(10).map((time) => ({ bytes: 640, first: time, last: time + 1 }));
  assert.equal(packIntervals(chain).bytes, 1280);
});
