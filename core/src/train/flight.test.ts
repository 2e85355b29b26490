import assert from "node:assert/strict";
import { test } from "node:test";
import { Flight } from "./flight.ts";

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const failing = async (ms: number): Promise<void> => {
  await after(ms);
  throw new Error("broken");
};

test("an error under way is told by the next wait, and is never unhandled", async () => {
  const flight = new Flight();
  await flight.add(after(30));
  await flight.add(failing(1));
  await flight.add(failing(2));
  await after(10); // an unhandled rejection would fail the test here
  await assert.rejects(flight.landed(), /broken/);
  await flight.landed();
});

test("no more than a few are under way, and the oldest is waited for", async () => {
  const flight = new Flight();
  let running = 0;
  let most = 0;
  for (let index = 0; index < 20; index++) {
    running++;
    most = Math.max(most, running);
    await flight.add(after(1).then(() => running--));
  }
  await flight.landed();
  assert.equal(running, 0);
  assert.ok(most > 1 && most <= 5, `${most}`);
});
