import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { NdArray } from "../data/index.ts";
import { type Model, sequential } from "../model/index.ts";
import { layers } from "../nn/index.ts";
import { type Optimizer, optimizers } from "../optim/index.ts";
import { setDevice, tensor } from "../tensor/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import { callbacks, type FitOptions } from "./index.ts";

// Trainings with callbacks that act on weights, side by side with Keras's: scripts/goldens/kerasRuns.py explains the file.

type Seen = readonly (readonly [where: string, weight: number])[];
interface Golden {
  readonly swap: readonly {
    readonly swapOnEpoch: boolean;
    readonly overwrite: number | null;
    readonly validates: boolean;
    readonly seen: Seen;
    readonly end: number;
  }[];
  readonly schedule: readonly {
    readonly rule: "halve" | "anew";
    readonly rates: readonly number[];
    readonly history: readonly number[];
    readonly end: number;
  }[];
  readonly nan: readonly {
    readonly bad: number;
    readonly value: "nan" | "inf";
    readonly epochs: readonly number[];
    readonly ended: number;
    readonly steps: readonly number[];
  }[];
}
const golden = JSON.parse(readFileSync(new URL("../../src/goldens/kerasRuns.json", import.meta.url), "utf8")) as Golden; // our own file

before(() => setDevice("reference"));

const x = new NdArray(new Float32Array(3).fill(1), [3, 1]);
const targets = (values: readonly number[] = [0.25, 0.25, 0.25]): NdArray =>
  new NdArray(Float32Array.from(values), [3, 1]);
const network = (optimizer: Optimizer): Model => {
  const model = sequential([layers.input([1]), layers.dense(1, { name: "only", useBias: false })], {
    name: "run",
  }).compile({
    optimizer,
    loss: "mse",
  });
  model.variables[0]!.assign(tensor([[1]]));
  return model;
};
const weightOf = (model: Model): Promise<number> => model.variables[0]!.item();
const fit = (model: Model, options: FitOptions, y = targets()) =>
  model.fit({ x, y }, { batchSize: 1, shuffle: false, verbose: "silent", nanPolicy: "allow", ...options });
const near = (found: number, expected: number, what: unknown): void =>
  assert.ok(Math.abs(found - expected) <= 1e-5, `${JSON.stringify(what)}: ${found} is not ${expected}`);

/** What a callback after the one in question finds. */
function probe(model: Model) {
  const seen: [string, number][] = [];
  const epochs: number[] = [];
  const steps: number[] = [];
  const rates: number[] = [];
  const note = async (where: string): Promise<void> => void seen.push([where, await weightOf(model)]);
  const callback: Callback = {
    onEpochBegin: async (epoch) => {
      epochs.push(epoch);
      await note("begin");
    },
    onBatchBegin: (step) => void steps.push(step),
    onTestBegin: () => note("test"),
    onTestEnd: () => note("tested"),
    onEpochEnd: async () => {
      rates.push(await model.objective.optimizer.learningRate.item());
      await note("end");
    },
  };
  return { callback, seen, epochs, steps, rates };
}

test(`averages are swapped in and out where Keras does it (${golden.swap.length} trainings)`, async () => {
  for (const { swapOnEpoch, overwrite, validates, seen, end } of golden.swap) {
    const average = {
      useEma: true,
      emaMomentum: 0.8,
      ...(overwrite === null ? {} : { emaOverwriteFrequency: overwrite }),
    };
    const model = network(optimizers.sgd({ learningRate: 0.1, ...average }));
    const { callback, seen: found } = probe(model);
    const validation = validates ? { validationData: { x, y: targets() } } : {};
    await fit(model, { epochs: 3, callbacks: [callbacks.swapEmaWeights({ swapOnEpoch }), callback], ...validation });
    const what = { swapOnEpoch, overwrite, validates };
    assert.deepEqual(
      found.map(([where]) => where),
      seen.map(([where]) => where),
    );
    for (const [at, [where, weight]] of seen.entries()) near(found[at]![1], weight, { ...what, at, where });
    near(await weightOf(model), end, { ...what, where: "after fit" });
  }
});

test("a scheduler sets the rates that Keras's does, and the history has them", async () => {
  const rules = {
    halve: (epoch: number, rate: number): number => (epoch < 2 ? rate : rate * 0.5),
    anew: (epoch: number): number => 0.3 / (epoch + 1),
  };
  for (const { rule, rates, history, end } of golden.schedule) {
    const model = network(optimizers.sgd({ learningRate: 0.2 }));
    const { callback, rates: found } = probe(model);
    const run = await fit(model, { epochs: 5, callbacks: [callbacks.learningRateScheduler(rules[rule]), callback] });
    for (const [epoch, rate] of rates.entries()) near(found[epoch]!, rate, { rule, epoch });
    for (const [epoch, rate] of history.entries()) near(run.history["learningRate"]![epoch]!, rate, { rule, epoch });
    near(await weightOf(model), end, rule);
  }
});

test("a loss that is no number ends the training after the step, and the epoch with it, as in Keras", async () => {
  for (const { bad, value, epochs, ended, steps } of golden.nan) {
    const model = network(optimizers.sgd({ learningRate: 0.1 }));
    const { callback, seen, epochs: begun, steps: made } = probe(model);
    const wrong = [0.25, 0.25, 0.25].map((y, at) =>
      at !== bad ? y : value === "nan" ? Number.NaN : Number.POSITIVE_INFINITY,
    );
    await fit(model, { epochs: 3, callbacks: [callbacks.terminateOnNaN(), callback] }, targets(wrong));
    assert.deepEqual(
      [begun, seen.filter(([where]) => where === "end").length, made],
      [epochs, ended, steps],
      `${bad} ${value}`,
    );
  }
});

test("validationFreq: every so many epochs, or in those that are listed, counted from 1", async () => {
  for (const [validationFreq, expected] of [
    [1, [0, 1, 2, 3, 4]],
    [2, [1, 3]],
    [3, [2]],
    [
      [1, 4],
      [0, 3],
    ],
    [[9], []],
  ] as const) {
    const model = network(optimizers.sgd({ learningRate: 0.1 }));
    const found: number[] = [];
    let now = 0;
    const watch: Callback = {
      onEpochBegin: (epoch) => {
        now = epoch;
      },
      onTestBegin: () => void found.push(now),
    };
    const { history } = await fit(model, {
      epochs: 5,
      validationData: { x, y: targets() },
      validationFreq,
      callbacks: [watch],
    });
    assert.deepEqual(found, expected);
    assert.equal(history["valLoss"]?.length ?? 0, expected.length);
    assert.equal(history["loss"]!.length, 5);
  }
});
