import { after, describe, it } from "node:test";
// Tests are in no package's public interface.
import { conform } from "../../core/dist/device/conformance.js";
import { createNativeDevice, nativeAvailable } from "./index.ts";
import { nativeTest } from "./testing.ts";

/** Programs that are compiled at the same time; they still run one after the other. */
const concurrency = 4;

if ((await nativeAvailable()).available) {
  const device = await createNativeDevice({ threads: 2, handOver: "all" });
  describe("every primitive on every dtype", { concurrency }, () => {
    after(() => device.close());
    console.log(conform(device, (name, body) => it(name, body)));
  });
} else {
  nativeTest("every primitive on every dtype", async () => {
    await createNativeDevice();
  });
}
