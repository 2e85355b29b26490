import assert from "node:assert/strict";
import { test } from "node:test";
import { alignment, Heap } from "./heap.ts";

/** A generator of equal numbers at every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

test("blocks never overlap, are aligned, and lie below the granted end", () => {
  let granted = 1024;
  const heap = new Heap(1000, (end) => {
    granted = Math.max(granted, end);
  });
  const random = numbers(3);
  const live = new Map<number, number>();
  for (let round = 0; round < 20000; round++) {
    if (live.size > 0 && random.next().value < 0.48) {
      const starts = [...live.keys()];
      const start = starts[Math.floor(random.next().value * starts.length)]!;
      assert.ok(heap.free(start));
      live.delete(start);
      continue;
    }
    const bytes = Math.floor(2 ** (random.next().value * 16));
    const start = heap.allocate(bytes);
    assert.equal(start % alignment, 0);
    assert.ok(start >= 1000 && start + bytes <= granted);
    live.set(start, bytes);
  }
  const ordered = [...live].sort(([a], [b]) => a - b);
  ordered.forEach(([start, bytes], index) => {
    const next = ordered[index + 1];
    if (next !== undefined) assert.ok(start + bytes <= next[0], "blocks overlap");
  });
  for (const start of live.keys()) heap.free(start);
  assert.equal(heap.bytes, 0);
  // All free blocks have joined: the whole range is one block again.
  const end = heap.end;
  assert.equal(heap.allocate(end - 1024), 1024);
  assert.equal(heap.end, end);
});

test("repeated allocation and freeing does not grow the range", () => {
  const heap = new Heap(0, () => {});
  const random = numbers(11);
  let end = 0;
  for (let round = 0; round < 400; round++) {
    const starts = Array.from({ length: 50 }, () => heap.allocate(1 + Math.floor(random.next().value * 10000)));
    for (const start of starts) heap.free(start);
    if (round === 200) end = heap.end;
  }
  assert.equal(heap.end <= Math.max(end, 50 * 10048 + 64), true);
  assert.equal(heap.bytes, 0);
});

test("freeing twice, or what was never allocated, is refused", () => {
  const heap = new Heap(0, () => {});
  const start = heap.allocate(10);
  assert.equal(heap.free(start), true);
  assert.equal(heap.free(start), false);
  assert.equal(heap.free(4096), false);
});

test("a failed growth leaves the heap as it was", () => {
  const heap = new Heap(0, (end) => {
    if (end > 4096) throw new Error("full");
  });
  const first = heap.allocate(1024);
  assert.throws(() => heap.allocate(8192), /full/);
  assert.equal(heap.bytes, 1024);
  heap.free(first);
  assert.equal(heap.allocate(2048), first);
});

test("the peak is the most that was in use at once", () => {
  const heap = new Heap(0, () => {});
  const a = heap.allocate(6400);
  const b = heap.allocate(640);
  heap.free(a);
  heap.free(b);
  heap.allocate(64);
  assert.equal(heap.bytes, 64);
  assert.equal(heap.peakBytes, 7040);
});
