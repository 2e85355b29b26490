// Tests are in no package's public interface.
import { attend, storesNoScores } from "../../core/dist/attention.test.body.js";
import { createNativeDevice, nativeAvailable } from "./index.ts";
import { nativeTest } from "./testing.ts";

if ((await nativeAvailable()).available) {
  const device = await createNativeDevice({ threads: 2 });
  attend(device, nativeTest);
  nativeTest("native: an attention and its derivative store no scores", async () => storesNoScores(device.target));
}
