import assert from "node:assert/strict";
import { test } from "node:test";
import { covers, isInside, nearestRows } from "./nearest.ts";

test("the nearest rows come first, with their distances", () => {
  const values = Float32Array.of(0, 0, 3, 4, 1, 0, -6, 8);
  const found = nearestRows({ values, rows: 4, columns: 2 }, [0, 0], 3);
  assert.deepEqual(found, [
    { row: 0, distance: 0 },
    { row: 2, distance: 1 },
    { row: 1, distance: 5 },
  ]);
});

test("a lasso holds what its edges surround, dents left out", () => {
  const dented = [0, 0, 10, 0, 10, 10, 5, 2, 0, 10];
  for (const [x, y, held] of [
    [2, 2, true],
    [8, 4, true],
    [5, 6, false],
    [5, 1, true],
    [-1, 1, false],
    [11, 5, false],
  ] as const)
    assert.equal(isInside(dented, x, y), held, `${x}, ${y}`);
});

test("covers lie within the picture, and leave nothing between them", () => {
  for (const [height, width] of [
    [28, 28],
    [8, 12],
    [3, 3],
    [64, 48],
  ] as const) {
    const { side, tops, lefts } = covers(height, width);
    assert.ok(Math.max(...tops) + side <= height && Math.max(...lefts) + side <= width);
    for (const places of [tops, lefts])
      for (const [at, place] of places.entries()) assert.ok(at === 0 ? place === 0 : place - places[at - 1]! < side);
  }
});
