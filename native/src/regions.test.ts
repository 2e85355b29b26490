import assert from "node:assert/strict";
import { test } from "node:test";
import { loadKoffi } from "./library.ts";
import type { NativeBuffer } from "./memory.ts";
import { leastInRegions, Regions } from "./regions.ts";

const mebibyte = 2 ** 20;

/** Regions, and what was asked of the system. */
async function regionsHere(): Promise<{
  readonly regions: Regions;
  readonly advised: [start: bigint, bytes: number][];
}> {
  const advised: [bigint, number][] = [];
  return { regions: new Regions(await loadKoffi(), (start, bytes) => advised.push([start, bytes])), advised };
}

/** A generator of numbers below `size`, the same in every run. */
function numbers(seed: number): (size: number) => number {
  let state = seed;
  return (size) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * size);
  };
}

test("what is lent at a time never overlaps, is aligned, and keeps its bytes while others come and go", async () => {
  const { regions } = await regionsHere();
  const below = numbers(1);
  const lent = new Map<NativeBuffer, number>();
  for (let turn = 0; turn < 600; turn++) {
    if (lent.size > 0 && below(5) < 2) {
      const [buffer, mark] = [...lent][below(lent.size)]!;
      assert.ok(buffer.view.every((byte) => byte === mark));
      lent.delete(buffer);
      regions.free(buffer);
      continue;
    }
    const buffer = regions.allocate(leastInRegions + below(turn % 50 === 0 ? 9 * mebibyte : 100_000));
    assert.equal(buffer.address % 64n, 0n);
    buffer.view.fill(turn & 255);
    lent.set(buffer, turn & 255);
  }
  for (const [buffer, mark] of lent) assert.ok(buffer.view.every((byte) => byte === mark));
});

test("regions are whole large pages, and the system is asked for them", async () => {
  const { regions, advised } = await regionsHere();
  for (const bytes of [leastInRegions, 3 * mebibyte, 17 * mebibyte]) regions.allocate(bytes);
  assert.deepEqual(
    advised.map(([start, bytes]) => [start % BigInt(2 * mebibyte), bytes / mebibyte]),
    [
      [0n, 8],
      [0n, 18],
    ],
  );
});

test("freed bytes are lent again, joined with their neighbours, and large empty regions go", async () => {
  const { regions, advised } = await regionsHere();
  const parts = Array.from({ length: 4 }, () => regions.allocate(2 * mebibyte));
  assert.equal(advised.length, 1);
  for (const part of [1, 3, 0, 2]) regions.free(parts[part]!);
  const whole = regions.allocate(8 * mebibyte);
  assert.equal(whole.address, parts[0]!.address);
  const large = regions.allocate(32 * mebibyte);
  regions.free(large);
  regions.free(whole);
  regions.allocate(32 * mebibyte);
  assert.equal(advised.length, 3); // the large one was given back
});

test("a buffer that is not lent cannot be freed", async () => {
  const { regions } = await regionsHere();
  const buffer = regions.allocate(mebibyte);
  regions.free(buffer);
  assert.throws(() => regions.free(buffer), /no region has lent/);
});
