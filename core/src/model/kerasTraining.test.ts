import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";
import { NdArray } from "../data/index.ts";
import { openZip, type ZipMember } from "../formats/index.ts";
import { input, type Layer, layers, losses, Mean, regularizers, type Structure } from "../nn/index.ts";

import { type Optimizer, optimizers } from "../optim/index.ts";
import { concatenate, ones, setDevice, Tensor, tensor, valueAndGrad, zeros } from "../tensor/index.ts";
import type { Batch } from "../train/step.ts";
import { loadModel, Model, model, modelFromBytes, modelToBytes, modelToFormat, sequential } from "./index.ts";

// Trainings of random models and programs, step by step as in Keras: goldens/kerasTraining.py makes and explains the numbers.

interface Golden {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}
type Goldens = Golden | { readonly [name: string]: Golden };
type Figures = Readonly<Record<string, number | readonly number[]>>;
interface Case {
  readonly drawn: string;
  readonly x: Goldens;
  readonly y: Goldens;
  readonly sampleWeight: Goldens | null;
  readonly classWeight: Readonly<Record<number, number>> | null;
  readonly history: Readonly<Record<string, readonly (number | readonly number[])[]>>;
  readonly evaluated: Figures;
  readonly predicted: Goldens;
  readonly parameters: number;
}
type Weights = readonly Golden[];
interface Game<Draw extends string> {
  readonly before: readonly [Weights, Weights];
  readonly steps: readonly ({ readonly judged: number; readonly fooled: number } & Readonly<Record<Draw, Golden>>)[];
  readonly after: readonly [Weights, Weights];
}
interface Programs {
  readonly gan: Game<"noise" | "real">;
  readonly duel: Game<"first" | "second" | "real">;
  readonly tuning: {
    readonly x: Golden;
    readonly y: Golden;
    readonly before: Weights;
    readonly phases: readonly {
      readonly history: Readonly<Record<string, readonly number[]>>;
      readonly after: Weights;
      readonly evaluated: Figures;
    }[];
  };
}

before(() => setDevice("reference"));

const zip = new Uint8Array(readFileSync(new URL("../../src/model/goldens/kerasTraining.zip", import.meta.url)));
const archive = await openZip(zip, "kerasTraining.zip");
const bytesOf = (name: string): Promise<Uint8Array> => (archive.get(name) as ZipMember).read();
const { models, programs } = JSON.parse(new TextDecoder().decode(await bytesOf("cases.json"))) as {
  readonly models: Readonly<Record<string, Case>>;
  readonly programs: Programs;
}; // our own file

const isGolden = (given: Goldens): given is Golden => Array.isArray(given["data"]);
const array = ({ data, dtype, shape }: Golden): NdArray =>
  new NdArray(dtype.startsWith("int") ? Int32Array.from(data) : Float32Array.from(data), shape);
const arrays = (given: Goldens): NdArray | { readonly [name: string]: NdArray } =>
  isGolden(given) ? array(given) : Object.fromEntries(Object.entries(given).map(([name, each]) => [name, array(each)]));
const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function assertNear(found: number | undefined, expected: number, what: string, tolerance = 5e-4): void {
  const near = Math.abs((found ?? Number.NaN) - expected) <= tolerance * Math.max(Math.abs(expected), 0.05);
  assert.ok(near, `${what} is ${found}, in Keras ${expected}`);
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Trains as Keras's script does; figures by our names, one list an epoch or one number. */
async function trained(whole: Model, { x, y, sampleWeight, classWeight }: Case) {
  const examples = {
    x: arrays(x),
    y: arrays(y),
    ...(sampleWeight === null ? {} : { sampleWeight: arrays(sampleWeight) }),
  };
  const { history } = await whole.fit(examples, {
    epochs: 3,
    batchSize: 4,
    shuffle: false,
    verbose: "silent",
    ...(classWeight === null ? {} : { classWeight }),
  });
  const evaluated = await whole.evaluate(examples, { batchSize: 4 });
  const given = await whole.predict<Structure<Tensor>>(arrays(x));
  const named = isTensor(given) ? { "": given } : (given as Readonly<Record<string, Tensor>>); // no model here nests its outputs
  const outputs = await Promise.all(
    Object.entries(named).map(async ([name, each]) => [name, [...(await each.data())]] as const),
  );
  return { history, evaluated, outputs };
}

for (const [name, golden] of Object.entries(models)) {
  test(`${golden.drawn}: nine steps, figures and predictions as in Keras`, async () => {
    const whole = await loadModel(await bytesOf(`${name}.keras`));
    assert.equal(whole.countParams(), golden.parameters);
    const copies = [
      await modelFromBytes(await modelToBytes(whole)),
      await loadModel(await modelToFormat(whole, "keras")),
    ];
    const found = await trained(whole, golden);
    for (const [figure, epochs] of Object.entries(golden.history)) {
      for (const [epoch, value] of epochs.entries())
        if (typeof value === "number")
          assertNear(found.history[camelCase(figure)]?.[epoch], value, `${figure} of epoch ${epoch}`);
    }
    for (const [figure, value] of Object.entries(golden.evaluated))
      if (typeof value === "number") assertNear(found.evaluated[camelCase(figure)], value, `evaluated ${figure}`);
    const predicted = golden.predicted;
    for (const [output, values] of found.outputs) {
      const expected = isGolden(predicted) ? predicted : predicted[output]!;
      for (const [at, value] of values.entries()) assertNear(Number(value), expected.data[at]!, `${output}[${at}]`);
    }
    // What a file holds trains as the model itself, bit for bit.
    for (const copy of copies) assert.deepEqual(await trained(copy, golden), found);
  });
}

/** Weights in Keras's order: those that train before those that do not, layer by layer. */
const inOrder = (owner: Layer) =>
  owner.allLayers.flatMap((layer) =>
    layer.layers.length > 0 ? [] : [...layer.variables].sort((a, b) => Number(b.trainable) - Number(a.trainable)),
  );
function assign(owner: Layer, weights: Weights): void {
  const variables = inOrder(owner);
  assert.equal(variables.length, weights.length);
  variables.forEach((variable, at) => {
    const { data, shape } = weights[at]!;
    variable.assign(tensor(Float32Array.from(data), { shape }));
  });
}
async function assertWeights(owner: Layer, weights: Weights): Promise<void> {
  for (const [at, variable] of inOrder(owner).entries()) {
    const values = [...(await variable.data())];
    values.forEach((value, place) => {
      assertNear(Number(value), weights[at]!.data[place]!, `${variable.name}[${place}]`);
    });
  }
}

const networks = () => ({
  generator: sequential([
    layers.input([3]),
    layers.dense(6, { activation: "relu" }),
    layers.batchNormalization({ momentum: 0.7 }),
    layers.dense(4),
  ]),
  discriminator: sequential([
    layers.input([4]),
    layers.dense(6),
    layers.leakyRelu({ negativeSlope: 0.2 }),
    layers.batchNormalization({ momentum: 0.8 }),
    layers.dense(1),
  ]),
});
const logits = () => losses.binaryCrossentropy({ fromLogits: true });
const filled = (count: number, value: number): NdArray => new NdArray(new Float32Array(count).fill(value), [count, 1]);

test("a GAN of two compiled models, of which one holds the other frozen: ten steps as in Keras", async () => {
  const { before: start, steps, after } = programs.gan;
  const { generator, discriminator } = networks();
  assign(generator, start[0]);
  assign(discriminator, start[1]);
  discriminator.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: logits() });
  discriminator.trainable = false; // counts for what is compiled from now on
  const noiseIn = input([3]);
  const whole = model(noiseIn, discriminator(generator(noiseIn)));
  whole.compile({ optimizer: optimizers.rmsprop({ learningRate: 0.01 }), loss: logits() });
  for (const [at, { noise, real, judged, fooled }] of steps.entries()) {
    const made = await (await generator.predict(array(noise))).data();
    const x = new NdArray(Float32Array.of(...made, ...real.data), [10, 4]);
    const y = new NdArray(
      Float32Array.from({ length: 10 }, (_, place) => Number(place >= 5)),
      [10, 1],
    );
    assertNear((await discriminator.trainOnBatch(x, y))["loss"], judged, `the discriminator's loss of step ${at}`);
    assertNear(
      (await whole.trainOnBatch(array(noise), filled(5, 1)))["loss"],
      fooled,
      `the whole's loss of step ${at}`,
    );
  }
  await assertWeights(generator, after[0]);
  await assertWeights(discriminator, after[1]);
});

/** Two networks, each with its optimizer, in one compiled step. */
class Duel extends Model {
  readonly generator = networks().generator;
  readonly discriminator = networks().discriminator;
  readonly ofDiscriminator = optimizers.adam({ learningRate: 0.02, clipNorm: 0.5 });
  readonly ofGenerator = optimizers.sgd({
    learningRate: 0.05,
    momentum: 0.9,
    useEma: true,
    emaMomentum: 0.9,
    emaOverwriteFrequency: 2,
  });
  readonly judged = new Mean("judged");
  readonly fooled = new Mean("fooled");

  override call(x: Tensor): Tensor {
    return this.generator(x) as Tensor;
  }

  override trainStep({ x }: Batch): void {
    const { first, second, real } = x as Readonly<Record<"first" | "second" | "real", Tensor>>; // what the test feeds
    const training = { training: true };
    const judge = (examples: unknown): Tensor => this.discriminator(examples as Tensor, training) as Tensor;
    const made = (noise: Tensor): Tensor => this.generator(noise, training) as Tensor;
    const descend = (network: Layer, optimizer: Optimizer, loss: () => Tensor): Tensor => {
      const variables = network.trainableVariables;
      const [value, gradients] = valueAndGrad(loss, variables);
      optimizer.apply(gradients, variables);
      return value;
    };
    const labels = concatenate([zeros([6, 1]), ones([6, 1])]) as Tensor;
    const loss = logits();
    this.judged.add(
      descend(this.discriminator, this.ofDiscriminator, () =>
        loss.compute(labels, judge(concatenate([made(first), real]))),
      ),
    );
    this.fooled.add(
      descend(this.generator, this.ofGenerator, () => loss.compute(ones([6, 1]) as Tensor, judge(made(second)))),
    );
  }
}

test("two optimizers in one step: losses, weights and moving statistics of ten steps as in Keras", async () => {
  const { before: start, steps, after } = programs.duel;
  const duel = new Duel().compile();
  assign(duel.generator, start[0]);
  assign(duel.discriminator, start[1]);
  for (const [at, { first, second, real, judged, fooled }] of steps.entries()) {
    const found = await duel.trainOnBatch({ first: array(first), second: array(second), real: array(real) });
    assertNear(found["judged"], judged, `the discriminator's loss of step ${at}`);
    assertNear(found["fooled"], fooled, `the generator's loss of step ${at}`);
  }
  await assertWeights(duel.generator, after[0]);
  await assertWeights(duel.discriminator, after[1]);
});

test("a nested backbone free, frozen, and tuned without its batch normalization: weights and statistics as in Keras", async () => {
  const { x, y, before: start, phases } = programs.tuning;
  const normalization = layers.batchNormalization({ momentum: 0.6 });
  const backbone = sequential([
    layers.input([5]),
    layers.dense(6, { activation: "tanh" }),
    normalization,
    layers.dense(4, { activation: "relu" }),
  ]);
  const images = input([5]);
  const head = layers.dense(2, { kernelRegularizer: regularizers.l2(0.01) });
  const whole = model(images, head(layers.batchNormalization({ momentum: 0.5 })(backbone(images))));
  assign(whole, start);
  for (const [at, { history, after, evaluated }] of phases.entries()) {
    if (at === 1) backbone.trainable = false;
    if (at === 2) {
      backbone.trainable = true;
      normalization.trainable = false;
    }
    whole.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: "mse", metrics: ["mae"] });
    const found = await whole.fit(array(x), array(y), { batchSize: 5, epochs: 2, shuffle: false, verbose: "silent" });
    for (const [figure, epochs] of Object.entries(history))
      for (const [epoch, value] of epochs.entries())
        assertNear(found.history[figure]?.[epoch], value, `${figure} of phase ${at}, epoch ${epoch}`);
    await assertWeights(whole, after);
    const figures = await whole.evaluate(array(x), array(y));
    for (const [figure, value] of Object.entries(evaluated))
      assertNear(figures[figure], Number(value), `evaluated ${figure}`);
  }
});
