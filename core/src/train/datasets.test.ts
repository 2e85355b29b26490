import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type BatchSource, Dataset, NdArray } from "../data/index.ts";
import { type Model, sequential } from "../model/index.ts";
import { layers } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { random, setDevice, setRandomSeed, tensor } from "../tensor/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import { callbacks, type FitOptions, progress, type Writer } from "./index.ts";

let root = "";
before(async () => {
  await setDevice("reference");
  root = await mkdtemp(join(tmpdir(), "chainrule-datasets-"));
});
after(() => rm(root, { recursive: true, force: true }));

const rows = 14;
const x = new NdArray(
  new Float32Array(rows * 3).map((_, at) => Math.sin(at * 7.1)),
  [rows, 3],
);
const y = Int32Array.from({ length: rows }, (_, at) => at % 2);
const weights = Float32Array.from({ length: rows }, (_, at) => 1 + (at % 3));

function network(): Model {
  setRandomSeed(21);
  return sequential([
    layers.input([3]),
    layers.dense(5, { activation: "relu", name: "hidden" }),
    layers.batchNormalization({ name: "norm" }),
    layers.dropout(0.4, { name: "drop" }),
    layers.dense(2, { activation: "softmax", name: "head" }),
  ]).compile({
    optimizer: optimizers.adam({ learningRate: 0.05 }),
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
}

async function everything(model: Model): Promise<unknown> {
  const states = [...model.variables, ...model.optimizerVariables];
  const bytes = await Promise.all(states.map(async (state) => [...(await state.bytes())]));
  return { bytes, history: model.history.history, random: await random.uniform([2]).array() };
}

const quiet = { verbose: "silent", epochs: 3 } as const;
const records = Dataset.fromTensorSlices({ x, y, sampleWeight: weights });
const cuts = Array.from({ length: Math.ceil(rows / 4) }, (_, at) => [at * 4, Math.min(rows, at * 4 + 4)] as const);
const listOf = (whole: NdArray): NdArray[] => cuts.map(([start, stop]) => whole.slice(start, stop));
const batches = { x: listOf(x), y: listOf(new NdArray(y)), weights: listOf(new NdArray(weights)) };

/** The same batches with weights in all the ways in which they may be given. */
const ways: { readonly [name: string]: () => BatchSource } = {
  "a Dataset of records": () => records.batch(4),
  "a Dataset of lists": () => records.map((each) => [each.x, each.y, each.sampleWeight] as const).batch(4),
  "a Dataset that prefetches": () => records.batch(4).prefetch(3),
  "a generator function": () =>
    function* () {
      for (const at of cuts.keys()) yield [batches.x[at]!, batches.y[at]!, batches.weights[at]!];
    },
  "an asynchronous generator function": () =>
    async function* () {
      for (const at of cuts.keys()) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield { x: batches.x[at]!, y: batches.y[at]!, sampleWeight: batches.weights[at]! };
      }
    },
  "a Dataset of tensors": () =>
    records.batch(4).map((each) => ({
      x: tensor(each.x.data, { shape: each.x.shape }),
      y: tensor(each.y.data, { shape: each.y.shape }),
      sampleWeight: tensor(each.sampleWeight.data, { shape: each.sampleWeight.shape }),
    })),
};

for (const [name, way] of Object.entries(ways)) {
  test(`training, evaluation and prediction take ${name}, and compute what they compute of arrays`, async () => {
    const theirs = network();
    const validationData = { x: x.slice(0, 5), y: y.slice(0, 5) };
    await theirs.fit({ x, y, sampleWeight: weights }, { ...quiet, batchSize: 4, shuffle: false, validationData });
    const expected = await everything(theirs);
    const ours = network();
    const validation = Dataset.fromTensorSlices(validationData).batch(4);
    await ours.fit(way(), { ...quiet, validationData: validation });
    assert.deepEqual(await everything(ours), expected);
    assert.deepEqual(
      await ours.evaluate(way()),
      await theirs.evaluate({ x, y, sampleWeight: weights }, { batchSize: 4 }),
    );
    const [given, wanted] = [await ours.predict(way()), await theirs.predict(x, { batchSize: 4 })];
    assert.deepEqual(given.shape, wanted.shape);
    assert.deepEqual(await given.data(), await wanted.data());
    assert.deepEqual(await (await ours.predict(way(), { steps: 2 })).data(), (await wanted.data()).slice(0, 16));
  });
}

test("weights of classes count for data in batches as for arrays", async () => {
  const theirs = network();
  const classWeight = { 0: 1, 1: 5 };
  await theirs.fit(x, y, { ...quiet, batchSize: 4, shuffle: false, classWeight });
  const expected = await everything(theirs);
  const ours = network();
  await ours.fit(Dataset.fromTensorSlices([x, y] as const).batch(4), { ...quiet, classWeight });
  assert.deepEqual(await everything(ours), expected);
});

/** The first row's first number of each batch that is trained on: what tells batches apart. */
function told(data: Dataset<{ readonly x: NdArray; readonly y: NdArray }>): [Dataset<unknown>, number[][]] {
  const seen: number[][] = [];
  return [
    data.map((batch) => {
      seen.push([...batch.y.data]);
      return batch;
    }),
    seen,
  ];
}

test("an epoch is a pass, in an order of its own; or it has the steps that it is given, through passes or without end", async () => {
  const numbered = Dataset.fromTensorSlices({ x: x.slice(0, 6), y: Int32Array.from([0, 1, 0, 1, 0, 1]) });
  const model = network();
  const { history } = await model.fit(numbered.shuffle().batch(4), { ...quiet, stepsPerEpoch: 3 });
  assert.equal(history["loss"]!.length, 3);
  const [endless, seen] = told(
    Dataset.fromTensorSlices({ x: x.slice(0, 6), y: Float32Array.from([0, 1, 2, 3, 4, 5]) })
      .batch(2)
      .repeat(),
  );
  const regression = sequential([layers.input([3]), layers.dense(1)]).compile({ loss: "mse" });
  await regression.fit(endless as never, { ...quiet, epochs: 2, stepsPerEpoch: 4 });
  assert.deepEqual(seen.slice(0, 8), [
    [0, 1],
    [2, 3],
    [4, 5],
    [0, 1],
    [2, 3],
    [4, 5],
    [0, 1],
    [2, 3],
  ]);
});

test("where a pass ends is shown when it is known: lengths are unknown in the first epoch only", async () => {
  const lines: string[] = [];
  const writer: Writer = { terminal: false, write: (text) => lines.push(text) };
  const data = records.filter(() => true).batch(4);
  assert.equal(data.cardinality, undefined);
  const steps: (number | undefined)[] = [];
  const watch: Callback = { onEpochBegin: (_, control) => void steps.push(control.steps) };
  await network().fit(data, { epochs: 2, writer, callbacks: [watch] });
  assert.deepEqual(steps, [undefined, 4]);
  const heads = lines.map((line) => line.split(" ").slice(0, 2).join(" "));
  assert.deepEqual(heads, ["Epoch 1/2\n", `4/4 ${"━".repeat(20)}`, "Epoch 2/2\n", `4/4 ${"━".repeat(20)}`]);
});

const refused: { readonly [name: string]: readonly [() => BatchSource, FitOptions, RegExp] } = {
  "no end, and no steps": [
    () => records.batch(4).repeat(),
    {},
    /^fit: the data have no end.*\n {2}hint {2}give stepsPerEpoch/,
  ],
  "no batches": [() => records.take(0).batch(4), {}, /^fit: the data set is empty: it has no batches/],
  batchSize: [
    () => records.batch(4),
    { batchSize: 8 },
    /^fit: batchSize does not go together with data .*\n {2}hint .*batch\(64\)/,
  ],
  shuffle: [() => records.batch(4), { shuffle: true }, /^fit: shuffle does not go .*\n {2}hint .*shuffle\(\)/],
  validationSplit: [() => records.batch(4), { validationSplit: 0.5 }, /^fit: validationSplit does not/],
  "NaN in a batch": [
    () => records.map((each, { index }) => ({ ...each, sampleWeight: index === 9 ? Number.NaN : 1 })).batch(4),
    {},
    /^fit: batch 2: sampleWeight holds NaN in example 1/,
  ],
  "a label that is no class": [
    () => records.map((each, { index }) => ({ ...each, y: index === 5 ? 7 : 0 })).batch(4),
    {},
    /^fit: batch 1: sparseCategoricalCrossentropy: label 7 of example 1 is out of range/,
  ],
  "different numbers of examples": [
    () =>
      async function* () {
        yield { x: x.slice(0, 4), y: y.slice(0, 3) };
      },
    {},
    /^fit: batch 0: the arrays have different numbers of examples/,
  ],
  "a generator that is used up": [
    () =>
      (function* () {
        yield [x, y] as const;
      })(),
    { epochs: 2 },
    /gone through: it gives its elements once/,
  ],
  "a function that throws": [
    () =>
      records
        .map((each, { index }) => {
          if (index === 6) throw new Error("disk is gone");
          return each;
        })
        .batch(4),
    {},
    /^map: the function threw at element 6: disk is gone/,
  ],
};
for (const [name, [data, options, message]] of Object.entries(refused)) {
  test(`${name} is an error that says so`, async () => {
    await assert.rejects(network().fit(data(), { verbose: "silent", ...options }), (error: Error) => {
      assert.match(error.message, message);
      return true;
    });
  });
}

test("steps and such go with batches only", async () => {
  await assert.rejects(
    network().fit(x, y, { stepsPerEpoch: 3 }),
    /^ArgumentError: stepsPerEpoch goes together with data that come in batches/,
  );
});

test("what gives batches is closed when training, evaluation or prediction ends, however it ends", async () => {
  const counts = { opened: 0, closed: 0 };
  const source = async function* () {
    counts.opened++;
    try {
      for (const at of cuts.keys()) yield [batches.x[at]!, batches.y[at]!] as const;
    } finally {
      counts.closed++;
    }
  };
  const model = network();
  await model.fit(source, { ...quiet, stepsPerEpoch: 3, validationData: source, validationSteps: 1 });
  await model.fit(source, { ...quiet, validationData: source });
  await model.evaluate(source, { steps: 1 });
  await model.predict(source, { steps: 2 });
  const abort = new AbortController();
  const cut: Callback = { onBatchEnd: () => abort.abort(new Error("cut")) };
  await assert.rejects(model.fit(source, { ...quiet, callbacks: [cut], signal: abort.signal }), /cut/);
  assert.ok(counts.opened >= 9);
  assert.equal(counts.closed, counts.opened);
});

test("the progress bar tells when training waits for data, from 5 % on", async () => {
  for (const [dataWait, expected] of [
    [0.04, false],
    [0.12, true],
  ] as const) {
    const lines: string[] = [];
    const bar = progress({ terminal: false, write: (text) => lines.push(text) });
    const unused = (): never => assert.fail("not asked for here");
    const rest = { stop: unused, tell: unused, build: unused, evaluate: unused, snapshot: unused, resume: unused };
    const control = { model: network(), epochs: 1, steps: 2, batchSize: 4, dataWait, validates: true, ...rest };
    await bar.onEpochBegin?.(0, control);
    bar.draw(1, { loss: 1 }, control);
    await bar.onEpochEnd?.(0, { loss: 1 }, control);
    assert.equal(lines.at(-1)!.includes("waiting 12 % for data"), expected);
  }
});

/** Waits until a checkpoint that was begun has been written. */
async function written(folder: string): Promise<void> {
  for (;;) {
    const names = await readdir(folder);
    if (names.length > 0 && names.length <= 2 && !names.some((name) => name.endsWith(".tmp"))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Pipelines with all that is random in them. */
const pipelines = {
  "a pass an epoch": {
    data: () =>
      records
        .map((each, { random }) => ({ ...each, sampleWeight: random() }))
        .shuffle(5)
        .batch(3)
        .prefetch(),
    options: {},
  },
  "from a generator": {
    data: () =>
      Dataset.fromGenerator(function* ({ number }) {
        for (let at = 0; at < rows; at++) yield { x: x.row((at + number) % rows), y: (at + number) % 2 };
      })
        .filter((_, { random }) => random() < 0.8)
        .shuffle(4)
        .batch(3),
    options: {},
  },
  "epochs that end in passes": {
    data: () => records.shuffle().batch(3, { dropRemainder: true }),
    options: { stepsPerEpoch: 3 },
  },
  "kept in a cache": {
    data: () =>
      records
        .map((each, { random }) => ({ ...each, sampleWeight: random() }))
        .filter((_, { random }) => random() < 0.8)
        .cache()
        .shuffle()
        .batch(3),
    options: {},
  },
  "without end": {
    data: () => records.shuffle().repeat().batch(4),
    options: { stepsPerEpoch: 4, validationData: records.repeat().batch(3), validationSteps: 2 },
  },
};

for (const [name, { data, options }] of Object.entries(pipelines)) {
  for (const [epoch, step] of [
    [0, 1],
    [1, 0],
    [2, 2],
  ] as const) {
    test(`a training on data ${name} that ended in step ${step} of epoch ${epoch} goes on as if it had not`, async () => {
      const common = { verbose: "silent", epochs: 4, ...options } as const;
      const whole = network();
      await whole.fit(data(), common);
      const expected = await everything(whole);

      const folder = join(root, `${name}-${epoch}-${step}`);
      const backup = callbacks.backupAndRestore(folder, { saveFreq: 1, keep: 2, deleteCheckpoint: false });
      const abort = new AbortController();
      let now = 0;
      const cut: Callback = {
        onEpochBegin: (begun) => {
          now = begun;
        },
        onBatchBegin: () => new Promise((resolve) => setTimeout(resolve, 20)),
        onBatchEnd: (done) => {
          if (now === epoch && done === step) abort.abort(new Error("cut"));
        },
      };
      await assert.rejects(network().fit(data(), { ...common, signal: abort.signal, callbacks: [cut, backup] }), /cut/);
      await written(folder);
      const again = network();
      setRandomSeed(99);
      await again.fit(data(), { ...common, callbacks: [{}, backup] });
      assert.deepEqual(await everything(again), expected);
    });
  }
}

test("texts in batches go through the layers that a model begins with", async () => {
  const texts = ["good film", "bad film", "good fun", "bad bad film", "so good"];
  const labels = [1, 0, 1, 0, 1];
  const vectors = await layers.textVectorization({ maxTokens: 10, outputSequenceLength: 3 }).adapt(texts);
  const made = (): Model => {
    setRandomSeed(2);
    return sequential([
      vectors,
      layers.embedding(10, 4),
      layers.flatten(),
      layers.dense(1, { activation: "sigmoid" }),
    ]).compile({
      loss: "binaryCrossentropy",
    });
  };
  const theirs = made();
  await theirs.fit(texts, labels, { ...quiet, batchSize: 2, shuffle: false });
  for (const data of [
    Dataset.fromTensorSlices({ x: texts, y: labels }).batch(2),
    Dataset.fromTensorSlices([texts, labels] as const).batch(2),
  ]) {
    const ours = made();
    await ours.fit(data, quiet);
    assert.deepEqual(ours.history.history, theirs.history.history);
    assert.deepEqual(
      await (await ours.predict(data)).data(),
      await (await theirs.predict(texts, { batchSize: 2 })).data(),
    );
  }
});
