import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../data/index.ts";
import { type Model, sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { type Optimizer, optimizers } from "../optim/index.ts";
import { setRandomSeed } from "../tensor/index.ts";
import { record } from "./index.ts";

// A recorded step is another program than a plain one: with a norm, a guard, and at times tensors for statistics. None of that
// may change a bit of what it does, whatever the compiler makes of it.

interface Case {
  readonly what: string;
  readonly shape: readonly number[];
  readonly model: () => Model;
  readonly optimizer: () => Optimizer;
}

const cases: readonly Case[] = [
  {
    what: "convolutions, batch normalization and dropout, by Adam",
    shape: [8, 8, 2],
    model: () =>
      sequential([
        layers.input([8, 8, 2]),
        layers.conv2d(4, 3, { activation: "relu" }),
        layers.batchNormalization(),
        layers.maxPooling2d(2),
        layers.dropout(0.3),
        layers.flatten(),
        layers.dense(3, { activation: "softmax", kernelRegularizer: "l2" }),
      ]),
    optimizer: () => optimizers.adam(),
  },
  {
    what: "an LSTM, clipped by the global norm, with momentum and a schedule",
    shape: [5, 4],
    model: () => sequential([layers.input([5, 4]), layers.lstm(6), layers.dense(3, { activation: "softmax" })]),
    // m·v − r·g could be rounded in two ways if a product and a sum became one operation: the plan must not leave that open.
    optimizer: () =>
      optimizers.sgd({ learningRate: (step) => step.add(1).pow(-0.5).mul(0.1), momentum: 0.9, globalClipNorm: 0.5 }),
  },
  {
    what: "layer normalization, by AdamW with gathered gradients",
    shape: [6],
    model: () =>
      sequential([
        layers.input([6]),
        layers.dense(8, { activation: "gelu" }),
        layers.layerNormalization(),
        layers.dense(3, { activation: "softmax" }),
      ]),
    optimizer: () => optimizers.adamw({ gradientAccumulationSteps: 2, useEma: true }),
  },
];

const examples = 40;
const y = (): NdArray => ndarray(Int32Array.from({ length: examples }, (_, row) => row % 3));

async function trained({ shape, model, optimizer }: Case, recorded: boolean, guard = true): Promise<Uint8Array[]> {
  clearSession();
  setRandomSeed(4);
  const net = model().compile({ optimizer: optimizer(), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const size = shape.reduce((product, each) => product * each, examples);
  const x = ndarray(
    Float32Array.from({ length: size }, (_, at) => Math.sin(at * 0.7) + Math.cos(at * at)),
    [examples, ...shape],
  );
  const recording = recorded ? { recording: record({ place: { id: "r", sink: new MemorySink() }, guard }) } : {};
  await net.fit({ x, y: y() }, { epochs: 8, batchSize: 16, verbose: "silent", seed: 1, ...recording });
  const state = [...net.variables, ...net.optimizerVariables];
  return Promise.all(
    state.map(async (each) => new Uint8Array(new Float32Array((await each.data()) as ArrayLike<number>).buffer)),
  );
}

for (const each of cases) {
  test(`recorded and plain are the same to the last bit: ${each.what}`, async () => {
    const plain = await trained(each, false);
    assert.deepEqual(await trained(each, true), plain);
    assert.deepEqual(await trained(each, true, false), plain, "without the guard");
  });
}
