import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { bitsAfterTraining } from "../../core/dist/determinism.test.body.js";
import { type Golden, stray, trajectory } from "../../core/dist/trajectory.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

const goldens = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "core", "src", "goldens");

/** Largest relative difference of a loss, or of a moving statistic, from what PyTorch says. */
const tolerance = 1e-4;

for (const name of ["mlp", "convnet", "lstm"]) {
  const golden = JSON.parse(readFileSync(join(goldens, `${name}.json`), "utf8")) as Golden; // our own file
  for (const run of golden.runs) {
    nativeTest(`${name} with ${run.optimizer} on native: ${run.losses.length} steps as in PyTorch`, async () => {
      const device = await createNativeDevice({ threads: 2 });
      await setDevice(device);
      const found = await trajectory(golden, run);
      assert.equal(found.losses.length, 50);
      const difference = stray(found, run);
      assert.ok(difference <= tolerance, `strays by ${difference}`);
      await device.close();
    });
  }
}

nativeTest("native: the same seed gives the same bits twice, with one thread and with two", async () => {
  const one = await createNativeDevice({ threads: 1 });
  const two = await createNativeDevice({ threads: 2, handOver: "all" });
  const first = await bitsAfterTraining(two, 7);
  assert.deepEqual(await bitsAfterTraining(two, 7), first, "two threads, again");
  assert.deepEqual(await bitsAfterTraining(one, 7), first, "one thread");
  assert.notDeepEqual(await bitsAfterTraining(one, 8), first, "another seed must differ");
  await Promise.all([one.close(), two.close()]);
});
