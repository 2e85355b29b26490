import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Dataset, NdArray } from "../data/index.ts";
import { layers } from "../nn/index.ts";
import { setDevice, setRandomSeed, type Tensor, tensor } from "../tensor/index.ts";
import { sequential } from "./index.ts";

before(() => setDevice("wasm"));

const pixels = Float32Array.from({ length: 6 * 8 * 8 * 3 }, (_, at) => Math.abs(Math.sin(at * 12.9)) * 255);
const x = () => tensor(pixels, { shape: [6, 8, 8, 3] }) as Tensor;

test("augmentation in a list of layers is active when it is called, and in training; not in predictions", async () => {
  const augment = sequential([layers.randomFlip(), layers.randomRotation(0.2), layers.randomZoom(0.2)]);
  const given = [...pixels];
  assert.notDeepEqual([...(await (augment(x()) as Tensor).data())], given);
  assert.deepEqual([...(await (await augment.predict(x())).data())], given);
  assert.deepEqual([...(await (augment.compute(x(), { training: false }) as Tensor).data())], given);
});

test("a model with augmentation in it trains on changed images and predicts on those given", async () => {
  setRandomSeed(2);
  const model = sequential([
    layers.randomContrast(0.5),
    layers.rescaling(1 / 255),
    layers.randomTranslation(0.2, 0.2),
    layers.conv2d(4, 3, { activation: "relu" }),
    layers.globalAveragePooling2d(),
    layers.dense(1),
  ]);
  model.compile({ optimizer: "adam", loss: "mse" });
  const { history } = await model.fit(x(), tensor([[0], [1], [0], [1], [0], [1]]) as Tensor, {
    epochs: 3,
    batchSize: 4,
    verbose: "silent",
  });
  assert.ok(history["loss"]!.every((loss) => Number.isFinite(loss)));
  const [first, second] = [await (await model.predict(x())).data(), await (await model.predict(x())).data()];
  assert.deepEqual(first, second);
});

test("pipelines map images by layers, and images with their labels by functions that call layers", async () => {
  const images = new NdArray(pixels, [6, 8, 8, 3]);
  const labels = new NdArray(Float32Array.of(0, 1, 0, 1, 0, 1));
  const batches = Dataset.fromTensorSlices({ x: images, y: labels }).batch(3);
  const sizes: string[] = [];
  for await (const { x, y } of batches.map(layers.resizing(4, 5)).map(layers.randomFlip("horizontal", { seed: 1 })))
    sizes.push(`${x.shape} ${[...y.data]}`);
  assert.deepEqual(sizes, ["3,4,5,3 0,1,0", "3,4,5,3 1,0,1"]);
  const mix = layers.mixUp({ alpha: 1, seed: 3 });
  const oneHot = layers.categoryEncoding(2, { outputMode: "oneHot" });
  const mixed = batches.map(({ x, y }) => {
    const hot = oneHot(tensor(y.data as Float32Array, { shape: [y.length, 1] })) as Tensor;
    return mix({ images: x as unknown as Tensor, labels: hot });
  });
  for await (const { images: made, labels: classes } of mixed) {
    const rows = (await classes.array()) as unknown as number[][];
    assert.deepEqual(made.shape, [3, 8, 8, 3]);
    assert.ok(rows.every(([a, b]) => Math.abs(a! + b! - 1) < 1e-6));
  }
});

test("what layers draw in a pipeline follows seed, pass and element: a pass gone on with is the pass that was", async () => {
  const images = new NdArray(pixels, [6, 8, 8, 3]);
  const augment = sequential([layers.randomFlip(), layers.randomBrightness(0.3)]);
  const make = () => Dataset.fromTensorSlices(images).batch(2).map(augment);
  const pass = async (data: Dataset<NdArray>): Promise<string[]> => {
    const found: string[] = [];
    for await (const batch of data) found.push(String(batch.data));
    return found;
  };
  setRandomSeed(4);
  const first = await pass(make());
  assert.equal(new Set(first).size, 3);
  assert.deepEqual(await pass(make()), first, "the first pass of another data set");
  const data = make();
  await pass(data);
  assert.notDeepEqual(await pass(data), first, "the second pass");
  assert.deepEqual(await pass(make().skip(1)), first.slice(1), "gone on with");
});
