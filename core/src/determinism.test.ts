import assert from "node:assert/strict";
import { test } from "node:test";
import { bitsAfterTraining } from "./determinism.test.body.ts";
import { createWasmDevice } from "./device/wasm/index.ts";

test("wasm: the same seed gives the same bits twice, with one thread and with two", async () => {
  const one = await createWasmDevice({ threads: 1 });
  const two = await createWasmDevice({ threads: 2, handOver: "all" });
  try {
    const first = await bitsAfterTraining(two, 7);
    assert.deepEqual(await bitsAfterTraining(two, 7), first, "two threads, again");
    assert.deepEqual(await bitsAfterTraining(one, 7), first, "one thread");
    assert.notDeepEqual(await bitsAfterTraining(one, 8), first, "another seed must differ");
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
});
