import { ndarray, uniformSource } from "./data/index.ts";
import type { Device } from "./device/device.ts";
import { sequential } from "./model/index.ts";
import { clearSession, layers } from "./nn/index.ts";
import { optimizers } from "./optim/index.ts";
import { setDevice, setRandomSeed } from "./tensor/index.ts";

// The body of the determinism test, for every package that has a device.

const examples = 150;

/** Images that a small convnet can learn something from, and their labels; always the same. */
function someData() {
  const uniform = uniformSource(5);
  const x = Float32Array.from({ length: examples * 12 * 12 }, () => uniform());
  const y = Uint8Array.from({ length: examples }, (_, index) =>
    x[index * 144]! > 0.5 ? 1 : x[index * 144 + 1]! > 0.5 ? 2 : 0,
  );
  return { x: ndarray(x, [examples, 12, 12, 1]), y: ndarray(y) };
}

/** All bits that a training run leaves behind: every weight and statistic after two epochs of everything random. */
export async function bitsAfterTraining(device: Device, seed: number): Promise<Uint8Array> {
  await setDevice(device);
  clearSession();
  setRandomSeed(seed);
  const model = sequential([
    layers.conv2d(24, 3, { activation: "relu" }),
    layers.batchNormalization(),
    layers.maxPooling2d(2),
    layers.conv2d(40, 3),
    layers.dropout(0.3),
    layers.flatten(),
    layers.dense(33, { activation: "gelu" }),
    layers.layerNormalization(),
    layers.dense(3, { activation: "softmax" }),
  ]);
  model.compile({
    optimizer: optimizers.adam({ globalClipNorm: 1 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  await model.fit(someData(), { epochs: 2, batchSize: 32, seed, verbose: "silent" });
  const parts = await Promise.all(model.variables.map((variable) => variable.bytes()));
  return Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
}
