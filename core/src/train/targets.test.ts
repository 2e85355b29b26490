import assert from "node:assert/strict";
import { before as first, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { Dataset, type NdArray, ndarray } from "../data/index.ts";
import { type AnyModel, Model, model, sequential } from "../model/index.ts";
import { input, type Loss, type LossName, layers, losses } from "../nn/index.ts";
import { engineStatistics, setDevice, type Tensor, tensor } from "../tensor/index.ts";

// Losses look at targets before anything is compiled: what they cannot compare is named in four lines, and what Keras reshapes is
// reshaped as Keras does it.

first(() => setDevice("reference"));

const rows = 6;
const numbers = (shape: readonly number[], value = (at: number): number => (at % 2) as number): NdArray =>
  ndarray(
    Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => value(at)),
    shape,
  );
const x = numbers([rows, 2, 4], (at) => Math.sin(at));
const quietly = { verbose: "silent" } as const;

/** A model whose output has these axes after the batch. */
function giving(sizes: readonly number[], loss: LossName | Loss): AnyModel {
  const width = sizes.at(-1) ?? 1;
  const flat = sequential([
    input([2, 4]),
    ...(sizes.length < 2 ? [layers.flatten()] : []),
    layers.dense(width, { activation: "sigmoid" }),
    ...(sizes.length === 0 ? [layers.reshape([])] : []),
  ]);
  return flat.compile({ optimizer: "sgd", loss });
}

const names = (Object.keys(losses) as LossName[]).filter((name) => name.length > 4); // short forms are the same
const ofLabels = new Set<LossName>(["sparseCategoricalCrossentropy", "categoricalGeneralizedCrossEntropy"]);
const ofOthers = new Set<LossName>(["ctc", "circle"]);
const alike = names.filter((name) => !ofLabels.has(name) && !ofOthers.has(name) && (name as string) !== "ctc");

/** Per loss: sizes of the output after the batch, and shapes of targets after the batch that it cannot compare with that. */
const refused: readonly (readonly [LossName, readonly number[], readonly (readonly number[])[]])[] = [
  ...alike.flatMap((name) => [
    [name, [3], [[], [1], [2], [3, 3], [2, 3], [3, 1, 1]]] as const,
    [name, [1], [[3], [1, 3], [1, 1, 1]]] as const,
    [name, [], [[3]]] as const,
    [name, [2, 3], [[], [3], [2], [2, 1]]] as const,
  ]),
  ...[...ofLabels].flatMap((name) => [
    [name, [3], [[3], [2], [1, 1]]] as const,
    [name, [2, 3], [[], [3], [2, 3]]] as const,
  ]),
  ["circle", [3], [[3], [1, 1]]],
  ["ctc", [2, 3], [[], [2, 3]]],
];

test("targets of a wrong shape are refused by fit, evaluate and trainOnBatch, in four lines, and nothing is compiled", async () => {
  const before = engineStatistics().compiled;
  for (const [name, output, wrong] of refused) {
    for (const sizes of wrong) {
      const y = numbers([rows, ...sizes]);
      const network = giving(output, name);
      const expected = (error: unknown): boolean => {
        assert.ok(error instanceof DataError, `${name} ${output} takes ${sizes}: ${error}`);
        const [what, one, two, hint, ...more] = error.message.split("\n");
        assert.match(
          what!,
          new RegExp(`^${name}: the targets do not fit the output \\[${[rows, ...output].join(", ")}\\]$`),
        );
        assert.match(one!, /^ {2}expected {2}\[6/);
        assert.equal(two, `  received  f32 [${[rows, ...sizes].join(", ")}]`);
        assert.match(hint!, /^ {2}hint {6}\S/);
        assert.deepEqual(more, []);
        return true;
      };
      await assert.rejects(network.fit({ x, y }, quietly), expected);
      await assert.rejects(network.evaluate({ x, y }), expected);
      await assert.rejects(network.trainOnBatch(x, y), expected);
    }
  }
  assert.equal(engineStatistics().compiled, before);
  await giving([3], "mse").evaluate({ x, y: numbers([rows, 3]) });
  assert.ok(engineStatistics().compiled > before);
});

test("hints name the way out", async () => {
  const hint = async (loss: LossName, output: readonly number[], y: NdArray): Promise<string> => {
    const error = await giving(output, loss).evaluate({ x, y }).then(String, String);
    return error.split("hint").at(-1)!.trim();
  };
  assert.match(await hint("categoricalCrossentropy", [3], numbers([rows])), /^sparseCategorical.*oneHot\(y, 3\)/);
  assert.match(await hint("sparseCategoricalCrossentropy", [3], numbers([rows, 3])), /^categorical.*argmax\(y, -1\)/);
  assert.match(
    await hint("binaryCrossentropy", [2], numbers([rows])),
    /^end the model with dense\(1\), or take sparse/,
  );
  assert.match(await hint("meanSquaredError", [5], numbers([rows, 1])), /^end the model with dense\(1\), or give 5/);
  assert.match(await hint("meanSquaredError", [1], numbers([rows, 4])), /^end the model with dense\(4\)/);
  assert.match(await hint("meanSquaredError", [2, 3], numbers([rows, 3])), /targets of the output's shape/);
  const signs = numbers([rows, 1], (at) => (at % 2) * 2 - 1);
  assert.match(await hint("binaryCrossentropy", [1], signs), /^hinge takes −1 and 1/);
});

test("labels out of range are named with the loss and all that is there", async () => {
  const y = numbers([rows], (at) => at + 1);
  await assert.rejects(giving([4], "sparseCategoricalCrossentropy").evaluate({ x, y }), {
    message: [
      "sparseCategoricalCrossentropy: label 4 of example 3 is out of range",
      "  expected  whole numbers from 0 to 3 (the output has 4 classes)",
      "  received  numbers from 1 to 6",
      "  hint      labels count from 0; make the last layer larger if there are more classes",
    ].join("\n"),
  });
  // Along another axis there are other classes.
  const across = giving([2, 3], losses.sparseCategoricalCrossentropy({ axis: 1 }));
  const labels = (highest: number) => numbers([rows, 3], (at) => at % (highest + 1));
  assert.equal(typeof (await across.evaluate({ x, y: labels(1) })).loss, "number");
  await assert.rejects(across.evaluate({ x, y: labels(2) }), /from 0 to 1 \(the output has 2 classes\)/);
});

test("an axis of size 1 more or less is reshaped as by Keras, whatever the loss", async () => {
  for (const name of alike) {
    for (const [output, forms] of [
      [[1], [[], [1], [1, 1]]],
      [[], [[], [1]]],
      [[3], [[3], [3, 1]]],
    ] as const) {
      const network = giving(output, name);
      const found = await Promise.all(forms.map((sizes) => network.evaluate({ x, y: numbers([rows, ...sizes]) })));
      for (const { loss } of found) assert.equal(loss, found[0]!.loss, `${name} ${output}`);
    }
  }
  for (const name of ofLabels) {
    const network = giving([3], name);
    const found = await Promise.all([[], [1]].map((sizes) => network.evaluate({ x, y: numbers([rows, ...sizes]) })));
    assert.equal(found[1]!.loss, found[0]!.loss);
  }
  // Keras 3.15: keras.losses.MeanSquaredError(reduction=…)(y, yPred); positions of [2, 3] against [2, 3, 1] become one value an example.
  const [y, p] = [tensor([[0, 1, 2], [3, 4, 5]]), tensor([[[1], [1], [1]], [[1], [1], [1]]])]; // biome-ignore format: short
  const value = async (options: Parameters<typeof losses.mse>[0], weights?: Tensor) =>
    losses.mse(options).compute(y, p, { sampleWeight: weights }).array();
  assert.deepEqual(
    ((await value({ reduction: "none" })) as number[]).map(Math.fround),
    [2 / 3, 29 / 3].map(Math.fround),
  );
  assert.equal(Math.fround((await value({ reduction: "sum" })) as unknown as number), Math.fround(31 / 3));
  // Weights of positions have a value of each to multiply, which Keras has not.
  assert.equal(await value({ reduction: "sum" }, tensor([[1, 0, 0], [0, 0, 1]])), 17); // biome-ignore format: short
});

test("outputs are told apart, each batch of a data set is looked at, and classes of one's own are called first", async () => {
  const a = input([2, 4], { name: "a" });
  const flat = layers.flatten()(a);
  const both = model(a, { price: layers.dense(1)(flat), kind: layers.dense(3)(flat) });
  both.compile({ loss: { price: "mse", kind: "categoricalCrossentropy" } });
  const y = { price: numbers([rows]), kind: numbers([rows]) };
  await assert.rejects(
    both.evaluate({ x, y }),
    /^DataError: output "kind": categoricalCrossentropy: the targets do not fit/,
  );

  const batches = Dataset.fromTensorSlices({ x, y: numbers([rows, 3]) }).batch(4);
  await assert.rejects(
    giving([2], "mse").fit(batches, quietly),
    /^DataError: fit: batch 0: meanSquaredError: the targets do not fit/,
  );
  const validationData = { x, y: numbers([rows, 3]) };
  const good = { x, y: numbers([rows, 2]) };
  await assert.rejects(
    giving([2], "mse").fit(good, { validationData, ...quietly }),
    /the targets do not fit the output/,
  );

  class Own extends Model {
    readonly dense = layers.dense(3);
    override call(given: Tensor): Tensor {
      return this.dense(given.reshape([-1, 8])) as Tensor;
    }
  }
  const own = new Own();
  own.compile({ loss: "categoricalCrossentropy" });
  await assert.rejects(own.fit({ x, y: numbers([rows]) }, quietly), /targets do not fit the output \[6, 3\]/);
  // Who computes the loss in another way may take any targets.
  class Free extends Own {
    override computeLoss(results: Parameters<Own["computeLoss"]>[0]): Tensor {
      return (results.yPred as Tensor).sum();
    }
  }
  const free = new Free();
  free.compile({ loss: "categoricalCrossentropy" });
  assert.equal(typeof (await free.evaluate({ x, y: numbers([rows]) })).loss, "number");
});
