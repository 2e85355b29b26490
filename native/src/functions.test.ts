import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { assertAgree, results } from "../../core/dist/tensor/functions.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest("functions made of many primitives on native, compiled: the results of the reference", async () => {
  await setDevice("reference");
  const expected = await results();
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  assertAgree(await results(), expected);
  await setDevice("reference");
  await device.close();
});
