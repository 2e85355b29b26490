import { after, test } from "node:test";
import { conform } from "../conformance.ts";
import { createWasmDevice } from "./index.ts";

for (const sharing of ["automatic", "none"] as const) {
  const device = await createWasmDevice({ threads: 2, sharing, handOver: "all", relaxed: false });
  after(() => device.close());
  console.log(conform(device, (name, body) => test(`${name}, ${device.threads} threads`, body)));
}
