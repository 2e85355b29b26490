import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { type Golden, lossesAgree, metricsAgree } from "../../core/dist/nn/objectives.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

const goldens = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "core", "src", "nn", "goldens");
const golden = JSON.parse(readFileSync(join(goldens, "objectives.json"), "utf8")) as Golden; // our own file

nativeTest("every loss and its gradient on native as in Keras", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await lossesAgree(golden.losses);
  await device.close();
});

/** One row a name: the compiler takes its time for a program with them all. */
const metrics = golden.metrics.filter(
  ({ name }, index) => golden.metrics.findIndex((other) => other.name === name) === index,
);

nativeTest("every metric on native as in Keras, over two batches", async () => {
  const device = await createNativeDevice({ threads: 2 });
  await setDevice(device);
  await metricsAgree(metrics);
  await device.close();
});
