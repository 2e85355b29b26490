import { layers, ndarray, optimizers, sequential, setDevice, setRandomSeed } from "chainrule";
import { createWasmDevice } from "chainrule/device/wasm";

/** What one run learns from, and how; the same in Node and in a page. */
export interface TrainingOptions {
  /** [examples, 28, 28, 1], from 0 to 1 */
  readonly images: Float32Array;
  /** [examples], from 0 to 9 */
  readonly labels: Uint8Array;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly threads: number;
  /** Whether to use the fused multiply-add of relaxed SIMD. */
  readonly relaxed: boolean;
  /** "none" computes on the calling thread, as pages do that are not cross-origin isolated. */
  readonly sharing: "automatic" | "none";
}

export interface TrainingResult {
  /** Which device computed: "SIMD, 2 threads". */
  readonly device: string;
  /** The running mean of the loss after each step. */
  readonly losses: readonly number[];
  /** SHA-256 over the bits of all weights and of the optimizer's state. */
  readonly weights: string;
  readonly milliseconds: number;
}

/** The digits program: the book's convnet, trained from random weights on the wasm device. */
export async function train(
  options: TrainingOptions,
  onStep: (loss: number) => void = () => {},
): Promise<TrainingResult> {
  const began = performance.now();
  const { images, labels, epochs, batchSize, seed, threads, relaxed, sharing } = options;
  const device = await setDevice(await createWasmDevice({ threads, relaxed, sharing }));
  setRandomSeed(seed);
  const model = sequential(
    [
      layers.input([28, 28, 1]),
      layers.conv2d(32, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(64, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(128, 3, { activation: "relu" }),
      layers.flatten(),
      layers.dense(10, { activation: "softmax" }),
    ],
    { name: "digits" },
  );
  model.compile({ optimizer: optimizers.adam(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });

  const losses: number[] = [];
  const record = (_step: number, logs: Readonly<Record<string, number>>): void => {
    losses.push(logs["loss"] ?? Number.NaN);
    onStep(losses.at(-1) ?? Number.NaN);
  };
  const x = ndarray(images, [labels.length, 28, 28, 1]);
  await model.fit(
    { x, y: ndarray(labels) },
    { epochs, batchSize, seed, verbose: "silent", callbacks: [{ onBatchEnd: record }] },
  );

  const weights = await digest(
    await Promise.all([...model.variables, ...model.optimizerVariables].map((variable) => variable.bytes())),
  );
  const { description } = device;
  await device.close();
  return { device: description, losses, weights, milliseconds: performance.now() - began };
}

/** SHA-256 over several pieces, as hexadecimal digits. */
async function digest(pieces: readonly Uint8Array[]): Promise<string> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let next = 0;
  for (const piece of pieces) {
    all.set(piece, next);
    next += piece.length;
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
