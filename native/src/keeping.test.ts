// Tests are in no package's public interface.
import { checkKeeping } from "../../core/dist/device/keeping.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest("kept values follow their inputs", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await checkKeeping(device);
  await device.close();
});
