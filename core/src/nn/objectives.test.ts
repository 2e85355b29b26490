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

/** The entries of each name; one program for them, because compiling takes longer than running. */
const byName = <T extends { readonly name: string }>(entries: readonly T[]): [string, T[]][] =>
  [...new Set(entries.map(({ name }) => name))].map((name) => [name, entries.filter((entry) => entry.name === name)]);

for (const device of ["reference", "wasm"] as const) {
  for (const [name, entries] of byName(golden.losses)) {
    test(`loss ${name} on ${device}: values and gradients as in Keras (${entries.length})`, async () => {
      await setDevice(device);
      await lossesAgree(device === "reference" ? entries.filter(({ single }) => single !== true) : entries);
    });
  }
  for (const [name, entries] of byName(golden.metrics)) {
    test(`metric ${name} on ${device}: figures over several batches as in Keras (${entries.length})`, async () => {
      await setDevice(device);
      await metricsAgree(entries);
    });
  }
}

test("every loss and metric of the library has a row in the goldens", () => {
  const short = ["mse", "mae", "mape", "msle", "kld"];
  const missing = (table: object, rows: readonly { readonly name: string }[]): string[] =>
    Object.keys(table).filter((name) => !short.includes(name) && !rows.some((row) => row.name === name));
  assert.deepEqual(missing(losses, golden.losses), []);
  // These two have no targets, and accuracy has no single counterpart.
  assert.deepEqual(missing(metrics, golden.metrics), ["mean", "sum", "accuracy"]);
});
