import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import {
  clippingAgrees,
  type Golden,
  meansFade,
  optimizersAgree,
  schedulesAgree,
} from "../../core/dist/optim/optimizers.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

const goldens = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "core", "src", "optim", "goldens");
const golden = JSON.parse(readFileSync(join(goldens, "optimizers.json"), "utf8")) as Golden; // our own file

nativeTest(
  "20 steps of every optimizer, knob and schedule on native as in Keras, and means that fade, clipped in every way as on the reference device",
  async () => {
    const device = await createNativeDevice({ threads: 2 });
    await setDevice(device);
    await optimizersAgree(golden, golden.runs);
    await schedulesAgree(golden);
    await meansFade();
    await clippingAgrees(device);
    await device.close();
  },
);
