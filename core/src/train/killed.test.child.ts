import { createHash } from "node:crypto";
import { Dataset, NdArray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { layers, losses, metrics } from "../nn/index.ts";
import { optimizers, schedules } from "../optim/index.ts";
import { engineStatistics, random, setDevice, setRandomSeed, setThreads } from "../tensor/index.ts";
import { callbacks } from "./index.ts";

// The program that the kill test starts, kills and starts again: `node killed.test.child.js folder arrays|dataset`. It has all the state that
// there is (dropout with and without a seed, batch normalization, moments, averages that overwrite, sums of gradients, a schedule
// or a rate that a callback lowers, figures, callbacks), and prints a digest of the end.

const [folder = "", kind] = process.argv.slice(2);
await setDevice("wasm");
setThreads(1);
setRandomSeed(42);

const examples = 512;
const x = new NdArray(
  new Float32Array(examples * 6).map((_, at) => Math.sin(at * 12.9898)),
  [examples, 6],
);
const y = Int32Array.from({ length: examples }, (_, at) =>
  x.data[at * 6]! > 0.3 ? 2 : x.data[at * 6 + 1]! > 0 ? 1 : 0,
);
const model = sequential([
  layers.input([6]),
  layers.dense(24, { activation: "relu" }),
  layers.batchNormalization(),
  layers.dropout(0.3),
  layers.gaussianNoise(0.1, { seed: 5 }),
  layers.dense(3, { activation: "softmax" }),
]);
model.compile({
  optimizer: optimizers.adamw({
    learningRate: kind === "dataset" ? 0.01 : schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 200 }),
    clipNorm: 1,
    useEma: true,
    ...(kind === "dataset" ? { emaOverwriteFrequency: 5 } : {}),
    gradientAccumulationSteps: 2,
  }),
  loss: losses.sparseCategoricalCrossentropy(),
  metrics: ["accuracy", metrics.sparseTopKCategoricalAccuracy({ k: 2 })],
});
/** Says that the first step has been compiled and sent: whoever kills may count from here. Takes its time, as larger models do. */
let told = false;
async function tell(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 3));
  if (!told && model.objective.optimizer.built && engineStatistics().runs > 2) {
    told = true;
    console.log("begun");
  }
}
/** Random orders and elements, epochs that are no passes, and a state in the middle of all of it. */
const data = Dataset.fromTensorSlices({ x, y })
  .take(384)
  .map((each, { random }) => ({ ...each, sampleWeight: random() < 0.1 ? 0 : 1 }))
  .filter((_, { random }) => random() < 0.9)
  .shuffle(100)
  .batch(32)
  .repeat();
const validationData = { x: x.slice(384, examples), y: y.slice(384, examples) };
const common = {
  epochs: 16,
  verbose: "silent",
  callbacks: [
    callbacks.earlyStopping({ monitor: "valAccuracy", patience: 30, restoreBestWeights: true }),
    ...(kind === "dataset" ? [callbacks.reduceLROnPlateau({ monitor: "valLoss", patience: 1, factor: 0.7 })] : []),
    callbacks.backupAndRestore(folder, { saveFreq: 1, keep: 3 }),
    callbacks.lambda({ onBatchBegin: tell }),
  ],
} as const;
const { history } = await (kind === "dataset"
  ? model.fit(data, { ...common, stepsPerEpoch: 12, validationData })
  : model.fit(x, y, { ...common, batchSize: 32, validationSplit: 0.25 }));

const hash = createHash("sha256").update(JSON.stringify(history));
for (const variable of [...model.variables, ...model.optimizerVariables]) hash.update(await variable.bytes());
hash.update(new Uint8Array(new Float32Array(await random.uniform([4]).data()).buffer));
console.log(`digest ${hash.digest("hex")}`);
process.exit();
