import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NdArray } from "../data/index.ts";
import { layers, losses, Mean } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import {
  concatenate,
  ones,
  random,
  setDevice,
  setRandomSeed,
  type Tensor,
  valueAndGrad,
  zeros,
} from "../tensor/index.ts";
import type { Batch, StepResults } from "../train/step.ts";
import { Model, sequential } from "./index.ts";

// The book's programs with steps and losses of their own, in small, as users write them.

before(() => setDevice("wasm"));

const noise = (shape: readonly [number, number]): NdArray =>
  new NdArray(
    Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => Math.sin((at + 1) ** 2)),
    shape,
  );

/** 2nd edition, 12.5: two networks, two optimizers, noise drawn in the step, two figures. */
class Gan extends Model {
  readonly generator = sequential([layers.input([3]), layers.dense(8, { activation: "relu" }), layers.dense(4)]);
  readonly discriminator = sequential([layers.input([4]), layers.dense(8, { activation: "relu" }), layers.dense(1)]);
  readonly ofGenerator = optimizers.adam({ learningRate: 0.01 });
  readonly ofDiscriminator = optimizers.adam({ learningRate: 0.01 });
  readonly #lossOf = losses.binaryCrossentropy({ fromLogits: true });
  readonly generatorLoss = new Mean("generatorLoss");

  override call(x: Tensor): Tensor {
    return this.generator(x) as Tensor;
  }

  override trainStep({ x }: Batch): void {
    const real = x as Tensor;
    const count = real.shape[0]!;
    const made = (): Tensor => this.generator(random.normal([count, 3]), { training: true }) as Tensor;
    const labels = concatenate([ones([count, 1]), zeros([count, 1])]) as Tensor;
    const [loss, slopes] = valueAndGrad(() => {
      const judged = this.discriminator(concatenate([made(), real]) as Tensor, { training: true }) as Tensor;
      return this.#lossOf.compute(labels, judged);
    }, this.discriminator.trainableVariables);
    this.ofDiscriminator.apply(slopes, this.discriminator.trainableVariables);

    const [fooled, own] = valueAndGrad(() => {
      const judged = this.discriminator(made(), { training: true }) as Tensor;
      return this.#lossOf.compute(zeros([count, 1]) as Tensor, judged);
    }, this.generator.trainableVariables);
    this.ofGenerator.apply(own, this.generator.trainableVariables);
    this.objective.total.add(loss);
    this.generatorLoss.add(fooled);
  }
}

test("a GAN with two optimizers in its step trains both networks and learns to tell", async () => {
  setRandomSeed(3);
  const gan = new Gan().compile();
  const before = await Promise.all(gan.trainableVariables.map(async (each) => [...(await each.data())].join()));
  const { history } = await gan.fit(noise([32, 4]), { epochs: 30, batchSize: 16, verbose: "silent" });
  const after = await Promise.all(gan.trainableVariables.map(async (each) => [...(await each.data())].join()));
  assert.equal(gan.trainableVariables.length, 8);
  assert.equal(history["generatorLoss"]!.length, 30);
  assert.ok(after.every((value, at) => value !== before[at]));
  assert.ok(history["loss"]!.every(Number.isFinite) && history["loss"]!.length === 30);
  assert.deepEqual([await gan.ofGenerator.iterations.item(), await gan.ofDiscriminator.iterations.item()], [60, 60]);
  assert.deepEqual((await gan.predict(noise([5, 3]))).shape, [5, 4]);
});

/** 17.1: the loss is the model's own, of a sample drawn in it, and there are no targets. */
class Vae extends Model {
  readonly hidden = layers.dense(8, { activation: "relu" });
  readonly mean = layers.dense(2);
  readonly logVariance = layers.dense(2);
  readonly decoder = sequential([layers.input([2]), layers.dense(8, { activation: "relu" }), layers.dense(4)]);

  override call(x: Tensor): readonly Tensor[] {
    const features = this.hidden(x);
    return [this.mean(features), this.logVariance(features)];
  }

  override computeLoss({ x, yPred }: StepResults): Tensor {
    const [mean, logVariance] = yPred as readonly [Tensor, Tensor];
    const drawn = mean.add(logVariance.mul(0.5).exp().mul(random.normal(mean.shape)) as Tensor);
    const far = (this.decoder(drawn) as Tensor)
      .sub(x as Tensor)
      .square()
      .sum(-1)
      .mean();
    const spread = logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).sum(-1).mean().mul(-0.5);
    return far.add(spread) as Tensor;
  }
}

test("a variational autoencoder with computeLoss alone: fit(x), evaluate(x), figures fall", async () => {
  setRandomSeed(5);
  const vae = new Vae().compile({ optimizer: optimizers.adam({ learningRate: 0.02 }) });
  const { history } = await vae.fit(noise([64, 4]), { epochs: 30, batchSize: 32, verbose: "silent" });
  const figures = history["loss"]!;
  assert.ok(figures.at(-1)! < 0.8 * figures[0]!, `${figures[0]} to ${figures.at(-1)}`);
  assert.equal(vae.trainableVariables.length, 10);
  assert.ok((await vae.evaluate(noise([64, 4])))["loss"]! < figures[0]!);
});

test("batch by batch: trainOnBatch moves and reports, testOnBatch only reports, predictions are those of predict", async () => {
  setRandomSeed(7);
  const whole = sequential([layers.input([4]), layers.dense(2)]).compile({
    optimizer: optimizers.multi({ parts: [{ optimizer: "lion", variables: ["bias"] }], otherwise: "sgd" }),
    loss: "mse",
    metrics: ["mae"],
  });
  const [x, y] = [noise([8, 4]), noise([8, 2])];
  const first = await whole.testOnBatch(x, y);
  assert.deepEqual(await whole.testOnBatch(x, y), first);
  for (let step = 0; step < 20; step++) await whole.trainOnBatch(x, y);
  const last = await whole.testOnBatch(x, y);
  assert.ok(last["loss"]! < first["loss"]! && last["mae"]! !== first["mae"]!);
  const expected = await (await whole.predict(x)).array();
  assert.deepEqual(await whole.predict(x, { batchSize: 3 }).then((found) => found.array()), expected);
});
