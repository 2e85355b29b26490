import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { setDevice } from "../tensor/index.ts";
import { losses, metrics } from "./index.ts";
import { type Golden, lossesAgree, metricsAgree } from "./objectives.test.body.ts";

const path = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "nn", "goldens", "objectives.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden; // our own file

for (const device of ["reference", "wasm"] as const) {
  golden.losses.forEach((entry, index) => {
    test(`loss ${index} on ${device}: ${entry.name} ${JSON.stringify(entry.options)} as in Keras, with its gradient`, async () => {
      await setDevice(device);
      await lossesAgree([entry]);
    });
  });
  golden.metrics.forEach((entry, index) => {
    test(`metric ${index} on ${device}: ${entry.name} ${JSON.stringify(entry.options)} as in Keras, over two batches`, async () => {
      await setDevice(device);
      await metricsAgree([entry]);
    });
  });
}

test("every loss and metric of the library has a row in the goldens", () => {
  const short = ["mse", "mae", "mape", "msle", "kld"];
  const missing = (table: object, rows: readonly { readonly name: string }[]): string[] =>
    Object.keys(table).filter((name) => !short.includes(name) && !rows.some((row) => row.name === name));
  assert.deepEqual(missing(losses, golden.losses), []);
  // These two have no targets, and accuracy has no single counterpart.
  assert.deepEqual(missing(metrics, golden.metrics), ["mean", "sum", "accuracy"]);
});
