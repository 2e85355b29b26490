import assert from "node:assert/strict";
import { test } from "node:test";
import { Waits } from "./waits.ts";

/** Trains on a machine of our own: steps take `step` ms, batches `batch` ms; four steps may be under way. */
async function simulated(step: number, batch: number, steps = 200): Promise<number> {
  let now = 0;
  const waits = new Waits(() => now);
  /** When the steps that were sent end. */
  const ends: number[] = [];
  const flight = {
    get idle() {
      return (ends.at(-1) ?? 0) <= now;
    },
    landed: async () => {
      now = Math.max(now, ends.at(-1) ?? 0);
    },
  };
  waits.begin();
  for (let index = 0; index < steps; index++) {
    const asked = now;
    now += batch;
    waits.ready(flight, now - asked);
    const sent = now;
    ends.push(Math.max(now, ends.at(-1) ?? 0) + step);
    const full = ends.at(-4);
    if (full !== undefined) now = Math.max(now, full);
    if (waits.learning) await waits.learn(flight, sent);
  }
  await flight.landed();
  return waits.share;
}

for (const [step, batch, expected] of [
  [10, 1, 0],
  [10, 9, 0],
  [10, 20, 0.5],
  [10, 90, 8 / 9],
  [1, 100, 0.99],
  [10, 0, 0],
] as const) {
  test(`steps of ${step} ms and batches of ${batch} ms: the device waits for ${Math.round(expected * 100)} % of the time`, async () => {
    assert.ok(Math.abs((await simulated(step, batch)) - expected) < 0.03);
  });
}
