import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset, NdArray } from "../data/index.ts";
import { createWasmDevice } from "../device/wasm/index.ts";
import { sequential } from "../model/index.ts";
import { layers } from "../nn/index.ts";
import { setDevice } from "../tensor/index.ts";

const features = 4096;
const batchSize = 16;
const steps = 64;
const batchBytes = batchSize * features * Float32Array.BYTES_PER_ELEMENT;

test("batches give their memory back while training, testing and predicting go on: none waits for the garbage collector", async () => {
  const device = await createWasmDevice({ threads: 1 });
  await setDevice(device);
  const x = new NdArray(new Float32Array(steps * batchSize * features), [steps * batchSize, features]);
  const y = new NdArray(new Float32Array(steps * batchSize), [steps * batchSize, 1]);
  const model = sequential([layers.input([features]), layers.dense(1)]).compile({ optimizer: "sgd", loss: "mse" });
  // One batch of each kind: programs, arenas and weights are there.
  const few = { x: x.slice(0, batchSize), y: y.slice(0, batchSize) };
  await model.fit(few, { batchSize, verbose: "silent" });
  await model.evaluate(few, { batchSize });
  await model.predict(few.x, { batchSize });
  const before = device.memory().peakBytes;

  await model.fit({ x, y }, { batchSize, verbose: "silent" });
  await model.evaluate({ x, y }, { batchSize });
  await model.predict(x, { batchSize });
  const data = Dataset.fromTensorSlices({ x, y }).batch(batchSize).prefetch();
  await model.fit(data, { verbose: "silent" });
  await model.evaluate(data);
  await model.predict(data);
  const grown = device.memory().peakBytes - before;
  await device.close();
  // A few may be under way at once.
  assert.ok(grown <= 8 * batchBytes, `the peak grew by ${(grown / batchBytes).toFixed(1)} batches of ${6 * steps}`);
});
