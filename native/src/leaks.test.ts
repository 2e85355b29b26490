import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { droppedTensors, twentyThousandSteps, twoHundredModels } from "../../core/dist/leaks.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest("native: 200 models, built, trained for a step and dropped, leave nothing behind", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await twoHundredModels(device);
  await device.close();
});

nativeTest("native: memory is flat over 20,000 steps", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await twentyThousandSteps(device);
  await device.close();
});

nativeTest("native: dropped tensors go back while others are made", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await droppedTensors(device);
  await device.close();
});
