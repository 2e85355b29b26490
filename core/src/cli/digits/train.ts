import { writeFileAtomically } from "../../formats/index.ts";
import { type Model, printBytes, saveModel } from "../../model/index.ts";
import { clearSession } from "../../nn/index.ts";
import { optimizers } from "../../optim/index.ts";
import { defaultDevice, deviceReport, engineStatistics, setRandomSeed } from "../../tensor/index.ts";
import { firstDigits, type Split } from "./data.ts";
import type { Job } from "./job.ts";
import { printMistakes } from "./mistakes.ts";
import { digitsModel } from "./model.ts";
import { fingerprint, type Predictions, predictions } from "./predictions.ts";
import { confusionMatrix, printConfusion, printTimes, seconds } from "./report.ts";

const validationSplit = 0.1;
const testBatchSize = 100;

/** What `--json` writes. Times are in milliseconds. */
export interface DigitsResult {
  readonly device: string;
  readonly parameters: number;
  readonly epochs: readonly EpochResult[];
  readonly testAccuracy: number;
  readonly examplesPerSecond: number;
  readonly compileMs: number;
  readonly trainMs: number;
  readonly peakBytes: number;
}

export interface EpochResult {
  readonly loss: number;
  readonly accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const count = (value: number): string => value.toLocaleString("en-US");

/** Trains, tests, shows what the network gets wrong and where the time went, and writes what was asked for. */
export async function trainDigits({ digits, settings, signal, began }: Job): Promise<void> {
  const { epochs = 5, "batch-size": batchSize = 64, "learning-rate": learningRate = 2e-3, seed = 1 } = settings;
  const train = firstDigits(digits.train, settings.examples);
  const { test } = digits;
  const dataMs = performance.now() - began;
  say(
    `Data:   ${count(train.x.length)} handwritten digits to learn from, ${count(test.x.length)} others to be tested on\n`,
  );

  // The same seed gives the same names, weights, orders, and bits.
  clearSession();
  setRandomSeed(seed);
  const model = digitsModel();
  model.compile({
    optimizer: optimizers.adam({ learningRate }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
  model.summary();
  say("");
  await model.fit(train, { epochs, batchSize, validationSplit, seed, signal });

  // Test: the network has never seen these digits.
  const { loss, accuracy } = (await model.evaluate(test, { batchSize: testBatchSize, signal })) as {
    loss: number;
    accuracy: number;
  }; // as compiled above
  const predictBegan = performance.now();
  const predicted = await predictions(model, test.x, signal);
  const predictMs = performance.now() - predictBegan;
  sayResults(test, predicted, { loss, accuracy });

  // Where the time went.
  const { compileMs } = engineStatistics();
  const { data, train: trainMs, evaluate } = model.times;
  const trained = epochs * Math.floor(train.x.length * (1 - validationSplit));
  const examplesPerSecond = Math.round((1000 * trained) / trainMs);
  const { peakBytes } = (await defaultDevice()).memory();
  const totalMs = performance.now() - began;
  say(
    `\nWhere the time went: ${seconds(totalMs)} in all, ${count(examplesPerSecond)} examples/s in training, peak memory ${printBytes(peakBytes)}\n`,
  );
  say(
    printTimes(
      { data: dataMs + data, compile: compileMs, "forward+backward+update": trainMs, evaluation: evaluate + predictMs },
      totalMs,
    ),
  );

  const { name, description } = await deviceReport();
  if (settings.save !== undefined || settings.json !== undefined) say("");
  if (settings.save !== undefined) {
    model.notes["predictions"] = fingerprint(predicted);
    model.notes["device"] = `${name} (${description})`;
    await saveModel(model, settings.save);
    say(`Model saved to ${settings.save}; fingerprint of its test predictions: ${fingerprint(predicted)}`);
  }
  if (settings.json !== undefined) {
    const result: DigitsResult = {
      device: name,
      parameters: model.countParams(),
      epochs: epochResults(model),
      testAccuracy: accuracy,
      examplesPerSecond,
      compileMs,
      trainMs,
      peakBytes,
    };
    await writeFileAtomically(settings.json, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`Figures written to ${settings.json}`);
  }
}

function sayResults(
  { x, y }: Split,
  predicted: Predictions,
  { loss, accuracy }: { loss: number; accuracy: number },
): void {
  const wrong = predicted.classes.reduce((sum, digit, index) => sum + Number(y.data[index] !== digit), 0);
  say(
    `\nTest: accuracy ${(100 * accuracy).toFixed(2)}% (${wrong} of ${count(y.length)} wrong), loss ${loss.toFixed(4)}\n`,
  );
  say(printConfusion(confusionMatrix(y.data, predicted.classes)));
  const { isTTY, columns = 80 } = process.stdout;
  const style = isTTY && process.env["NO_COLOR"] === undefined ? "color" : "plain";
  say(`\nThe surest mistakes\n\n${printMistakes(x, y.data, predicted, { columns, style })}`);
}

/** The history, one record an epoch. */
function epochResults({ history: { history } }: Model): EpochResult[] {
  const figures = (name: keyof EpochResult): readonly number[] => history[name] ?? [];
  const at = (name: keyof EpochResult, epoch: number): number => figures(name)[epoch] ?? Number.NaN;
  return figures("loss").map((loss, epoch) => ({
    loss,
    accuracy: at("accuracy", epoch),
    valLoss: at("valLoss", epoch),
    valAccuracy: at("valAccuracy", epoch),
  }));
}
