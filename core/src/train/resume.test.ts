import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NdArray } from "../data/index.ts";
import { Model, sequential } from "../model/index.ts";
import { type Config, type Inputs, layers, metrics, type Outputs } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { random, setDevice, setRandomSeed, type Tensor, valueAndGrad, zeros } from "../tensor/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import { type Batch, callbacks } from "./index.ts";

let root = "";
before(async () => {
  await setDevice("reference");
  root = await mkdtemp(join(tmpdir(), "chainrule-resume-"));
});
after(() => rm(root, { recursive: true, force: true }));

const x = new NdArray(
  new Float32Array(60).map((_, at) => Math.sin(at * 7.1)),
  [20, 3],
);
const onehot = new NdArray(
  Float32Array.from({ length: 40 }, (_, at) => Number(at % 2 === Math.floor(at / 2) % 2)),
  [20, 2],
);

/** Figures whose state exists only once a batch was seen, random layers, moments: all state that there is. */
function network(units = 5): Model {
  setRandomSeed(21);
  return sequential([
    layers.input([3]),
    layers.dense(units, { activation: "relu", name: "hidden" }),
    layers.batchNormalization({ name: "norm" }),
    layers.dropout(0.4, { name: "drop" }),
    layers.dense(2, { activation: "softmax", name: "head" }),
  ]).compile({
    optimizer: optimizers.nadam({ learningRate: 0.05, useEma: true }),
    loss: "categoricalCrossentropy",
    metrics: ["accuracy", metrics.f1Score({ average: "macro" }), metrics.auc({ multiLabel: true })],
  });
}

const listeners = (folder: string, more: readonly Callback[] = []): readonly Callback[] => [
  callbacks.earlyStopping({ monitor: "valLoss", patience: 3, restoreBestWeights: true }),
  callbacks.reduceLROnPlateau({ monitor: "loss", patience: 1, factor: 0.5 }),
  ...more,
  callbacks.backupAndRestore(folder, { saveFreq: 1, keep: 2, deleteCheckpoint: false }),
];
const options = { verbose: "silent", batchSize: 3, epochs: 4, validationSplit: 0.25 } as const;

async function everything(model: Model): Promise<unknown> {
  const states = [...model.variables, ...model.optimizerVariables];
  const bytes = await Promise.all(states.map(async (state) => [...(await state.bytes())]));
  return { bytes, history: model.history.history, random: await random.uniform([2]).array() };
}

/** Waits until a checkpoint that was begun has been written, and those that are too old are gone. */
async function written(folder: string): Promise<void> {
  for (;;) {
    const names = await readdir(folder);
    if (names.length > 0 && names.length <= 2 && !names.some((name) => name.endsWith(".tmp"))) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const [epoch, step] of [
  [0, 0],
  [0, 3],
  [1, 1],
  [2, 4],
] as const) {
  test(`a training that ended in step ${step} of epoch ${epoch} goes on as if it had not`, async () => {
    const whole = network();
    await whole.fit(x, onehot, { ...options, callbacks: listeners(join(root, `whole-${epoch}-${step}`)) });
    const expected = await everything(whole);

    const folder = join(root, `cut-${epoch}-${step}`);
    const abort = new AbortController();
    let now = 0;
    const cut: Callback = {
      onEpochBegin: (begun) => {
        now = begun;
      },
      // Time for the checkpoints to be written.
      onBatchBegin: () => new Promise((resolve) => setTimeout(resolve, 20)),
      onBatchEnd: (done) => {
        if (now === epoch && done === step) abort.abort(new Error("cut"));
      },
    };
    await assert.rejects(
      network().fit(x, onehot, { ...options, signal: abort.signal, callbacks: listeners(folder, [cut]) }),
      /cut/,
    );
    if (epoch + step > 0) await written(folder);

    const again = network();
    // What a checkpoint holds counts, not what the new process happens to begin with.
    if (epoch + step > 0) setRandomSeed(99);
    const { history } = await again.fit(x, onehot, { ...options, seed: 21, callbacks: listeners(folder, [{}]) });
    // The callbacks' list is the one of the run that was cut, so that each gets back its own.
    assert.deepEqual(await everything(again), expected);
    assert.deepEqual(history, whole.history.history);
  });
}

/** Two optimizers in one step, and a figure of its own: what a GAN does. */
class Pair extends Model {
  readonly body = layers.dense(4, { name: "body", activation: "tanh" });
  readonly head = layers.dense(2, { name: "head", activation: "softmax" });
  readonly second = optimizers.adam({ learningRate: 0.1 });
  readonly seen = metrics.sum({ name: "seen" });

  override call(inputs: Inputs): Outputs {
    return this.head(this.body(inputs as Tensor)) as Tensor; // one input
  }

  override trainStep({ x, y }: Batch): void {
    const groups = [
      [this.objective.optimizer, this.body.trainableVariables],
      [this.second, this.head.trainableVariables],
    ] as const;
    const loss = (): Tensor => this.objective.loss(y!, this.compute(x, { training: true })); // fit gives targets
    for (const [optimizer, variables] of groups) optimizer.apply(valueAndGrad(loss, variables)[1], variables);
    this.seen.update(x as Tensor, x as Tensor);
    this.objective.total.add(loss(), 1);
  }

  override config(): Config {
    return {};
  }
}

test("a model with an optimizer and a figure of its own goes on with their state", async () => {
  const made = (): Pair => {
    setRandomSeed(3);
    const pair = new Pair({ name: "pair" });
    pair.compute(zeros([1, 3]), { training: false }); // its step names Variables before it calls layers
    return pair.compile({ optimizer: optimizers.adamax(), loss: "categoricalCrossentropy" });
  };
  const state = async (model: Pair): Promise<unknown> => [
    await everything(model),
    await Promise.all(model.second.variables.map(async (each) => [...(await each.bytes())])),
    await model.seen.value(),
  ];
  const plain = { verbose: "silent", batchSize: 4, epochs: 3 } as const;
  const whole = made();
  await whole.fit(x, onehot, plain);
  const expected = await state(whole);
  const folder = join(root, "pair");
  await made().fit(x, onehot, {
    ...plain,
    epochs: 1,
    callbacks: [callbacks.backupAndRestore(folder, { deleteCheckpoint: false })],
  });
  const again = made();
  await again.fit(x, onehot, { ...plain, callbacks: [callbacks.backupAndRestore(folder)] });
  assert.deepEqual(await state(again), expected);
});

/** Its Variables are made when the first step is traced. */
class Lazy extends Model {
  readonly body = layers.dense(2, { name: "body", activation: "softmax" });

  override call(inputs: Inputs): Outputs {
    return this.body(inputs as Tensor) as Tensor; // one input
  }

  override config(): Config {
    return {};
  }
}

test("a model that makes its Variables at the first call gets them back, too", async () => {
  const made = (): Model => {
    setRandomSeed(4);
    return new Lazy({ name: "lazy" }).compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
  };
  const plain = { verbose: "silent", batchSize: 4, epochs: 2 } as const;
  const whole = made();
  await whole.fit(x, onehot, plain);
  const [first, last] = whole.history.history["loss"]!;
  assert.ok(last! < 0.999 * first!, `it learns: ${first}, ${last}`);
  const expected = await everything(whole);
  const folder = join(root, "lazy");
  const backup = callbacks.backupAndRestore(folder, { deleteCheckpoint: false });
  await made().fit(x, onehot, { ...plain, epochs: 1, callbacks: [backup] });
  const again = made();
  await again.fit(x, onehot, { ...plain, callbacks: [backup] });
  assert.deepEqual(await everything(again), expected);
});

test("a model that was made again in the same program goes on, though its layers have other numbers in their names", async () => {
  const made = (): Model => {
    setRandomSeed(4);
    const list = [
      layers.input([3]),
      layers.dense(4),
      layers.dense(4),
      layers.dense(2, { activation: "softmax" }),
    ] as const;
    return sequential([...list]).compile({ optimizer: "adam", loss: "categoricalCrossentropy" });
  };
  const plain = { verbose: "silent", batchSize: 4, epochs: 3 } as const;
  const whole = made();
  await whole.fit(x, onehot, plain);
  const expected = await everything(whole);
  const folder = join(root, "renumbered");
  const backup = callbacks.backupAndRestore(folder, { deleteCheckpoint: false });
  await made().fit(x, onehot, { ...plain, epochs: 1, callbacks: [backup] });
  const again = made();
  assert.notDeepEqual(
    again.namedVariables().map(([name]) => name),
    whole.namedVariables().map(([name]) => name),
  );
  await again.fit(x, onehot, { ...plain, callbacks: [backup] });
  assert.deepEqual(await everything(again), expected);
});

test("the newest checkpoint that is whole is taken; when none is, the error says why", async () => {
  const folder = join(root, "damaged");
  await mkdir(folder);
  const model = network();
  await model.fit(x, onehot, {
    ...options,
    epochs: 2,
    callbacks: [callbacks.backupAndRestore(folder, { deleteCheckpoint: false })],
  });
  const expected = await everything(model);
  const names = (await readdir(folder)).sort();
  assert.deepEqual(names, ["checkpoint-000001-000000.safetensors", "checkpoint-000002-000000.safetensors"]);
  const newest = join(folder, names[1]!);
  const bytes = await readFile(newest);
  const resumed = async (): Promise<unknown> => {
    const again = network();
    await again.fit(x, onehot, {
      ...options,
      epochs: 2,
      callbacks: [callbacks.backupAndRestore(folder, { deleteCheckpoint: false })],
    });
    return everything(again);
  };
  await writeFile(join(folder, "checkpoint-000009-000000.safetensors.abc.tmp"), "half");
  for (const harm of [
    (copy: Buffer) => copy.subarray(0, copy.length - 7),
    (copy: Buffer) => copy.fill(copy[copy.length - 5]! ^ 1, copy.length - 5, copy.length - 4),
    (copy: Buffer) => copy.subarray(0, 0),
    (copy: Buffer) => Buffer.from(copy.toString("latin1").replace("00000", "00100"), "latin1"),
  ]) {
    await writeFile(newest, harm(Buffer.from(bytes)));
    assert.deepEqual(await resumed(), expected);
    assert.deepEqual((await readdir(folder)).sort(), names);
  }
  for (const name of names) await writeFile(join(folder, name), "no checkpoint");
  await assert.rejects(resumed(), /no checkpoint in .*damaged can be read: .*\n +hint +remove the folder/);
});

test("a checkpoint of another model is refused, and nothing is changed", async () => {
  const folder = join(root, "other");
  await network(6).fit(x, onehot, {
    ...options,
    epochs: 1,
    callbacks: [callbacks.backupAndRestore(folder, { deleteCheckpoint: false })],
  });
  const model = network(5);
  const before = await model.variables[0]!.array();
  await assert.rejects(
    model.fit(x, onehot, { ...options, callbacks: [callbacks.backupAndRestore(folder)] }),
    /does not belong to this model: "model\/hidden\/kernel" is f32 \[3, 6\] in the file and f32 \[3, 5\] in the model/,
  );
  assert.deepEqual(await model.variables[0]!.array(), before);
});

test("a finished training leaves no checkpoints, unless told to", async () => {
  const folder = join(root, "finished");
  await network().fit(x, onehot, { ...options, callbacks: [callbacks.backupAndRestore(folder)] });
  assert.deepEqual(await readdir(folder), []);
});
