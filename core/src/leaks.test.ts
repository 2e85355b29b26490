import { before, test } from "node:test";
import type { Device } from "./device/device.ts";
import { droppedTensors, thousandShapes, twentyThousandSteps, twoHundredModels } from "./leaks.test.body.ts";
import { setDevice } from "./tensor/index.ts";

let device: Device;
before(async () => {
  device = await setDevice("wasm");
});

test("wasm: 200 models, built, trained for a step and dropped, leave nothing behind", () => twoHundredModels(device));
test("wasm: memory is flat over 20,000 steps", () => twentyThousandSteps(device));
test("wasm: 1,000 programs for ever new shapes leave what a function keeps", () => thousandShapes(device));
test("wasm: dropped tensors go back while others are made", () => droppedTensors(device));
