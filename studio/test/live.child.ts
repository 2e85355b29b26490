// A training of digits in a process of its own, recorded into the folder that is named: what the page looks at in live.test.ts.
// With a step to hold at it pauses there, until somebody lets it go on: tests need not race it.
import { studioRecording } from "@chainrule/studio";
import { layers, sequential } from "chainrule";
import { loadDigits } from "chainrule/cli";

const [folder = "runs", name = "digits", epochs = "3", holdAt] = process.argv.slice(2);
const { train, test } = await loadDigits();
const [examples, validation] = [1024, 256];
const model = sequential(
  [
    layers.input([28, 28, 1]),
    layers.conv2d(8, 3, { activation: "relu", name: "conv1" }),
    layers.maxPooling2d(2),
    layers.flatten(),
    layers.dense(10, { activation: "softmax", name: "dense1" }),
  ],
  { name: "digits" },
);
model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
await model.fit(
  { x: train.x.slice(0, examples), y: train.y.slice(0, examples) },
  {
    epochs: Number(epochs),
    batchSize: 32,
    verbose: "silent",
    validationData: { x: test.x.slice(0, validation), y: test.y.slice(0, validation) },
    recording: await studioRecording({
      folder,
      name,
      serve: false,
      ...(holdAt === undefined ? {} : { replay: [{ step: Number(holdAt), command: { type: "pause" } }] }),
    }),
  },
);
