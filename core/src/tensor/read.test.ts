import assert from "node:assert/strict";
import { test } from "node:test";
import { createWasmDevice } from "../device/wasm/index.ts";
import { jit, setDevice, type Tensor, tensor } from "./index.ts";

test("a loop that awaits short programs gives timers their turn, and finalizers, which give memory back", async () => {
  const device = await createWasmDevice({ threads: 1 });
  await setDevice(device);
  const twice = jit((x: Tensor) => x.add(x));
  const x = tensor([1, 2, 3]) as Tensor;
  await twice(x).data();
  let turns = 0;
  const timer = setInterval(() => void turns++, 1);
  const end = performance.now() + 200;
  while (performance.now() < end) await twice(x).data();
  clearInterval(timer);
  await device.close();
  assert.ok(turns >= 5, `timers had ${turns} turns in 200 ms`);
});
