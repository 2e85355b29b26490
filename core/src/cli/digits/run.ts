import { createHash } from "node:crypto";
import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ArgumentError, DataError } from "../../base/errors.ts";
import { writeFileAtomically } from "../../formats/index.ts";
import { loadModel, type Model, printBytes, saveModel } from "../../model/index.ts";
import { clearSession } from "../../nn/index.ts";
import { optimizers } from "../../optim/index.ts";
import { defaultDevice, deviceReport, setDevice, setRandomSeed, setThreads } from "../../tensor/index.ts";
import { printDuration } from "../../train/index.ts";
import { oneOf, positiveNumber, readOptions, text, toggle, type ValuesOf, wholeNumber } from "../options.ts";
import { type Digits, loadDigits } from "./data.ts";
import { digitsModel } from "./model.ts";
import { confusionMatrix, printConfusion, printMistakes, printTimes } from "./report.ts";

export const digitsOptions = {
  epochs: wholeNumber("passes over the training data (default 5)"),
  "batch-size": wholeNumber("examples a step (default 64)"),
  "learning-rate": positiveNumber("step size of Adam (default 0.001)"),
  seed: wholeNumber("decides the first weights and all orders (default 1)", 0),
  device: oneOf(["native", "wasm", "reference"], "where to compute (default: the fastest there is)"),
  threads: wholeNumber("threads to compute with (default: all cores)"),
  save: text("FILE", "where to save the trained model, as .safetensors"),
  json: text("FILE", "where to write the figures, as JSON"),
  predict: toggle("only load the saved model and predict the test set"),
} as const;

type Values = ValuesOf<typeof digitsOptions>;

/** What `--json` writes. Times are in milliseconds. */
export interface DigitsResult {
  readonly device: string;
  readonly parameters: number;
  readonly epochs: readonly { readonly loss: number; readonly accuracy: number; readonly valLoss: number; readonly valAccuracy: number }[];
  readonly testAccuracy: number;
  readonly examplesPerSecond: number;
  readonly compileMs: number;
  readonly trainMs: number;
  readonly peakBytes: number;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The main job: learns digits from random weights, says how well, and where the time went. */
export async function runDigits(args: readonly string[], defaults: { readonly save?: string } = {}): Promise<void> {
  const { values, words } = readOptions(args, digitsOptions);
  if (words.length > 0) throw new ArgumentError(`train digits takes no "${words[0]}"`);
  const save = values.save ?? defaults.save;
  for (const path of [save, values.json]) if (path !== undefined && values.predict !== true) await demandWritable(path);
  if (values.device !== undefined) await setDevice(values.device);
  if (values.threads !== undefined) setThreads(values.threads);

  const began = performance.now();
  const digits = await loadDigits();
  const dataMs = performance.now() - began;
  const device = await defaultDevice();
  const { name, description, reason } = await deviceReport();
  say(`Device: ${name} (${description})${reason === "" ? "" : `; ${reason}`}`);

  if (values.predict === true) await predictSaved(digits, save);
  else await train(digits, values, save, { began, dataMs });
  await device.close();
}

async function train(digits: Digits, values: Values, save: string | undefined, { began, dataMs }: { readonly began: number; readonly dataMs: number }): Promise<void> {
  const seed = values.seed ?? 1;
  const epochs = values.epochs ?? 5;
  clearSession();
  setRandomSeed(seed);
  say(`Data: ${digits.train.x.length.toLocaleString("en-US")} digits to learn from, ${digits.test.x.length.toLocaleString("en-US")} to be tested on`);
  const model = digitsModel();
  const learningRate = values["learning-rate"] ?? 1e-3;
  model.compile({ optimizer: optimizers.adam({ learningRate }), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  model.summary();

  const { history } = await model.fit(digits.train, { epochs, batchSize: values["batch-size"] ?? 64, validationSplit: 0.1, seed });

  const test = await model.evaluate(digits.test, { batchSize: 100 });
  const predicted = await predictions(model, digits);
  say(`\nTest: accuracy ${(100 * test["accuracy"]!).toFixed(2)}%, loss ${test["loss"]!.toFixed(4)}, on ${digits.test.x.length} digits never seen in training\n`);
  say(printConfusion(confusionMatrix(digits.test.y.data, predicted.classes)));
  say(`\nThe surest mistakes\n\n${printMistakes(digits.test.x, digits.test.y.data, predicted.probabilities, predicted.classes)}\n`);

  const { data, compile: compileMs, train: trainMs, evaluate: evaluateMs } = model.times;
  const trained = epochs * (digits.train.x.length - Math.ceil(digits.train.x.length * 0.1));
  const examplesPerSecond = Math.round((1000 * trained) / trainMs);
  const peakBytes = (await defaultDevice()).memory().peakBytes;
  say(`Where the time went (${printDuration(performance.now() - began)} in all, ${examplesPerSecond.toLocaleString("en-US")} examples/s, peak ${printBytes(peakBytes)})`);
  say(printTimes({ data: dataMs + data, compile: compileMs, "forward+backward+update": trainMs, evaluation: evaluateMs }));

  if (save !== undefined) {
    model.notes["predictions"] = fingerprint(predicted.probabilities);
    await saveModel(model, save);
    say(`\nSaved to ${save}; fingerprint of the test predictions: ${model.notes["predictions"]}`);
  }
  if (values.json !== undefined) {
    const figure = (name: string, epoch: number): number => history[name]![epoch]!;
    const result: DigitsResult = {
      device: (await defaultDevice()).name,
      parameters: model.countParams(),
      epochs: history["loss"]!.map((loss, epoch) => ({
        loss,
        accuracy: figure("accuracy", epoch),
        valLoss: figure("valLoss", epoch),
        valAccuracy: figure("valAccuracy", epoch),
      })),
      testAccuracy: test["accuracy"]!,
      examplesPerSecond,
      compileMs,
      trainMs,
      peakBytes,
    };
    await writeFileAtomically(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`Figures written to ${values.json}`);
  }
}

/** Loads what an earlier run saved and predicts again: the same bits, or an error. */
async function predictSaved(digits: Digits, path: string | undefined): Promise<void> {
  if (path === undefined) throw new ArgumentError("--predict needs the saved model: --save FILE");
  const model = await loadModel(path);
  const predicted = await predictions(model, digits);
  const right = predicted.classes.reduce((sum, digit, index) => sum + Number(digits.test.y.data[index] === digit), 0);
  say(`Loaded ${path}: accuracy ${((100 * right) / digits.test.y.length).toFixed(2)}% on ${digits.test.y.length} test digits`);
  const now = fingerprint(predicted.probabilities);
  const then = model.notes["predictions"];
  if (then !== undefined && then !== now) {
    throw new DataError({
      what: `the predictions differ from those of the run that saved the model: fingerprint ${now}, not ${then}`,
      hint: "devices and thread counts may differ in the last bits; predict on the device that trained",
    });
  }
  say(`Fingerprint of the test predictions: ${now}${then === undefined ? "" : " — bit-identical to those of the training run"}`);
}

interface Predictions {
  /** [examples, 10] */
  readonly probabilities: Float32Array;
  readonly classes: Int32Array;
}

async function predictions(model: Model, { test }: Digits): Promise<Predictions> {
  const output = await model.predict(test.x, { batchSize: 100 });
  const probabilities = Float32Array.from(await output.data());
  const width = output.shape.at(-1)!;
  const classes = Int32Array.from({ length: test.x.length }, (_, index) => {
    const row = probabilities.subarray(index * width, (index + 1) * width);
    return row.indexOf(Math.max(...row));
  });
  return { probabilities, classes };
}

/** SHA-256 over the bits, shortened: two runs agree exactly when these agree. */
const fingerprint = (values: Float32Array): string =>
  createHash("sha256").update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).digest("hex").slice(0, 16);

/** Says now, not after the training, that a result could not be written. */
async function demandWritable(path: string): Promise<void> {
  const folder = dirname(resolve(path));
  try {
    await access(folder, constants.W_OK);
    const found = await stat(path).catch(() => undefined);
    if (found?.isDirectory() === true) throw new Error("it is a folder");
    if (found !== undefined) await access(path, constants.W_OK);
  } catch {
    throw new ArgumentError(`cannot write ${path}: ${folder} is no writable folder, or the file is protected`);
  }
}
