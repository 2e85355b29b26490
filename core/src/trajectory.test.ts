import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setDevice } from "./tensor/index.ts";
import { type Golden, stray, trajectory } from "./trajectory.test.body.ts";

const goldens = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "goldens");
const load = (name: string): Golden => JSON.parse(readFileSync(join(goldens, `${name}.json`), "utf8")) as Golden; // our own file

/** Largest relative difference of a loss, or of a moving statistic, from what PyTorch says. */
const tolerance = 1e-4;

for (const device of ["reference", "wasm"]) {
  for (const name of ["mlp", "convnet", "lstm"]) {
    const golden = load(name);
    for (const run of golden.runs) {
      test(`${name} with ${run.optimizer} on ${device}: ${run.losses.length} steps as in PyTorch`, async () => {
        await setDevice(device);
        const found = await trajectory(golden, run);
        assert.equal(found.losses.length, 50);
        const difference = stray(found, run);
        assert.ok(difference <= tolerance, `strays by ${difference}`);
      });
    }
  }
}
