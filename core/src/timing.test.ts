import { test } from "node:test";
import { createWasmDevice } from "./device/wasm/index.ts";
import { setDevice } from "./tensor/index.ts";
import { launchesAreTimed } from "./timing.test.body.ts";

for (const threads of [1, 2]) {
  test(`wasm, threads: ${threads}: the launches of a run are timed while somebody listens`, async () => {
    const device = await createWasmDevice({ threads });
    await setDevice(device);
    await launchesAreTimed();
    await device.close();
  });
}
