import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { crc32c } from "../base/crc32c.ts";
import { NdArray } from "../data/index.ts";
import { loadModel, type Model, sequential } from "../model/index.ts";
import { layers, metrics } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, setRandomSeed } from "../tensor/index.ts";
import type { Callback, Logs, TrainingControl } from "./callbacks/callback.ts";
import { histogramOf } from "./callbacks/histogram.ts";
import { callbacks } from "./index.ts";

let folder = "";
before(async () => {
  await setDevice("reference");
  folder = await mkdtemp(join(tmpdir(), "chainrule-callbacks-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const x = new NdArray(
  new Float32Array(24).map((_, at) => Math.sin(at * 7.1)),
  [8, 3],
);
const y = new NdArray(
  new Float32Array(8).map((_, at) => at % 2),
  [8, 1],
);
const quiet = { verbose: "silent", batchSize: 4, validationSplit: 0.5 } as const;
const network = (optimizer = optimizers.sgd({ learningRate: 0.5 })): Model => {
  setRandomSeed(5);
  return sequential([layers.input([3]), layers.dense(1, { name: "only" })]).compile({
    optimizer,
    loss: "mse",
    metrics: ["mae", metrics.auc()],
  });
};

/** Plays a figure's series to a callback, epoch by epoch; returns the learning rates after each, and where it stopped. */
async function play(callback: Callback, series: readonly number[], name = "valLoss") {
  const model = network();
  let stopped = false;
  const unused = (): never => assert.fail("not asked for here");
  const stop = (): void => {
    stopped = true;
  };
  const control: TrainingControl = {
    model,
    epochs: 99,
    steps: 1,
    dataWait: 0,
    validates: true,
    batchSize: 1,
    stop,
    tell: () => {},
    build: unused,
    evaluate: unused,
    snapshot: unused,
    resume: unused,
  };
  const rates: number[] = [];
  await callback.onTrainBegin?.(control);
  for (const [epoch, value] of series.entries()) {
    await callback.onEpochBegin?.(epoch, control);
    await callback.onEpochEnd?.(epoch, { [name]: value }, control);
    rates.push(await model.objective.optimizer.learningRate.item());
    if (stopped) return { rates, epochs: epoch + 1 };
  }
  return { rates, epochs: series.length };
}

/** Options, a series of figures, and the epochs after which Keras stops. */
const stops: readonly (readonly [object, readonly number[], number, string?])[] = [
  [{ patience: 2 }, [5, 4, 4, 4, 4], 4],
  [{ patience: 2, minDelta: 0.5 }, [5, 4.8, 4.7, 4.6], 3],
  [{ patience: 1, mode: "max" }, [1, 2, 1.5, 3], 3],
  [{ patience: 1, startFromEpoch: 3 }, [1, 2, 3, 4, 5], 5],
  [{ patience: 2, baseline: 3 }, [5, 4.5, 4.5, 4.5], 3],
  [{ patience: 1, monitor: "auc" }, [0.5, 0.6, 0.7, 0.6], 4, "auc"],
  [{ patience: 1, monitor: "valMae" }, [0.5, 0.6], 2, "valMae"],
];
for (const [options, series, epochs, name] of stops) {
  test(`early stopping with ${JSON.stringify(options)} ends after ${epochs} of ${series.join(", ")}`, async () => {
    assert.equal((await play(callbacks.earlyStopping(options), series, name)).epochs, epochs);
  });
}

test("a figure that training does not have is named with its nearest", async () => {
  await assert.rejects(
    network().fit(x, y, { ...quiet, callbacks: [callbacks.earlyStopping({ monitor: "valLos" })] }),
    /earlyStopping: training has no figure "valLos"[\s\S]*did you mean "valLoss"/,
  );
});

test("the learning rate falls on a plateau, cools down, and stays above its least", async () => {
  const reduce = callbacks.reduceLROnPlateau({ factor: 0.5, patience: 2, cooldown: 1, minLearningRate: 0.2 });
  const { rates } = await play(reduce, [1, 1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(
    rates.map((rate) => Math.fround(rate)),
    [0.5, 0.5, 0.25, 0.25, Math.fround(0.2), Math.fround(0.2), Math.fround(0.2), Math.fround(0.2)],
  );
});

test("a scheduler sets the rate of each epoch from the one before", async () => {
  const scheduler = callbacks.learningRateScheduler((epoch, rate) => (epoch === 0 ? 1 : rate / 2));
  assert.deepEqual((await play(scheduler, [1, 1, 1])).rates, [1, 0.5, 0.25]);
});

test("model checkpoints: the best only, weights only, and paths with figures", async () => {
  const at = (name: string): string => join(folder, name);
  const model = network();
  await model.fit(x, y, {
    ...quiet,
    epochs: 3,
    callbacks: [
      callbacks.modelCheckpoint(at("all-{epoch:02d}-{valLoss:.3f}.safetensors")),
      callbacks.modelCheckpoint(at("best.safetensors"), { saveBestOnly: true, monitor: "loss", mode: "max" }),
      callbacks.modelCheckpoint(at("never.safetensors"), { saveBestOnly: true, initialValueThreshold: -1 }),
      callbacks.modelCheckpoint(at("batch-{batch}-of-{epoch}.safetensors"), { saveFreq: 2, saveWeightsOnly: true }),
    ],
  });
  const losses = model.history.history["valLoss"]!;
  const names = (await readdir(folder)).sort();
  assert.deepEqual(names, [
    ...losses.map((loss, epoch) => `all-0${epoch + 1}-${loss.toFixed(3)}.safetensors`),
    "batch-1-of-2.safetensors",
    "best.safetensors",
  ]);
  const [first] = model.history.history["loss"]!;
  assert.ok(
    Math.max(...model.history.history["loss"]!) === first,
    "the loss falls, so its largest is that of the first epoch",
  );
  const saved = await loadModel(at("best.safetensors"));
  const one = await loadModel(at(names[0]!));
  assert.deepEqual(await saved.variables[0]!.array(), await one.variables[0]!.array());
  const other = network();
  await other.loadWeights(at("batch-1-of-2.safetensors"));
  await assert.rejects(
    network().fit(x, y, { ...quiet, callbacks: [callbacks.modelCheckpoint(at("{valAcc}.x"))] }),
    /the path ".*" names the unknown figure "valAcc"/,
  );
});

test("the figures as a CSV file, also gone on with", async () => {
  const path = join(folder, "log.csv");
  const model = network();
  await model.fit(x, y, { ...quiet, epochs: 2, callbacks: [callbacks.csvLogger(path)] });
  await model.fit(x, y, {
    ...quiet,
    epochs: 3,
    initialEpoch: 2,
    callbacks: [callbacks.csvLogger(path, { append: true })],
  });
  const [head, ...rows] = (await readFile(path, "utf8")).trimEnd().split("\n");
  assert.equal(head, "epoch,auc,loss,mae,valAuc,valLoss,valMae");
  const { history } = model.history;
  const row = (epoch: number): string =>
    [
      epoch,
      ...head!
        .split(",")
        .slice(1)
        .map((name) => history[name]![epoch]),
    ].join(",");
  assert.deepEqual(rows, [0, 1, 2].map(row));
});

/** The data of an event file's records, whose checksums are checked. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const masked = (part: Uint8Array): number => {
    const crc = crc32c(part);
    return ((((crc >>> 15) | (crc << 17)) >>> 0) + 0xa282ead8) >>> 0;
  };
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    assert.equal(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(view.getUint32(at + 12 + length, true), masked(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

test("event files: a version, then figures and histograms of each epoch, training and validation apart", async () => {
  const logs = join(folder, "logs");
  await network().fit(x, y, {
    ...quiet,
    epochs: 2,
    callbacks: [callbacks.tensorBoard(logs, { histogramFreq: 1, updateFreq: 1 })],
  });
  const events = async (part: string): Promise<string[]> => {
    const [name, ...more] = await readdir(join(logs, part));
    assert.match(name!, /^events\.out\.tfevents\.\d+\./);
    assert.deepEqual(more, []);
    return recordsOf(await readFile(join(logs, part, name!))).map((data) => Buffer.from(data).toString("latin1"));
  };
  const [version, graph, ...train] = await events("train");
  assert.match(version!, /brain\.Event:2$/);
  for (const word of ["only", "Dense"]) assert.ok(graph!.includes(word), word);
  assert.equal(train.length, 4); // a batch and an end for each epoch
  assert.match(train[0]!, /batch_loss/);
  for (const tag of ["epoch_loss", "epoch_mae", "epoch_learningRate", "only/kernel", "only/bias"])
    assert.ok(train[1]!.includes(tag), tag);
  const validation = await events("validation");
  assert.equal(validation.length, 3);
  assert.ok(validation[1]!.includes("epoch_loss") && !validation[1]!.includes("val"));
});

test("histograms count every finite value once, between limits that rise and hold it", () => {
  const values = [-3, -1e-3, 0, 0, 1e-50, 0.55, 0.56, 700, Number.NaN, Number.POSITIVE_INFINITY];
  const { min, max, count, sum, limits, counts } = histogramOf(values)!;
  assert.deepEqual([min, max, count], [-3, 700, 8]);
  assert.ok(Math.abs(sum - values.slice(0, 8).reduce((a, b) => a + b)) < 1e-9);
  assert.ok(limits.every((limit, index) => index === 0 || limit > limits[index - 1]!));
  const upTo = (limit: number): number => values.filter((value) => Number.isFinite(value) && value <= limit).length;
  let total = 0;
  for (const [index, limit] of limits.entries()) {
    total += counts[index]!;
    assert.equal(total, upTo(limit), `up to ${limit}`);
  }
  assert.equal(histogramOf([Number.NaN]), undefined);
});

test("validation with averaged weights: what is measured is the average, what trains on is not", async () => {
  const run = async (list: readonly Callback[]): Promise<Logs> => {
    const model = network(optimizers.sgd({ learningRate: 0.5, useEma: true, emaMomentum: 0.9 }));
    const { history } = await model.fit(x, y, { ...quiet, epochs: 3, callbacks: list });
    return Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values.at(-1)!]));
  };
  const [plain, swapped] = [await run([]), await run([callbacks.swapEmaWeights()])];
  assert.equal(swapped["loss"], plain["loss"]);
  assert.notEqual(swapped["valLoss"], plain["valLoss"]);
  await assert.rejects(
    network().fit(x, y, { ...quiet, callbacks: [callbacks.swapEmaWeights()] }),
    /the optimizer keeps no averages/,
  );
});

test("hooks are called in order, and those of all callbacks before the next kind", async () => {
  const heard: string[] = [];
  const names = [
    "onTrainBegin",
    "onEpochBegin",
    "onBatchBegin",
    "onBatchEnd",
    "onTestBegin",
    "onTestEnd",
    "onEpochEnd",
    "onEpochOver",
    "onTrainEnd",
  ] as const;
  const listener = (who: string): Callback =>
    callbacks.lambda(Object.fromEntries(names.map((name) => [name, () => void heard.push(`${who}${name}`)])));
  await network().fit(x, y, { ...quiet, callbacks: [listener("1"), listener("2")] });
  assert.deepEqual(
    heard,
    names.flatMap((name) => [`1${name}`, `2${name}`]),
  );
});

test("the same seed gives the same order of the data, another seed another", async () => {
  const losses = async (seed: number): Promise<readonly number[]> => {
    setRandomSeed(1);
    const model = sequential([layers.input([3]), layers.dense(1)]).compile({ loss: "mse" });
    model.buildFor([null, 3]);
    setRandomSeed(seed);
    return (await model.fit(x, y, { verbose: "silent", batchSize: 3, epochs: 2 })).history["loss"]!;
  };
  assert.deepEqual(await losses(7), await losses(7));
  assert.notDeepEqual(await losses(7), await losses(8));
});

test("CSV files of a broken path are an error that names it", async () => {
  await writeFile(join(folder, "plain"), "");
  await assert.rejects(
    network().fit(x, y, { ...quiet, callbacks: [callbacks.csvLogger(join(folder, "plain", "log.csv"))] }),
    /cannot write .*log\.csv/,
  );
});
