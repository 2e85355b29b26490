import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type OptimizerName, optimizers } from "../optim/index.ts";
import { setDevice, type Tensor, tensor, variable } from "../tensor/index.ts";
import { type LossName, layers, losses, type MetricName, metrics, reduceLoss } from "./index.ts";

/** What Keras says: nn/goldens/generate.py writes it and explains it. */
interface Golden {
  readonly losses: readonly {
    readonly name: LossName;
    readonly options: object;
    readonly yTrue: Values;
    readonly yPred: Values;
    readonly sampleWeight?: Values;
    readonly value: number;
  }[];
  readonly metrics: readonly {
    readonly name: MetricName;
    readonly batches: readonly { readonly yTrue: Values; readonly yPred: Values }[];
    readonly value: number;
  }[];
  readonly optimizers: {
    readonly start: readonly Values[];
    readonly gradients: readonly (readonly Values[])[];
    readonly runs: readonly {
      readonly name: OptimizerName;
      readonly options: object;
      readonly values: readonly (readonly Values[])[];
    }[];
  };
  readonly batchNormalization: {
    readonly options: { readonly momentum: number; readonly epsilon: number };
    readonly batches: readonly Values[];
    readonly outputs: readonly Values[];
    readonly movingMean: Values;
    readonly movingVariance: Values;
    readonly inference: Values;
  };
  readonly layerNormalization: { readonly x: Values; readonly output: Values };
}
type Values = readonly Values[] | readonly number[];

const path = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "nn", "goldens", "keras.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden; // our own file
const made = (values: Values): Tensor => tensor(values as number[]);
const optionsOf = (options: object): never => options as never; // the golden's options belong to its name
const flat = (values: Values): number[] =>
  (values as readonly (number | Values)[]).flatMap((value) => (typeof value === "number" ? [value] : flat(value)));

async function assertClose(found: Tensor, expected: Values, tolerance = 2e-6): Promise<void> {
  const data = [...(await found.data())];
  flat(expected).forEach((value, at) => {
    assert.ok(
      Math.abs(data[at]! - value) <= tolerance * (1 + Math.abs(value)),
      `element ${at}: ${data[at]} is not ${value}`,
    );
  });
}

// Keras computes in f32, and so do all devices but the reference.
before(() => setDevice("wasm"));

golden.losses.forEach(({ name, options, yTrue, yPred, sampleWeight, value }, index) => {
  test(`loss ${index}: ${name} ${JSON.stringify(options)} as in Keras`, async () => {
    const values = losses[name](optionsOf(options)).call(made(yTrue), made(yPred));
    await assertClose(reduceLoss(values, sampleWeight === undefined ? undefined : made(sampleWeight)), [value]);
  });
});

golden.metrics.forEach(({ name, batches, value }, index) => {
  test(`metric ${index}: ${name} as in Keras`, async () => {
    const metric = metrics[name]();
    for (let round = 0; round < 2; round++) {
      for (const { yTrue, yPred } of batches) metric.update(made(yTrue), made(yPred));
      assert.ok(Math.abs((await metric.value()) - value) <= 1e-6, `${await metric.value()} is not ${value}`);
      await assertClose(metric.result(), [value]);
      metric.reset();
    }
    assert.equal(await metric.value(), 0);
  });
});

golden.optimizers.runs.forEach(({ name, options, values }, index) => {
  test(`optimizer ${index}: five steps of ${name} ${JSON.stringify(options)} as in Keras`, async () => {
    const optimizer = optimizers[name](optionsOf(options));
    const variables = golden.optimizers.start.map((start) => variable(made(start)));
    for (const [step, expected] of values.entries()) {
      optimizer.apply(golden.optimizers.gradients[step]!.map(made), variables);
      // Keras loses some digits of 1 − β₂ᵗ in the first steps; we do not.
      for (const [at, target] of variables.entries())
        await assertClose(target, expected[at]!, name.startsWith("adam") ? 5e-5 : 2e-6);
    }
    assert.equal(await optimizer.iterations.item(), values.length);
  });
});

/** Adam as the paper prints it, in f64: 1 − βᵗ keeps its digits in ours. */
test("the first step of Adam is exact", async () => {
  for (const g of [1e-3, -2, 30]) {
    const weight = variable(tensor([0]));
    optimizers.adam({ learningRate: 0.5, epsilon: 0 }).apply([tensor([g])], [weight]);
    const found = await weight.item();
    assert.ok(Math.abs(found + 0.5 * Math.sign(g)) < 2e-7, `${found}`);
  }
});

test("batch normalization: outputs, moving statistics and inference as in Keras", async () => {
  const { options, batches, outputs, movingMean, movingVariance, inference } = golden.batchNormalization;
  const layer = layers.batchNormalization(options);
  for (const [at, batch] of batches.entries())
    await assertClose(layer.compute(made(batch), { training: true }) as Tensor, outputs[at]!, 1e-5);
  await assertClose(layer.own.movingMean, movingMean);
  await assertClose(layer.own.movingVariance, movingVariance);
  await assertClose(layer.compute(made(batches[0]!), { training: false }) as Tensor, inference, 1e-5);
});

test("frozen batch normalization trains on its moving statistics and keeps them", async () => {
  const { options, batches } = golden.batchNormalization;
  const layer = layers.batchNormalization({ ...options, trainable: false });
  const x = made(batches[0]!);
  const [training, not] = [true, false].map((training) => layer.compute(x, { training }) as Tensor);
  assert.deepEqual(await training!.array(), await not!.array());
  assert.deepEqual(await layer.own.movingMean.array(), [0, 0]);
});

test("layer normalization as in Keras", async () => {
  const { x, output } = golden.layerNormalization;
  await assertClose(layers.layerNormalization()(made(x)), output, 1e-5);
});

test("dropout keeps the mean, drops by its rate, and is another mask at every call", async () => {
  const layer = layers.dropout(0.3);
  const x = tensor(new Float32Array(20_000).fill(2));
  const [a, b] = await Promise.all([0, 1].map(async () => (layer.compute(x, { training: true }) as Tensor).data()));
  const kept = a!.filter((value: number) => value !== 0);
  assert.ok(Math.abs(kept.length / a!.length - 0.7) < 0.015, `${kept.length} kept`);
  assert.ok(kept.every((value: number) => Math.abs(value - 2 / 0.7) < 1e-6));
  assert.ok(a!.some((value: number, at: number) => (value === 0) !== (b![at] === 0)));
});
