import { writeFileAtomically } from "../../formats/index.ts";
import { type Model, printBytes, saveModel } from "../../model/index.ts";
import { clearSession } from "../../nn/index.ts";
import { optimizers } from "../../optim/index.ts";
import { defaultDevice, engineStatistics, setRandomSeed } from "../../tensor/index.ts";
import { withMoved } from "./augment.ts";
import { type Digits, part, type Split } from "./data.ts";
import type { Job } from "./job.ts";
import { printMistakes } from "./mistakes.ts";
import { digitsModel } from "./model.ts";
import type { DigitsValues } from "./options.ts";
import { fingerprint, type Predictions, predictions } from "./predictions.ts";
import { confusionMatrix, printConfusion, printTimes, seconds } from "./report.ts";
import { type DigitsResult, epochResults } from "./result.ts";

/** This last part of the training digits validates instead. */
const validationPart = 0.1;
/** Each digit is learned from as it is, and so many times moved by a pixel. */
const movedCopies = 2;
const testBatchSize = 100;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const count = (value: number): string => value.toLocaleString("en-US");

/** Trains, tests, shows what the network gets wrong and where the time went, and writes what was asked for. */
export async function trainDigits({ digits, settings, signal, began }: Job): Promise<void> {
  const lesson = lessonOf(digits, settings);
  const dataMs = performance.now() - began;
  const own = lesson.train.x.length / (1 + movedCopies);
  say(`Data:   ${count(own)} handwritten digits to learn from, as they are and ${movedCopies} times moved by a pixel;`);
  say(`        ${count(lesson.validation.x.length)} to validate on, ${count(digits.test.x.length)} to be tested on\n`);

  const model = await learn(lesson, settings, signal);
  const exam = await examine(model, digits.test, signal);
  sayResults(digits.test, exam);

  const { peakBytes } = (await defaultDevice()).memory();
  const { compileMs } = engineStatistics();
  const { data, train: trainMs, evaluate } = model.times;
  // A very short training is over while its programs are still being compiled.
  const seen = model.history.epoch.length * lesson.train.x.length;
  const examplesPerSecond = trainMs > 0 ? Math.round((1000 * seen) / trainMs) : 0;
  const totalMs = performance.now() - began;
  const shown = [
    `${seconds(totalMs)} in all`,
    trainMs > 0 ? `${count(examplesPerSecond)} examples/s in training` : "trained while it was compiled",
    `peak memory ${printBytes(peakBytes)}`,
  ];
  const times = {
    data: dataMs + data,
    compile: compileMs,
    "forward+backward+update": trainMs,
    evaluation: evaluate + exam.predictMs,
  };
  say(`\nWhere the time went: ${shown.join(", ")}\n\n${printTimes(times, totalMs)}`);

  await write(settings, model, exam, { examplesPerSecond, compileMs, trainMs, peakBytes });
}

/** What there is to learn. */
interface Lesson {
  readonly train: Split;
  readonly validation: Split;
}

function lessonOf({ train }: Digits, { examples = train.x.length, seed = 1 }: DigitsValues): Lesson {
  const used = Math.min(examples, train.x.length);
  const kept = Math.floor(used * (1 - validationPart));
  return { train: withMoved(part(train, 0, kept), movedCopies, seed), validation: part(train, kept, used) };
}

/** A network with random weights, and then what it learned. The same seed gives the same names, weights, orders and bits. */
async function learn({ train, validation }: Lesson, settings: DigitsValues, signal: AbortSignal): Promise<Model> {
  const { epochs = 6, "batch-size": batchSize = 64, "learning-rate": learningRate = 2e-3, seed = 1 } = settings;
  clearSession();
  setRandomSeed(seed);
  const model = digitsModel();
  const optimizer = optimizers.adam({ learningRate });
  model.compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  model.summary();
  say("");
  // Large steps find the valley, small ones its floor.
  const rateAt = (epoch: number): number => learningRate * (1 - epoch / epochs);
  const recorded = settings.studio === true || settings.runs !== undefined;
  const onEpochBegin = async (epoch: number): Promise<void> => {
    // Who has set another rate in the studio keeps it.
    const own = !recorded || epoch === 0 || (await optimizer.learningRate.item()) === Math.fround(rateAt(epoch - 1));
    if (own) optimizer.learningRate.assign(rateAt(epoch));
  };
  await model.fit(train, {
    epochs,
    batchSize,
    seed,
    signal,
    validationData: validation,
    studio: recorded && { folder: settings.runs ?? "runs", name: "digits", serve: settings.studio === true },
    callbacks: [{ onEpochBegin }],
  });
  return model;
}

/** How the network did on digits that it had never seen. */
interface Exam extends Predictions {
  readonly loss: number;
  readonly accuracy: number;
  /** Time of the predictions, without that of compiling. */
  readonly predictMs: number;
}

async function examine(model: Model, test: Split, signal: AbortSignal): Promise<Exam> {
  const { loss = Number.NaN, accuracy = Number.NaN } = await model.evaluate(test, { batchSize: testBatchSize, signal });
  const clock = (): number => performance.now() - engineStatistics().compileMs;
  const began = clock();
  const predicted = await predictions(model, test.x, signal);
  return { ...predicted, loss, accuracy, predictMs: clock() - began };
}

function sayResults({ x, y }: Split, exam: Exam): void {
  const { classes, accuracy, loss } = exam;
  const wrong = classes.reduce((sum, digit, index) => sum + Number(y.data[index] !== digit), 0);
  say(
    `\nTest: accuracy ${(100 * accuracy).toFixed(2)}% (${wrong} of ${count(y.length)} wrong), loss ${loss.toFixed(4)}\n`,
  );
  say(printConfusion(confusionMatrix(y.data, classes)));
  const { isTTY, columns = 80 } = process.stdout;
  const style = isTTY && !process.env["NO_COLOR"] ? "color" : "plain"; // https://no-color.org
  say(`\nThe surest mistakes\n\n${printMistakes(x, y.data, exam, { columns, style })}`);
}

type Figures = Pick<DigitsResult, "examplesPerSecond" | "compileMs" | "trainMs" | "peakBytes">;

/** Writes the files that the settings name. */
async function write({ save, json }: DigitsValues, model: Model, exam: Exam, figures: Figures): Promise<void> {
  const { name, description } = await defaultDevice();
  if (save !== undefined) {
    const bits = fingerprint(exam);
    Object.assign(model.notes, { predictions: bits, device: `${name} (${description})` });
    await saveModel(model, save);
    say(`\nModel saved to ${save}; fingerprint of its test predictions: ${bits}`);
  }
  if (json !== undefined) {
    const result: DigitsResult = {
      device: name,
      parameters: model.countParams(),
      epochs: epochResults(model.history),
      testAccuracy: exam.accuracy,
      ...figures,
    };
    await writeFileAtomically(json, `${JSON.stringify(result, undefined, 2)}\n`);
    say(`${save === undefined ? "\n" : ""}Figures written to ${json}`);
  }
}
