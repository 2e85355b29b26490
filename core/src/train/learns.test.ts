import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Digits, loadDigits } from "../cli/digits/data.ts";
import { digitsModel } from "../cli/digits/model.ts";
import type { Examples } from "../data/index.ts";
import { type Sequential, sequential } from "../model/index.ts";
import { type LossName, layers } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, setRandomSeed } from "../tensor/index.ts";

let digits: Digits;
before(async () => {
  await setDevice("wasm");
  digits = await loadDigits();
});

const first = (count: number): Examples => ({ x: digits.train.x.slice(0, count), y: digits.train.y.slice(0, count) });

/** Test accuracy after one pass over some digits, in batches of 32. */
async function learn(
  model: Sequential,
  examples: number,
  loss: LossName = "sparseCategoricalCrossentropy",
): Promise<number> {
  model.compile({ optimizer: optimizers.adam({ learningRate: 2e-3 }), loss, metrics: ["accuracy"] });
  await model.fit(first(examples), { verbose: "silent" });
  return (await model.evaluate(digits.test, { batchSize: 100 }))["accuracy"]!;
}

test("a perceptron with dropout and batch normalization learns digits in 200 steps", async () => {
  setRandomSeed(1);
  const model = sequential([
    layers.flatten(),
    layers.dense(64, { useBias: false }),
    layers.batchNormalization({ momentum: 0.9 }),
    layers.activation("relu"),
    layers.dropout(0.1),
    layers.dense(10, { activation: "softmax" }),
  ]);
  const accuracy = await learn(model, 6400);
  assert.ok(accuracy >= 0.9, `accuracy ${accuracy}`);
});

test("the digits convnet learns in 100 steps, the same bits twice", async () => {
  const run = async (examples: number): Promise<{ accuracy: number; bits: string }> => {
    setRandomSeed(1);
    const model = digitsModel();
    const accuracy = await learn(model, examples);
    return { accuracy, bits: String(await model.variables.at(-1)!.bytes()) };
  };
  const { accuracy } = await run(3200);
  assert.ok(accuracy >= 0.85, `accuracy ${accuracy}`);
  assert.equal((await run(320)).bits, (await run(320)).bits);
});
