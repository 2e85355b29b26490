// A training of digits in a process of its own, recorded into the folder that is named: what the page looks at in live.test.ts.
// With a step to hold at it pauses there, until somebody lets it go on: tests need not race it.
import { studioRecording } from "@chainrule/studio";
import { layers, ndarray, sequential } from "chainrule";
import { loadDigits } from "chainrule/cli";

const [folder = "runs", name = "digits", epochs = "3", holdAt] = process.argv.slice(2);
const { train, test } = await loadDigits();
const [examples, validation] = [1024, 256];
// One picture of the validation is another than all others: dark on light.
const inverted = 200;
const seen = test.x.slice(0, validation);
const pixels = Float32Array.from(seen.data as Float32Array); // pixels are floats
for (let at = inverted * seen.stride; at < (inverted + 1) * seen.stride; at++) pixels[at] = 1 - pixels[at]!;
const model = sequential(
  [
    layers.input([28, 28, 1]),
    layers.randomTranslation(0.1, 0.1, { name: "shift" }),
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
    validationData: { x: ndarray(pixels, seen.shape), y: test.y.slice(0, validation) },
    recording: await studioRecording({
      folder,
      name,
      serve: false,
      ...(holdAt === undefined ? {} : { replay: [{ step: Number(holdAt), command: { type: "pause" } }] }),
    }),
  },
);
