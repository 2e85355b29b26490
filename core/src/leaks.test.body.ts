import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { NdArray } from "./data/index.ts";
import type { Device } from "./device/device.ts";
import { type Sequential, sequential } from "./model/index.ts";
import { layers } from "./nn/index.ts";
import { engineStatistics, jit, type Tensor, tensor } from "./tensor/index.ts";

// The bodies of the leak tests, for every package that has a device. The device under test is the selected one.

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Waits until finalizers of dropped values have run. */
async function settle(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const x = new NdArray(
  new Float32Array(32).map((_, at) => Math.sin(at)),
  [8, 4],
);
const y = new NdArray(
  new Float32Array(16).map((_, at) => Math.cos(at)),
  [8, 2],
);
const build = (): Sequential =>
  sequential([layers.input([4]), layers.dense(16, { activation: "relu" }), layers.dense(2)]).compile({
    optimizer: "adam",
    loss: "mse",
  });

/** 200 models, built, trained for a step and dropped: the device's memory and the caches must be flat. */
export async function twoHundredModels(device: Device): Promise<void> {
  const round = async (): Promise<void> => {
    const model = build();
    await model.trainOnBatch(x, y);
    await model.predict(x);
  };
  const measure = async (models: number): Promise<{ readonly bytes: number; readonly executables: number }> => {
    for (let count = 0; count < models; count++) {
      await round();
      if (count % 20 === 19) await settle();
    }
    await settle();
    return { bytes: device.memory().bytes, executables: engineStatistics().executables };
  };
  const first = await measure(40);
  const last = await measure(160);
  // One model's variables and slots are about 1 KB: 160 leaked ones would be 160 of it.
  assert.ok(last.bytes <= first.bytes + 4096, `device bytes grew from ${first.bytes} to ${last.bytes}`);
  assert.ok(
    last.executables <= first.executables + 5,
    `executables grew from ${first.executables} to ${last.executables}`,
  );
}

/** 1,000 programs of one function for ever new shapes: what it keeps of them, and with that the heap and the device, must be bounded. */
export async function thousandShapes(device: Device): Promise<void> {
  const spread = jit((values: Tensor) => values.mul(3).add(1).sum());
  const through = async (from: number, to: number): Promise<{ executables: number; bytes: number; heap: number }> => {
    for (let size = from; size < to; size++) await spread(tensor(new Float32Array(size))).data();
    await settle();
    const heap = process.memoryUsage().heapUsed;
    return { executables: engineStatistics().executables, bytes: device.memory().bytes, heap };
  };
  const before = await through(1, 2);
  const first = await through(2, 300);
  const last = await through(300, 1001);
  assert.ok(last.executables <= before.executables + 64, `${last.executables} executables are kept`);
  assert.ok(last.executables <= first.executables, `executables grew from ${first.executables} to ${last.executables}`);
  assert.ok(last.bytes <= first.bytes + 64 * 1024, `device bytes grew from ${first.bytes} to ${last.bytes}`);
  // A program with its plan and code is 20 KB or more.
  assert.ok(last.heap <= first.heap + 5e6, `the heap grew from ${first.heap} to ${last.heap}`);
}

/** 20,000 steps: heap, external and device memory must be flat after warm-up. */
export async function twentyThousandSteps(device: Device): Promise<void> {
  const model = build();
  const steps = async (count: number): Promise<void> => {
    const epochs = count / 4;
    await model.fit(x, y, { epochs, batchSize: 2, verbose: "silent" });
    model.history.epoch.length = 0;
    for (const values of Object.values(model.history.history)) values.length = 0;
  };
  const measure = async (): Promise<{ readonly [kind: string]: number }> => {
    await settle();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return { heapUsed, external, arrayBuffers, device: device.memory().bytes };
  };
  await steps(8000); // warm-up: compiled code, caches
  const readings: { readonly [kind: string]: number }[] = [];
  for (let part = 0; part < 5; part++) {
    await steps(4000);
    readings.push(await measure());
  }
  // The lowest of two readings: what one collection left over, the next has taken. 12,000 steps lie between the pairs.
  const lowest = (kind: string, pair: typeof readings): number => Math.min(...pair.map((reading) => reading[kind]!));
  const slack: { readonly [kind: string]: number } = {
    heapUsed: 600_000,
    external: 150_000,
    arrayBuffers: 150_000,
    device: 0,
  };
  for (const [kind, bytes] of Object.entries(slack)) {
    const [before, after] = [lowest(kind, readings.slice(0, 2)), lowest(kind, readings.slice(-2))];
    assert.ok(after <= before + bytes, `${kind} grew from ${before} to ${after} in 12,000 steps`);
  }
}

/** 2 GB of tensors that nobody disposes of, and no collection but V8's own: what is dropped goes back while the loop runs. */
export async function droppedTensors(device: Device): Promise<void> {
  await settle();
  const before = device.memory().bytes;
  const values = new Float32Array(50_000);
  let most = 0;
  for (let count = 0; count < 5_000; count++) {
    values[0] = count;
    await tensor(values).mul(1.01).data();
    most = Math.max(most, device.memory().bytes - before);
  }
  assert.ok(most <= 128 * 2 ** 20, `${most} bytes of the device were in use at a time`);
}
