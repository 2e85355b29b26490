import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { goldenFile } from "../../core/dist/nn/golden.test.body.js";
import { lossesAgree, type Golden as Objectives } from "../../core/dist/nn/objectives.test.body.js";
import { torchAgrees, torchGolden } from "../../core/dist/nn/torch.test.body.js";
import { type Golden as Optimizers, optimizersAgree } from "../../core/dist/optim/optimizers.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

const { losses, ...optimizers } = goldenFile("torch") as Pick<Objectives, "losses"> & Optimizers; // our own file

nativeTest("layers, functions, losses and optimizers on native as in PyTorch", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await torchAgrees(torchGolden.cases, 2e-5);
  await lossesAgree(losses);
  await optimizersAgree(optimizers, optimizers.runs);
  await device.close();
});
