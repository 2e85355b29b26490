import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createWasmDevice } from "../device/wasm/index.ts";
import { layers } from "../nn/index.ts";
import { setDevice } from "../tensor/index.ts";
import * as laws from "./layers.test.body.ts";
import { rows } from "./rows/index.test.body.ts";
import type { Row } from "./rows/row.test.body.ts";

const wasm = createWasmDevice({ threads: 1 });
before(() => setDevice("reference"));
after(async () => (await wasm).close());

test("the table is complete", () => {
  const names = Object.keys(layers).filter((name) => name !== "input");
  assert.deepEqual(Object.keys(rows).sort(), names.sort());
  const counts = Object.values(rows).map((list) => list.length);
  assert.ok(counts.every((count) => count > 0));
  console.log(`${names.length} layers, ${counts.reduce((sum, count) => sum + count, 0)} rows`);
});

const checks: Readonly<Record<string, (row: Row) => void | Promise<void>>> = {
  "shapes, variables, names": laws.shapesAndVariables,
  "a saved model predicts the same bits": laws.savedAndLoaded,
  "gradients match differences": laws.gradients,
  "training changes every trainable variable, and none when frozen": laws.oneStep,
  "training and inference": laws.trainingAndInference,
  "takes integers as it takes floats": laws.integersAsFloats,
  "what becomes of a mask": laws.masking,
  "refuses what does not fit": laws.refusals,
};

/** What holds of layers that no device computes. */
const hostChecks: typeof checks = {
  "shapes, variables, names": laws.shapesAndVariables,
  "a saved model predicts the same bits": laws.savedAndLoaded,
  "the same on data and in a model": laws.onTheHost,
};

for (const [name, list] of Object.entries(rows)) {
  list.forEach((row: Row, index) => {
    const title = list.length === 1 ? name : `${name} (${index + 1})`;
    const hosted = row.host !== undefined;
    for (const [law, holds] of Object.entries(hosted ? hostChecks : checks))
      test(`${title}: ${law}`, async () => holds(row));

    if (hosted) return;
    test(`${title}: outputs and gradients on wasm are those of the reference`, async () => {
      const expected = await laws.resultsOf(row);
      await setDevice(await wasm);
      try {
        laws.assertClose(await laws.resultsOf(row), expected);
      } finally {
        await setDevice("reference");
      }
    });
  });
}
