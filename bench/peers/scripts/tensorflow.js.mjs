// What a user would write for W2; bundled for W9's last line, never run. The .wasm files (0.4 MB) come on top.
import { layers, sequential, setBackend } from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";

export async function train(x, y) {
  await setBackend("wasm");
  const model = sequential({
    layers: [
      layers.dense({ units: 512, activation: "relu", inputShape: [784] }),
      layers.dense({ units: 512, activation: "relu" }),
      layers.dense({ units: 10, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  await model.fit(x, y, { batchSize: 128 });
}
