import { DataError } from "../../base/errors.ts";
import { loadModel } from "../../model/index.ts";
import { deviceReport } from "../../tensor/index.ts";
import type { Job } from "./job.ts";
import { fingerprint, predictions } from "./predictions.ts";

/** Loads what an earlier run saved and predicts the test set again: the same bits, or an error. */
export async function predictDigits({ digits: { test }, settings, signal }: Job): Promise<void> {
  const path = settings.save!; // runDigits demands it
  const model = await loadModel(path);
  const predicted = await predictions(model, test.x, signal);

  const right = predicted.classes.reduce((sum, digit, index) => sum + Number(test.y.data[index] === digit), 0);
  const accuracy = ((100 * right) / test.y.length).toFixed(2);
  process.stdout.write(
    `Model:  ${path}\nTest:   accuracy ${accuracy}% on ${test.y.length.toLocaleString("en-US")} digits\n`,
  );

  const now = fingerprint(predicted);
  const { predictions: then, device: thenOn } = model.notes;
  if (then === undefined) {
    process.stdout.write(`Bits:   fingerprint ${now}; the file has none to compare with\n`);
    return;
  }
  if (then !== now) {
    const { name, description } = await deviceReport();
    throw new DataError({
      what: "the predictions are not the bits that the training run predicted",
      details: [
        { role: "training", value: then, ...(thenOn === undefined ? {} : { origin: thenOn }) },
        { role: "now", value: now, origin: `${name} (${description})` },
      ],
      hint: "another device may differ in the last bits; predict on the device that trained",
    });
  }
  process.stdout.write(`Bits:   fingerprint ${now}, identical to the predictions of the training run\n`);
}
