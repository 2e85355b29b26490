import assert from "node:assert/strict";
import { test } from "node:test";
import { createWasmDevice } from "../device/wasm/index.ts";
import { jit, setDevice, type Tensor, tensor, variable } from "./index.ts";

test("a loop that awaits short programs gives timers their turn, and finalizers, which give memory back", async () => {
  const device = await createWasmDevice({ threads: 1 });
  await setDevice(device);
  const twice = jit((x: Tensor) => x.add(x));
  const x = tensor([1, 2, 3]) as Tensor;
  await twice(x).data();
  let turns = 0;
  const timer = setInterval(() => void turns++, 1);
  const most = 100_000; // as many take seconds on any machine
  let programs = 0;
  while (turns < 5 && programs < most) {
    await twice(x).data();
    programs++;
  }
  clearInterval(timer);
  await device.close();
  assert.ok(turns >= 5, `timers had ${turns} turns beside ${programs} programs`);
});

test("a variable keeps its own copy of bytes that are a part of a Buffer, as files give them", async () => {
  await setDevice("reference");
  const file = Buffer.from(Float32Array.of(7, 8, 9, 10).buffer);
  const target = variable([2]).assignBytes(file.subarray(4, 12));
  file.fill(0);
  assert.deepEqual(await target.data(), Float32Array.of(8, 9));
  assert.deepEqual(target.dataSync(), Float32Array.of(8, 9));
});

test("a variable is read again after what was read of it was disposed", async () => {
  await setDevice("reference");
  const kept = variable([2]).assign([1, 2]);
  const moved = variable([]).assign(0);
  // A step that changes one variable and gives both as they were, as the recorder's does where a layer is frozen.
  const step = jit(() => {
    const before = [kept.read(), moved.read()] as const;
    moved.assign(moved.read().add(1));
    return before;
  });
  for (let count = 0; count < 3; count++) {
    for (const each of [kept.read(), ...step()]) {
      assert.deepEqual([...(await each.data())], each.rank === 0 ? [count] : [1, 2]);
      each.dispose();
    }
  }
});
