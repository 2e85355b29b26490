import { after } from "node:test";
// Tests are in no package's public interface.
import { conform } from "../../core/dist/device/conformance.js";
import { createNativeDevice, nativeAvailable } from "./index.ts";
import { nativeTest } from "./testing.ts";

if ((await nativeAvailable()).available) {
  const device = await createNativeDevice({ threads: 2 });
  after(() => device.close());
  conform(device, nativeTest);
} else {
  nativeTest("native conforms", async () => {
    await createNativeDevice();
  });
}
