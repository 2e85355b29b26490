import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { vectorizes } from "../../core/dist/tensor/vectorize.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest("vectorize on native is numpy.vectorize, with derivatives", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await vectorizes(device);
  await setDevice("reference");
  await device.close();
});
