import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Model, sequential } from "../model/index.ts";
import { classes } from "../nn/classes.ts";
import { layers, type Metric, metrics, type SymbolicTensor } from "../nn/index.ts";
import { clearSession, snakeCase } from "../nn/names.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, tensor } from "../tensor/index.ts";
import type { BackupAndRestoreOptions } from "./callbacks/backupAndRestore.ts";
import type { Callback, TrainingControl } from "./callbacks/callback.ts";
import type { CsvLoggerOptions } from "./callbacks/csvLogger.ts";
import type { EarlyStoppingOptions } from "./callbacks/earlyStopping.ts";
import type { LearningRateSchedulerOptions } from "./callbacks/learningRateScheduler.ts";
import type { ModelCheckpointOptions } from "./callbacks/modelCheckpoint.ts";
import type { ReduceLROnPlateauOptions } from "./callbacks/reduceLROnPlateau.ts";
import type { SwapEmaWeightsOptions } from "./callbacks/swapEmaWeights.ts";
import type { TerminateOnNaNOptions } from "./callbacks/terminateOnNaN.ts";
import { callbacks } from "./index.ts";

// What Keras's own callbacks do with made-up figures, and its default names: scripts/goldens/kerasCallbacks.py explains the file.

type Values = Readonly<Record<string, unknown>>;
interface Case {
  readonly callback: keyof typeof makers;
  readonly options: Values;
  readonly figures: readonly Readonly<Record<string, number>>[];
  readonly batches?: number;
  readonly times?: number;
  readonly stopped: number | null;
  readonly kept: number;
  readonly rates: readonly number[];
  readonly files: readonly string[];
  readonly told: readonly string[];
  readonly text?: string;
}
const path = new URL("../../src/goldens/kerasCallbacks.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as {
  readonly signatures: Readonly<Record<string, Values>>;
  readonly names: Readonly<Record<string, string>>;
  readonly directions: Readonly<Record<string, string | null>>;
  readonly cases: readonly Case[];
}; // our own file

const makers = {
  EarlyStopping: (options: Values) => callbacks.earlyStopping(options),
  ReduceLROnPlateau: (options: Values) => callbacks.reduceLROnPlateau(options),
  ModelCheckpoint: ({ path: to, ...options }: Values) => callbacks.modelCheckpoint(to as string, options),
  CSVLogger: ({ path: to, ...options }: Values) => callbacks.csvLogger(to as string, options),
};

/** All options, which types demand, with their defaults. */
const defaults = {
  EarlyStopping: {
    monitor: "valLoss",
    mode: "auto",
    patience: 0,
    minDelta: 0,
    baseline: undefined,
    restoreBestWeights: false,
    startFromEpoch: 0,
    verbose: false,
  } satisfies Required<EarlyStoppingOptions>,
  ReduceLROnPlateau: {
    monitor: "valLoss",
    mode: "auto",
    factor: 0.1,
    patience: 10,
    minDelta: 1e-4,
    cooldown: 0,
    minLearningRate: 0,
    verbose: false,
  } satisfies Required<ReduceLROnPlateauOptions>,
  ModelCheckpoint: {
    monitor: "valLoss",
    mode: "auto",
    saveBestOnly: false,
    saveWeightsOnly: false,
    saveFreq: "epoch",
    initialValueThreshold: undefined,
    verbose: false,
  } satisfies Required<ModelCheckpointOptions>,
  CSVLogger: { separator: ",", append: false } satisfies Required<CsvLoggerOptions>,
  SwapEMAWeights: { swapOnEpoch: false } satisfies Required<SwapEmaWeightsOptions>,
  TerminateOnNaN: { raiseError: false } satisfies Required<TerminateOnNaNOptions>,
  BackupAndRestore: { saveFreq: "epoch", deleteCheckpoint: true, keep: 2 } satisfies Required<BackupAndRestoreOptions>,
  LearningRateScheduler: { verbose: false } satisfies Required<LearningRateSchedulerOptions>,
} as const;
/** Parameters of Keras that are arguments by position here, or that say nothing. */
const elsewhere = ["filepath", "filename", "backup_dir", "schedule", "double_checkpoint"];

const camelCase = (name: string): string =>
  ({ min_lr: "minLearningRate", filepath: "path", filename: "path" })[name] ??
  name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
/** Keras's words for options and figures as ours. */
const ourOptions = (options: Values): Values =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      camelCase(name),
      typeof value === "string" ? value.replace(/val_(\w)/g, (_, letter) => `val${letter.toUpperCase()}`) : value,
    ]),
  );
const ourWords = (line: string): string =>
  line.replace(/val_(\w)/g, (_, letter: string) => `val${letter.toUpperCase()}`).replace("from None", "from nothing");
/** Rates are compared as numbers. */
const rounded = (line: string): string => line.replace(/(?<=rate to ).*(?=\.$)/, "its value");
const ourFigures = (logs: Readonly<Record<string, number>>) => ourOptions(logs) as Readonly<Record<string, number>>;

let folder = "";
before(async () => {
  await setDevice("reference");
  folder = await mkdtemp(join(tmpdir(), "chainrule-keras-callbacks-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const network = (): Model =>
  sequential([layers.input([1]), layers.dense(1, { useBias: false })]).compile({
    optimizer: optimizers.sgd({ learningRate: 0.5 }),
    loss: "mse",
    metrics: ["accuracy", "mae"],
  });

/** Tells a callback the figures as Keras's script does. */
async function play(callback: Callback, { figures, batches = 0, times = 1 }: Case) {
  const model = network();
  const files: string[] = [];
  const saved = async (to: string): Promise<void> => void files.push(to.slice(folder.length + 1));
  Object.assign(model, { save: saved, saveWeights: saved });
  const rates: number[] = [];
  const told: string[] = [];
  let stopped: number | null = null;
  let stop = false;
  const unused = (): never => assert.fail("not asked for here");
  const control: TrainingControl = {
    model,
    epochs: figures.length,
    steps: batches,
    batchSize: 1,
    dataWait: 0,
    validates: true,
    stop: () => {
      stop = true;
    },
    tell: (line) => void told.push(line.replace(`${folder}/`, "")),
    build: unused,
    evaluate: unused,
    snapshot: unused,
    resume: unused,
  };
  for (let time = 0; time < times; time++) {
    stop = false;
    await callback.onTrainBegin?.(control);
    for (const [epoch, given] of figures.entries()) {
      const logs = ourFigures(given);
      await callback.onEpochBegin?.(epoch, control);
      for (let batch = 0; batch < batches; batch++) await callback.onBatchEnd?.(batch, logs, control);
      model.variables[0]!.assign(tensor([[epoch]]));
      await callback.onEpochEnd?.(epoch, logs, control);
      rates.push(await model.objective.optimizer.learningRate.item());
      if (!stop) continue;
      stopped = epoch;
      break;
    }
    await callback.onTrainEnd?.({}, control);
  }
  const [[kept]] = (await model.variables[0]!.array()) as [[number]];
  return { stopped, kept, rates, files, told };
}

for (const name of Object.keys(makers) as (keyof typeof makers)[]) {
  const cases = golden.cases.filter(({ callback }) => callback === name);
  test(`${name} does with made-up figures what Keras's does (${cases.length} cases, defaults given or not)`, async () => {
    for (const each of cases) {
      const what = JSON.stringify([each.options, each.figures]);
      const { path: to, ...options } = ourOptions(each.options);
      const place = { path: join(folder, name === "CSVLogger" ? "log.csv" : String(to)) };
      for (const given of [options, { ...defaults[name], ...options }]) {
        if (name === "CSVLogger") await rm(join(folder, "log.csv"), { force: true });
        const found = await play(
          makers[name]({
            ...given,
            ...(name === "CSVLogger" ? {} : { verbose: true }),
            ...(to === undefined && name !== "CSVLogger" ? {} : place),
          }),
          each,
        );
        if (each.text !== undefined) {
          // Whole numbers have no point in JavaScript.
          const text = ourOptions({ text: each.text.replace(/(\d)\.0(?!\d)/g, "$1") })["text"] as string;
          assert.equal(await readFile(join(folder, "log.csv"), "utf8"), text, what);
          continue;
        }
        const { stopped, kept, rates, files } = each;
        assert.deepEqual({ ...found, rates: [], told: [] }, { stopped, kept, rates: [], files, told: [] }, what);
        assert.deepEqual(found.told.map(rounded), each.told.map(ourWords).map(rounded), what);
        assert.equal(found.rates.length, rates.length);
        for (const [at, rate] of rates.entries()) assert.ok(Math.abs(found.rates[at]! - rate) <= 1e-6 * rate, what);
      }
    }
  });
}

test("options of callbacks and their defaults are Keras's", () => {
  for (const [name, ours] of Object.entries(defaults) as [string, Values][]) {
    const theirs = Object.entries(golden.signatures[name]!).filter(([key]) => !elsewhere.includes(key));
    const expected = Object.fromEntries(
      theirs.map(([key, value]) => [camelCase(key), key === "verbose" ? value === 1 : (value ?? undefined)]),
    );
    const { keep: _, ...known } = ours; // how many checkpoints stay: Keras has one, or two with double_checkpoint
    assert.deepEqual(ourOptions(expected), known, name);
  }
});

test("layers are named as Keras names them, inputs too", () => {
  clearSession();
  const inputs = [layers.input([3]), layers.input([3])] as readonly SymbolicTensor[];
  assert.deepEqual(
    inputs.map(({ name }) => name),
    ["input_layer", "input_layer_1"],
  );
  const grouped = [0, 1].map(() => layers.groupQueryAttention(2, 2, 1).name);
  assert.deepEqual(grouped, ["grouped_query_attention", "grouped_query_attention_1"]);
  const known = Object.keys(classes).filter(
    (name) => Object.hasOwn(golden.names, name) && name !== "GroupQueryAttention",
  );
  assert.ok(known.length > 100);
  for (const name of known) assert.equal(snakeCase(name), golden.names[name], name);
});

test("metrics know as Keras's do whether more of them is better", () => {
  const made: Readonly<Record<string, () => Metric>> = {
    AUC: metrics.auc,
    IoU: () => metrics.iou(2, [0]),
    KLDivergence: metrics.klDivergence,
    LogCoshError: metrics.logCosh,
    OneHotIoU: () => metrics.oneHotIoU(2, [0]),
    MeanIoU: () => metrics.meanIoU(2),
    OneHotMeanIoU: () => metrics.oneHotMeanIoU(2),
    PrecisionAtRecall: () => metrics.precisionAtRecall(0.5),
    RecallAtPrecision: () => metrics.recallAtPrecision(0.5),
    SensitivityAtSpecificity: () => metrics.sensitivityAtSpecificity(0.5),
    SpecificityAtSensitivity: () => metrics.specificityAtSensitivity(0.5),
  };
  const found = Object.entries(golden.directions).map(([theirs, direction]) => {
    const name = theirs.charAt(0).toLowerCase() + theirs.slice(1);
    const make = made[theirs] ?? (metrics as unknown as Readonly<Record<string, (() => Metric) | undefined>>)[name];
    return [theirs, make === undefined ? "missing" : (make().direction ?? null), direction] as const;
  });
  assert.deepEqual(
    found.filter(([, ours, theirs]) => ours !== theirs),
    [],
  );
});
