import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Dataset, NdArray } from "../data/index.ts";
import { input, layers } from "../nn/index.ts";
import { setDevice, setRandomSeed, type Tensor, tensor } from "../tensor/index.ts";
import { loadModel, modelToFormat, sequential } from "./index.ts";

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

test("a file of Keras holds the layers and what they have learned", async () => {
  const made = sequential([
    input([10, 9, 3]),
    layers.resizing(9, 9, { interpolation: "bicubic", antialias: true, cropToAspectRatio: true }),
    layers.centerCrop(8, 8),
    layers.randomCrop(7, 7, { seed: 3 }),
    layers.randomFlip("horizontal", { seed: 3 }),
    layers.randomFlip(),
    layers.randomRotation(0.1, { fillMode: "wrap" }),
    layers.randomZoom(0.2, { widthFactor: [-0.1, 0.1] }),
    layers.randomTranslation(0.1, [0.1, 0.2], { fillMode: "constant", fillValue: 3 }),
    layers.randomShear({ xFactor: 0.1 }),
    layers.randomContrast([0.1, 0.2]),
    layers.randomBrightness(0.2),
    layers.randomHue(0.1),
    layers.randomSaturation(0.4),
    layers.randomErasing({ factor: 0.5, fillValue: 1 }),
    layers.mixUp({ alpha: 0.4 }),
    layers.cutMix(),
    await layers.normalization().adapt(x()),
    layers.rescaling(0.5, { offset: [1, 2, 3] }),
    layers.discretization({ binBoundaries: [0, 1, 2] }),
    layers.categoryEncoding(4, { outputMode: "oneHot" }),
  ]);
  const loaded = await loadModel(await modelToFormat(made, "keras"));
  assert.deepEqual(
    loaded.layers.map((layer) => [layer.typeName, layer.config()]),
    made.layers.map((layer) => [layer.typeName, layer.config()]),
  );
  const images = tensor(pixels.slice(0, 4 * 270), { shape: [4, 10, 9, 3] }) as Tensor;
  assert.deepEqual(await (await loaded.predict(images)).data(), await (await made.predict(images)).data());
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
