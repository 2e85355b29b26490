import { after, test } from "node:test";
import { createReferenceDevice } from "./device/index.ts";
import { createWasmDevice } from "./device/wasm/index.ts";
import { orderLaws } from "./order.test.body.ts";

const devices = {
  reference: createReferenceDevice(),
  "wasm on the calling thread": await createWasmDevice({ sharing: "none" }),
  "wasm on two threads": await createWasmDevice({ threads: 2, handOver: "all" }),
  "wasm on two threads, short programs on the calling one": await createWasmDevice({ threads: 2 }),
};
after(() => Promise.all(Object.values(devices).map((device) => device.close())));

for (const [kind, device] of Object.entries(devices))
  for (const { name, holds } of orderLaws) test(`${kind}: ${name}`, () => holds(device));
