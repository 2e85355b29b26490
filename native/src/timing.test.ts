import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { launchesAreTimed } from "../../core/dist/timing.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest("native: the launches of a run are timed while somebody listens", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await launchesAreTimed();
  await device.close();
});
