import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { readLog, sliceValues } from "../record/index.ts";
import { setRandomSeed } from "../tensor/index.ts";
import { record } from "./index.ts";

// What the log of a training that has ended says of its units.

async function trained(what: "points" | "rows", { width = 5, telling = 0.1, epochs = 6 } = {}) {
  clearSession();
  setRandomSeed(4);
  const size = what === "points" ? 2 : 7;
  const x = Float32Array.from({ length: 60 * size }, (_, at) => Math.sin(at * 1.7));
  const y = Int32Array.from({ length: 60 }, (_, row) => Number(x[row * size]! > 0));
  const model = sequential([
    layers.input([size]),
    layers.dense(width, { activation: "tanh", name: "hidden" }),
    ...(what === "points" ? [layers.dense(3, { activation: "tanh", name: "second" })] : []),
    layers.dense(2, { activation: "softmax", name: "out" }),
  ]);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const sink = new MemorySink();
  const recording = record({ place: { id: "r", sink }, telling });
  const data = { x: ndarray(x, [60, size]), y: ndarray(y) };
  await model.fit(data, { epochs, batchSize: 10, verbose: "silent", validationData: data, recording });
  const all = readLog(sink.bytes).entries.flatMap((entry) =>
    entry.kind === "slice" ? [{ step: entry.step, head: entry.content.head, values: sliceValues(entry.content) }] : [],
  );
  return { model, all };
}

test("the last weights are in the log, layer by layer, and with them what the layers make of the first example", async () => {
  const { model, all } = await trained("rows", { telling: 0.0001 });
  const weights = all.filter(({ head }) => head.role === "weights");
  assert.deepEqual(
    weights.map(({ step, head }) => [step, head.key, head.layer, head.shape]),
    [
      [36, "hidden/kernel", "hidden", [7, 5]],
      [36, "hidden/bias", "hidden", [5]],
      [36, "out/kernel", "out", [5, 2]],
      [36, "out/bias", "out", [2]],
    ],
  );
  for (const [index, variable] of model.variables.entries()) {
    const own = (await variable.data()) as Float32Array; // all are f32
    weights[index]!.values.forEach((value, at) => {
      assert.ok(Math.abs(value - own[at]!) <= Math.abs(own[at]!) / 1024 + 1e-6, `${variable.name}[${at}]`);
    });
  }
  // Told once of each layer, however seldom evaluations have told.
  const maps = all.filter(({ step, head }) => head.role === "featureMap" && step === 36);
  assert.deepEqual(maps.map(({ head }) => head.layer).sort(), ["hidden", "out"]);
  assert.deepEqual(
    all.filter(({ head }) => head.role === "boundary"),
    [],
  );
});

test("a layer that is too large is left out, the others are there", async () => {
  const { all } = await trained("rows", { width: 30_000, epochs: 1 });
  const weights = all.filter(({ head }) => head.role === "weights");
  assert.deepEqual(
    weights.map(({ head }) => head.key),
    ["out/kernel", "out/bias"],
  );
});

test("of points in the plane each unit has its plane", async () => {
  const { model, all } = await trained("points");
  const planes = all.filter(({ head }) => head.role === "boundary" && head.layer !== undefined);
  assert.deepEqual(
    planes.map(({ step, head }) => [step, head.layer, head.key]),
    [...Array.from({ length: 5 }, (_, unit) => ["hidden", unit]), ...[0, 1, 2].map((unit) => ["second", unit])].map(
      ([layer, unit]) => [36, layer, String(unit)],
    ),
  );
  const [kernel, bias] = await Promise.all(model.variables.slice(0, 2).map((each) => each.data()));
  for (const [unit, { head, values }] of planes.slice(0, 5).entries()) {
    const [rows, columns] = head.shape as [number, number];
    const [left, right, bottom, top] = head.extent as [number, number, number, number];
    for (const at of [0, 7, 100, rows * columns - 1]) {
      const x = left + ((right - left) * (at % columns)) / (columns - 1);
      const y = top + ((bottom - top) * Math.floor(at / columns)) / (rows - 1);
      const wanted = Math.tanh(x * kernel![unit]! + y * kernel![5 + unit]! + bias![unit]!);
      assert.ok(Math.abs(values[at]! - wanted) < 2e-3, `unit ${unit} at ${at}: ${values[at]} ${wanted}`);
    }
  }
});
