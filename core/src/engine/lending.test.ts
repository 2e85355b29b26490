import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DeviceError } from "../base/errors.ts";
import { createReferenceDevice } from "../device/reference/index.ts";
import { createWasmDevice } from "../device/wasm/index.ts";
import { jit, ones, setDevice, type Tensor, tensor, variable } from "../tensor/index.ts";

setFlagsFromString("--expose-gc");
const collectYoung: () => void = runInNewContext("() => gc({ type: 'minor' })");

const bytesOf = (count: number): number => count * Float32Array.BYTES_PER_ELEMENT;

test("small values of short programs go with the young objects, and need no memory of the device", async () => {
  const device = await createWasmDevice({ threads: 1 });
  await setDevice(device);
  const f = jit((x: Tensor) => x.mul(2).add(1));
  const steps = (count: number): void => {
    for (let value = 0; value < count; value++) assert.equal(f(tensor([value, value])).dataSync()[1], 2 * value + 1);
  };
  // Without finalizers, which keep what they watch until all objects are collected, nothing of a step survives.
  const usedAfterYoung = (): number => {
    for (let round = 0; round < 3; round++) collectYoung();
    return process.memoryUsage().heapUsed;
  };
  steps(5000);
  const [heap, { bytes }] = [usedAfterYoung(), device.memory()];
  steps(10_000);
  const [heapAfter, { bytes: bytesAfter }] = [usedAfterYoung(), device.memory()];
  assert.equal(bytesAfter, bytes);
  assert.ok(heapAfter - heap < 2_000_000, `${heapAfter - heap} bytes of JavaScript objects are left`);
  await device.close();
});

test("a small value that is needed again gets a buffer of its own, and keeps its bits", async () => {
  const device = createReferenceDevice();
  await setDevice(device);
  const double = jit((x: Tensor) => x.mul(2));
  const x = tensor([1, 2, 3]);
  const { bytes } = device.memory();
  for (let time = 0; time < 4; time++) assert.deepEqual(await double(x).array(), [2, 4, 6]);
  // Two spare buffers of a cache line, and x.
  assert.equal(device.memory().bytes, bytes + 64 + 64 + bytesOf(3));
  const y = double(x); // a result, in the host's memory, is an argument like any other
  const both = jit((a: Tensor, b: Tensor) => a.add(b));
  assert.deepEqual(both(y, y).dataSync(), new Float32Array([4, 8, 12]));
  assert.deepEqual(both(y, double(y)).dataSync(), new Float32Array([6, 12, 18]));
  assert.deepEqual(y.dataSync(), new Float32Array([2, 4, 6]));
});

test("a small result that becomes a variable's value is updated in place, and what was read before is not", async () => {
  await setDevice(createReferenceDevice());
  const double = jit((x: Tensor) => x.mul(2));
  const result = double(tensor([1, 2]));
  const v = variable(result);
  const add = jit(() => v.assignAdd(10));
  for (let time = 0; time < 3; time++) add();
  assert.deepEqual(await v.array(), [32, 34]);
  assert.deepEqual(await result.array(), [2, 4]);
});

test("a run that finds no memory for its results gives back what it had for the rest", async () => {
  const device = createReferenceDevice();
  const most = 1 << 20;
  const narrow = {
    ...device,
    allocate(bytes: number) {
      if (bytes > most) throw new DeviceError("no memory is left");
      return device.allocate(bytes);
    },
  };
  await setDevice(narrow);
  const both = jit((x: Tensor) => [x.add(1), x.reshape([2, 1]).mul(ones([1, most]))]);
  const before = device.memory().bytes;
  for (let time = 0; time < 3; time++) {
    const [small] = both(tensor([time, 2]));
    await assert.rejects(small!.data(), /no memory is left/);
  }
  assert.equal(device.memory().bytes, before);
});
