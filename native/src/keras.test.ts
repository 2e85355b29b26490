import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { endsAgree, functionsAgree } from "../../core/dist/nn/functions.test.body.js";
import { goldensAgree } from "../../core/dist/nn/golden.test.body.js";
import { kerasCases } from "../../core/dist/nn/keras.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

nativeTest(`layers on native: outputs and gradients as in Keras (${kerasCases.length})`, async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  const prepared = kerasCases.map(({ prepare }) => prepare());
  await goldensAgree(prepared, 2e-5);
  await device.close();
});

nativeTest("activations, regularizers and constraints on native as in Keras, also at the ends", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await functionsAgree(2e-6);
  await endsAgree();
  await device.close();
});
