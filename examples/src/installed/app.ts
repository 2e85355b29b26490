// A program beside the installed package: `node app.js native wasm` prints, as JSON, what the package's parts did.
import {
  Dataset,
  layers,
  loadModel,
  log,
  modelToFormat,
  ndarray,
  sequential,
  setDevice,
  setRandomSeed,
  type Tensor,
} from "chainrule";
import { MemorySink } from "chainrule/observe";
import { readLog } from "chainrule/record";
import { record } from "chainrule/session";

const x = ndarray(
  Float32Array.from({ length: 64 }, (_, index) => Math.sin(index)),
  [32, 2],
);
const y = ndarray(
  Float32Array.from({ length: 32 }, (_, index) => index % 2),
  [32, 1],
);
const fitting = { epochs: 2, batchSize: 16, verbose: "silent", seed: 5 } as const;

function network() {
  setRandomSeed(3);
  return sequential([layers.input([2]), layers.dense(8, { activation: "tanh" }), layers.dense(1)]);
}

/** The loss after each epoch, and the predictions' sum of squares, also of the model that went through a file of Keras. */
async function trained(device: string) {
  await setDevice(device);
  const model = network().compile({ optimizer: "adam", loss: "meanSquaredError" });
  const { history } = await model.fit({ x, y }, fitting);
  const loaded = await loadModel(await modelToFormat(model, "keras"));
  const predicted = [await model.predict<Tensor>(x), await loaded.predict<Tensor>(x)];
  return { losses: history["loss"], sums: await Promise.all(predicted.map((each) => each.square().sum().item())) };
}

/** The line of this file that a recording names for a loss that is not finite. */
async function blamed() {
  const loss = (truth: Tensor, output: Tensor): Tensor => log(output.sub(output)).add(truth).mean();
  const model = network().compile({ optimizer: "adam", loss });
  const sink = new MemorySink();
  await model.fit({ x, y }, { ...fitting, recording: record({ place: { id: "run", sink }, notFinite: "stop" }) });
  const { entries } = readLog(sink.bytes);
  return entries.flatMap((entry) =>
    entry.kind === "event" && entry.content.type === "notFinite" ? (entry.content.cause?.source ?? []) : [],
  );
}

const results: Record<string, unknown> = {};
for (const device of process.argv.slice(2)) results[device] = await trained(device);
const squares: number[] = [];
for await (const square of Dataset.range(4).map((value) => value * value, { workers: 2 })) squares.push(Number(square));
console.log(JSON.stringify({ ...results, squares, blamed: await blamed() }));
process.exit(0);
