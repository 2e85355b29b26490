import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { uniform } from "../autodiff/check.ts";
import { DataError } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import { decodeSafeTensors, encodeSafeTensors } from "../formats/index.ts";
import { type Config, input, Layer, type LayerOptions, layers, losses, registerLayer } from "../nn/index.ts";
import { type OptimizerName, optimizers } from "../optim/index.ts";
import { random, setDevice, setRandomSeed, type Tensor } from "../tensor/index.ts";
import { type Functional, loadModel, type Model, model, modelFromBytes, modelToBytes, sequential } from "./index.ts";

let folder = "";
before(async () => {
  await setDevice("reference");
  folder = await mkdtemp(join(tmpdir(), "chainrule-save-"));
});
after(() => rm(folder, { recursive: true, force: true }));

const x = new NdArray(
  new Float32Array(40).map((_, at) => Math.sin(at * 12.9898)),
  [10, 4],
);
const y = Int32Array.from({ length: 10 }, (_, at) => at % 3);
const quiet = { verbose: "silent", batchSize: 4 } as const;

/** Dropout, batch normalization, a nested model and a shared layer: all state that there is. */
function network(): Functional {
  const shared = layers.dense(4, { activation: "relu", name: "shared" });
  const block = sequential([layers.batchNormalization({ name: "norm" }), layers.dropout(0.3, { name: "drop" })], {
    name: "block",
  });
  const a = input([4], { name: "a" });
  const joined = layers.concatenate({ name: "join" })([block(shared(a)), shared(shared(a))]);
  return model(a, layers.dense(3, { activation: "softmax", name: "head" })(joined), { name: "net" });
}
/** Those that hold others are made with some. */
const holding = {
  lossScale: () => optimizers.lossScale({ inner: "nadam" }),
  multi: () => optimizers.multi({ parts: [{ optimizer: "lion", variables: ["norm/", "bias"] }], otherwise: "adam" }),
} as const;
type AnyOptimizer = OptimizerName | keyof typeof holding;
const compiled = (name: AnyOptimizer): Functional =>
  network().compile({
    optimizer: name === "lossScale" || name === "multi" ? holding[name]() : name,
    loss: losses.sparseCategoricalCrossentropy(),
    metrics: ["accuracy"],
  });

const weights = (of: Model): Promise<unknown> =>
  Promise.all([...of.variables, ...of.optimizerVariables].map(async (variable) => [...(await variable.bytes())]));

for (const optimizer of Object.keys(optimizers) as AnyOptimizer[]) {
  test(`${optimizer}: training that goes on from a file is the same, bit for bit, as one that was never interrupted`, async () => {
    setRandomSeed(11);
    const whole = compiled(optimizer);
    await whole.fit(x, y, { epochs: 4, ...quiet });
    const afterwards = await random.uniform([3]).array();

    setRandomSeed(11);
    const first = compiled(optimizer);
    await first.fit(x, y, { epochs: 2, ...quiet });
    const path = join(folder, `${optimizer}.safetensors`);
    await first.save(path);
    setRandomSeed(99);
    const second = await loadModel(path);
    assert.deepEqual(second.history.epoch, [0, 1]);
    await second.fit(x, y, { epochs: 4, initialEpoch: 2, ...quiet });

    assert.deepEqual(await weights(second), await weights(whole));
    assert.deepEqual(second.history.history, whole.history.history);
    assert.deepEqual(await random.uniform([3]).array(), afterwards);
  });
}

test("optimizer options and a changed learning rate are kept", async () => {
  const optimizer = optimizers.rmsprop({ momentum: 0.5, centered: true, clipNorm: 2, learningRate: 0.5 });
  const whole = sequential([layers.input([4]), layers.dense(3)]).compile({ optimizer, loss: "mse", metrics: ["mae"] });
  optimizer.learningRate.assign(0.25);
  const { objective } = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(objective.optimizer.config(), optimizer.config());
  assert.equal(await objective.optimizer.learningRate.item(), 0.25);
  assert.deepEqual(
    [objective.losses.map((loss) => loss?.name), objective.metrics.flat().map(({ name }) => name)],
    [["meanSquaredError"], ["mae"]],
  );
});

test("frozen layers stay frozen, notes and structure are kept", async () => {
  const a = input([4], { name: "a" });
  const inner = sequential([layers.dense(2, { name: "cold", trainable: false }), layers.dense(2, { name: "warm" })], {
    name: "inner",
  });
  const whole = model({ a }, { one: inner(a), two: layers.dense(1, { name: "two" })(a) });
  whole.notes["who"] = "me";
  const loaded = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(
    loaded.allLayers.map(({ name, trainable }) => [name, trainable]),
    whole.allLayers.map(({ name, trainable }) => [name, trainable]),
  );
  assert.deepEqual(loaded.notes, { who: "me" });
  assert.deepEqual(Object.keys(loaded.graph!.outputs), ["one", "two"]);
  assert.equal(loaded.trainableVariables.length, 4);
  assert.equal(
    loaded.summary({ writer: { terminal: false, write: () => {} } }),
    whole.summary({ writer: { terminal: false, write: () => {} } }),
  );
});

test("weights alone", async () => {
  const path = join(folder, "weights.safetensors");
  setRandomSeed(1);
  const [one, two] = [network(), network()];
  await one.saveWeights(path);
  await two.loadWeights(path);
  assert.deepEqual(await weights(two), await weights(one));
  await assert.rejects(loadModel(path), /holds tensors, but no chainrule model[\s\S]*loadWeights/);
  await assert.rejects(sequential([layers.dense(1)]).loadWeights(path), /no variables yet/);
  const other = sequential([layers.input([4]), layers.dense(5, { name: "head" })]);
  await assert.rejects(
    other.loadWeights(path),
    /tensor "head\/kernel" does not fit the model\n +file +f32 \[8, 3\]\n +model +f32 \[4, 5\]/,
  );
  const stranger = sequential([layers.input([4]), layers.dense(5, { name: "foreign" })]);
  await assert.rejects(stranger.loadWeights(path), /there is no tensor "foreign\/kernel"/);
});

test("a model that was made twice takes weights of the first, though its layers have other numbers in their names", async () => {
  const made = (): Functional => {
    const x = layers.input([4]);
    const wide = layers.dense(3)(layers.dense(3)(x));
    return model(x, layers.dense(2)(layers.add([wide, layers.dense(3)(wide)])));
  };
  const [one, two] = [made(), made()];
  const names = (of: Functional): string[] => of.namedVariables().map(([name]) => name);
  assert.ok(names(one).every((name) => !names(two).includes(name)));
  for (const [file, options] of [
    ["again.safetensors", {}],
    ["again.safetensors.index.json", { maxShardBytes: 60 }],
  ] as const) {
    const path = join(folder, file);
    await one.saveWeights(path, options);
    const again = made();
    assert.deepEqual(await again.loadWeights(path), []);
    assert.deepEqual(await weights(again), await weights(one));
  }
  // Another layer more, or another name, is another model.
  const more = sequential([layers.input([4]), layers.dense(3), layers.dense(3), layers.dense(3)]);
  await assert.rejects(more.loadWeights(join(folder, "again.safetensors")), /there is no tensor/);
  const other = sequential([
    layers.input([4]),
    ...[3, 3, 3].map((units) => layers.dense(units)),
    layers.dense(2, { name: "end" }),
  ]);
  await assert.rejects(other.loadWeights(join(folder, "again.safetensors")), /there is no tensor "dense_/);
});

class Scale extends Layer {
  readonly factor: number;
  constructor(factor: number, options: LayerOptions = {}) {
    super(options);
    this.factor = factor;
  }
  override call(given: Tensor): Tensor {
    return given.mul(this.factor);
  }
  override config(): Config {
    return { factor: this.factor };
  }
}

test("weights in several files that an index joins", async () => {
  const path = join(folder, "parts.safetensors.index.json");
  const first = network();
  await first.saveWeights(path, { maxShardBytes: 100 });
  const second = network();
  assert.deepEqual(await second.loadWeights(path), []);
  const values = async (of: Functional) => Promise.all(of.variables.map((variable) => variable.bytes()));
  assert.deepEqual(await values(second), await values(first));
  const other = sequential([layers.dense(5, { name: "shared" })]).buildFor([null, 4]);
  await assert.rejects(other.loadWeights(path), /there is no tensor "shared\/kernel" of f32 \[4, 5\]/);
  assert.deepEqual(await other.loadWeights(path, { skipMismatch: true }), ["shared/kernel", "shared/bias"]);
  await assert.rejects(first.saveWeights(join(folder, "one.safetensors"), { maxShardBytes: 100 }), /name their index/);
});

test("a layer of one's own is made only when its class is registered", async () => {
  const bytes = await modelToBytes(sequential([layers.input([2]), new Scale(3)]));
  await assert.rejects(modelFromBytes(bytes), /unknown class "Scale"[\s\S]*registerLayer\("Scale"/);
  registerLayer("Scale", (config, options) => new Scale(Number(config["factor"]), options));
  assert.equal(((await modelFromBytes(bytes)).layers[0] as Scale).factor, 3);
  assert.throws(() => registerLayer("Dense", () => new Scale(1)), /"Dense" is a layer of the library/);
});

test("what a file cannot carry is refused when saving", async () => {
  const named = sequential([layers.input([2]), layers.dense(1, { activation: (value) => value.neg() })]);
  await assert.rejects(modelToBytes(named), /activation is a function of your own/);
  await assert.rejects(modelToBytes(sequential([layers.dense(1)])), /not built yet/);
});

test("a file whose name says nothing of its kind is refused, and not written", async () => {
  const made = network();
  for (const name of ["model", "model.json", "model.safetensor", "folder.keras/model"]) {
    const path = join(folder, name);
    await assert.rejects(made.save(path), /does not say which kind of file/);
    await assert.rejects(made.saveWeights(path), /end it in \.safetensors, \.keras or \.h5/);
  }
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("model")));
});

test("a failed save leaves nothing behind", async () => {
  const before = await readdir(folder);
  await assert.rejects(network().save(join(folder, "no", "such.safetensors")), DataError);
  assert.deepEqual(await readdir(folder), before);
});

/** Only a DataError may come of a damaged file; many damages do no harm at all. */
async function survives(bytes: Uint8Array): Promise<boolean> {
  try {
    await modelFromBytes(bytes, "fuzzed");
    return true;
  } catch (error) {
    assert.ok(error instanceof DataError, String((error as Error).stack));
    return false;
  }
}

test("truncated files of every length are refused", async () => {
  const whole = compiled("adam");
  await whole.fit(x, y, quiet);
  const bytes = await modelToBytes(whole);
  for (let length = 0; length < bytes.length; length += 1 + Math.floor(length / 97))
    assert.equal(await survives(bytes.subarray(0, length)), false);
  assert.equal(await survives(bytes.subarray(0, -1)), false);
  assert.equal(await survives(bytes), true);
});

test("flipped bytes and changed descriptions never do worse than a DataError", async () => {
  const whole = compiled("rmsprop");
  await whole.fit(x, y, quiet);
  const bytes = await modelToBytes(whole);
  const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const draw = uniform(5);
  const pick = (count: number): number => Math.floor(draw() * count);
  for (let round = 0; round < 250; round++) {
    const changed = bytes.slice();
    for (let flips = 0; flips <= round % 3; flips++) changed[pick(8 + headerBytes)]! ^= 1 << pick(8);
    await survives(changed);
  }

  // The same with valid JSON: any value in the description replaced by another.
  const file = decodeSafeTensors(bytes);
  const values = [
    null,
    -1,
    0,
    1.5,
    1e308,
    "",
    "map",
    "__proto__",
    "constructor",
    [],
    {},
    [[]],
    true,
    [1e9],
    { input: "length" },
    { call: 0 },
    "length",
  ];
  const header = file.metadata["chainrule"]!;
  for (let round = 0; round < 500; round++) {
    const json: unknown = JSON.parse(header);
    mutate(json, pick, values[round % values.length]);
    await survives(encodeSafeTensors({ tensors: file.tensors, metadata: { chainrule: JSON.stringify(json) } }));
  }
});

/** Replaces one value, anywhere in `json`. */
function mutate(json: unknown, pick: (count: number) => number, value: unknown): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit(child);
    }
  };
  visit(json);
  const [node, key] = places[pick(places.length)]!;
  node[key] = value;
}

const described = (description: unknown): Uint8Array =>
  encodeSafeTensors({
    tensors: new Map(),
    metadata: { chainrule: JSON.stringify({ format: 1, name: "bad", model: description }) },
  });
const plain = { name: "i", shape: [null, 4], dtype: "f32" };
const dense = { type: "Dense", name: "d", trainable: true, config: { units: 3, activation: "linear", useBias: true } };
const nested = (depth: number): unknown =>
  depth === 0
    ? { kind: "sequential", input: plain, layers: [] }
    : { kind: "sequential", input: plain, layers: [{ name: `n${depth}`, trainable: true, model: nested(depth - 1) }] };

const hostile: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  "an unknown kind": [{ kind: "evil", layers: [] }, /unknown kind "evil"/],
  "models nested too deep": [nested(40), /nested more than 16 deep/],
  "units of 1e15": [
    { kind: "sequential", input: plain, layers: [{ ...dense, config: { ...dense.config, units: 1e15 } }] },
    /bad: .*has more than 2³¹ − 1 elements/,
  ],
  "units of 1e8, which the file has no tensor for": [
    { kind: "sequential", input: plain, layers: [{ ...dense, config: { ...dense.config, units: 1e8 } }] },
    /there is no tensor "d\/kernel"/,
  ],
  "units that are text": [
    { kind: "sequential", input: plain, layers: [{ ...dense, config: { ...dense.config, units: "3" } }] },
    /layer "d": "units" is "3", not a number/,
  ],
  "negative units": [
    { kind: "sequential", input: plain, layers: [{ ...dense, config: { ...dense.config, units: -3 } }] },
    /bad: units must be a positive integer/,
  ],
  "a class that all objects have": [
    { kind: "sequential", input: plain, layers: [{ ...dense, type: "constructor" }] },
    /unknown class "constructor"/,
  ],
  "an activation that all objects have": [
    { kind: "sequential", input: plain, layers: [{ ...dense, config: { ...dense.config, activation: "toString" } }] },
    /no activation "toString"/,
  ],
  "a layer name with a slash": [
    { kind: "sequential", input: plain, layers: [{ ...dense, name: "../d" }] },
    /must not be empty or contain/,
  ],
  "a call of a method": [
    {
      kind: "functional",
      inputs: plain,
      layers: [dense],
      calls: [{ layer: "map", inputs: { input: 0 } }],
      outputs: { input: 0 },
    },
    /unknown layer "map"/,
  ],
  "an unknown tensor": [
    { kind: "functional", inputs: plain, layers: [dense], calls: [], outputs: { call: 0, output: 0 } },
    /unknown tensor/,
  ],
  "an input of rank 99": [
    { kind: "sequential", input: { ...plain, shape: new Array(99).fill(1) }, layers: [] },
    /no valid shape/,
  ],
  "no architecture": [null, /the architecture is not an object/],
};

for (const [what, [description, message]] of Object.entries(hostile)) {
  test(`a description with ${what} is refused`, async () => {
    await assert.rejects(modelFromBytes(described(description), "bad"), (error: Error) => {
      assert.match(error.message, message);
      return error instanceof DataError;
    });
  });
}

test("a graph of thousands of calls loads and runs", async () => {
  const layer = layers.activation("linear", { name: "same" });
  let value = input([2]);
  const first = value;
  for (let depth = 0; depth < 3000; depth++) value = layer(value);
  const deep = await modelFromBytes(await modelToBytes(model(first, value)));
  assert.equal((deep as Functional).calls.length, 3000);
});

test("sizes that the first data decided, or that are open, stay open in the file", async () => {
  const net = (): Model => sequential([layers.conv2d(2, 3, { padding: "same" }), layers.globalAveragePooling2d()]);
  const images = (size: number): NdArray => new NdArray(new Float32Array(size * size * 3), [1, size, size, 3]);
  const free = net();
  await free.predict(images(8));
  const loaded = await modelFromBytes(await modelToBytes(free));
  assert.deepEqual((await loaded.predict(images(9))).shape, [1, 2]);
  const open = input([null, null, 3]);
  const whole = model(open, net()(open));
  const again = await modelFromBytes(await modelToBytes(whole));
  for (const size of [5, 7, 11]) assert.deepEqual((await again.predict(images(size))).shape, [1, 2]);
});
