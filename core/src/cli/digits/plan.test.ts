import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createWasmDevice } from "../../device/wasm/index.ts";
import { clearSession } from "../../nn/index.ts";
import { inspect, setDevice, tensor } from "../../tensor/index.ts";
import type { Batch } from "../../train/index.ts";
import { digitsModel } from "./model.ts";

// Compiled tests stand in dist/, the golden text beside the source. UPDATE_GOLDENS=1 writes it anew.
const golden = join(
  dirname(fileURLToPath(import.meta.url)),
  "..",
  "..",
  "..",
  "src",
  "cli",
  "digits",
  "plan.golden.txt",
);

/** Launches of one training step with Adam at batch 64, running figures included. Raise it only in the commit that spends it. */
const launchBudget = 42;

test("the plan of the digits training step is the one that people have read", async () => {
  const device = await createWasmDevice({ threads: 2, relaxed: false });
  await setDevice(device);
  clearSession();
  const model = digitsModel().compile({
    optimizer: "adam",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  model.objective.optimizer.build(model.trainableVariables);
  const batch: Batch = {
    x: tensor(new Float32Array(64 * 784), { shape: [64, 28, 28, 1] }),
    y: tensor(new Uint8Array(64)),
  };
  const text = await inspect((given: Batch) => model.trainStep(given), batch);
  await device.close();

  const [, kernels, launches] = /(\d+) kernels, (\d+) launches/.exec(text) ?? [];
  assert.ok(Number(launches) <= launchBudget, `${launches} launches`);
  assert.ok(Number(kernels) <= launchBudget, `${kernels} kernels`);

  // Adam over all eight weights is one launch with eight instances: from the launch that writes the first kernel's slot on.
  const plan = text.slice(text.indexOf(" launches, arena"));
  const lines = plan.split("\n");
  const first = lines.findIndex((line) => /^\S+ s13, s14, s3 ←/.test(line));
  const instances = lines.slice(first, first + 8);
  assert.ok(first >= 0 && instances.slice(1).every((line) => line.startsWith(" ")), "one launch updates all weights");

  if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(golden, `${plan.trimEnd()}\n`);
  assert.equal(`${plan.trimEnd()}\n`, readFileSync(golden, "utf8"));
});
