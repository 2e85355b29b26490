import assert from "node:assert/strict";
import { test } from "node:test";
import { type BatchSource, Dataset, type NdArray, ndarray } from "../data/index.ts";
import { Model, model, sequential } from "../model/index.ts";
import { clearSession, input, layers, metrics } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { type Optimizer, optimizers } from "../optim/index.ts";
import { type Command, Curves, type RunEvent, readLog } from "../record/index.ts";
import { setRandomSeed, type Tensor, valueAndGrad, zeros } from "../tensor/index.ts";
import type { Batch, Callback } from "../train/index.ts";
import { LocalMailbox, type RecordingOptions, type Reply, record } from "./index.ts";

// Steering holds for every kind of training: what goes back comes to the same bits again, and a run with its commands is the same
// run a second time.

const [examples, size, classes] = [48, 6, 3];
const y = Int32Array.from({ length: examples }, (_, row) => row % classes);
const x = Float32Array.from({ length: examples * size }, (_, at) => {
  const row = Math.floor(at / size);
  return Math.sin(at * 7.3) + ((at % size) % classes === y[row] ? 1.5 : 0);
});
const arrays = (): { x: NdArray; y: NdArray } => ({ x: ndarray(x, [examples, size]), y: ndarray(y) });

/** Two optimizers in one step, and a figure of its own: what a GAN does. */
class Pair extends Model {
  readonly body = layers.dense(5, { name: "hidden", activation: "tanh" });
  readonly head = layers.dense(classes, { name: "head", activation: "softmax" });
  readonly second = optimizers.adam({ learningRate: 0.05 });
  readonly seen = metrics.sum({ name: "seen" });

  override call(inputs: Tensor): Tensor {
    return this.head(this.body(inputs)) as Tensor;
  }
  override trainStep({ x: given, y: wanted }: Batch): void {
    const groups = [
      [this.objective.optimizer, this.body.trainableVariables],
      [this.second, this.head.trainableVariables],
    ] as const;
    const loss = (): Tensor => this.objective.loss(wanted!, this.compute(given, { training: true })); // fit gives targets
    for (const [optimizer, variables] of groups) optimizer.apply(valueAndGrad(loss, variables)[1], variables);
    this.seen.update(given as Tensor, given as Tensor);
    this.objective.total.add(loss(), 1);
  }
}

const plainModel = (optimizer: Optimizer): Model =>
  sequential([
    layers.input([size]),
    layers.dense(8, { activation: "relu", name: "hidden" }),
    layers.batchNormalization(),
    layers.dropout(0.25),
    layers.dense(classes, { activation: "softmax" }),
  ]).compile({ optimizer, loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });

interface Kind {
  readonly what: string;
  readonly model: () => Model;
  readonly data: () => { x: NdArray; y: NdArray } | BatchSource;
  readonly figures: readonly string[];
  /** Why the learning rate cannot be set. */
  readonly refused?: string;
}

const kinds: readonly Kind[] = [
  {
    what: "a data set that is shuffled, mapped, batched and fetched ahead",
    model: () => plainModel(optimizers.adam()),
    data: () =>
      Dataset.fromTensorSlices(arrays())
        .shuffle(20, { seed: 4 })
        .map(({ x: row, y: label }) => ({ x: row, y: label }))
        .batch(12)
        .prefetch(2),
    figures: ["loss", "accuracy"],
  },
  {
    what: "a schedule of the learning rate, with momentum",
    model: () => plainModel(optimizers.sgd({ learningRate: (step) => step.add(1).pow(-0.5).mul(0.1), momentum: 0.9 })),
    data: arrays,
    figures: ["loss", "accuracy"],
    refused: 'the learning rate follows a schedule: there is no "learningRate" to set',
  },
  {
    what: "gathered gradients and averaged weights",
    model: () => plainModel(optimizers.adamw({ gradientAccumulationSteps: 2, useEma: true })),
    data: arrays,
    figures: ["loss", "accuracy"],
  },
  {
    what: "two outputs",
    model: () => {
      const entry = input([size]);
      const hidden = layers.dense(8, { activation: "relu", name: "hidden" })(entry);
      const outputs = {
        first: layers.dense(classes, { activation: "softmax", name: "first" })(hidden),
        second: layers.dense(classes, { activation: "softmax", name: "second" })(hidden),
      };
      const loss = "sparseCategoricalCrossentropy";
      return model(entry, outputs).compile({ optimizer: "adam", loss: { first: loss, second: loss } });
    },
    data: () => ({ x: arrays().x, y: { first: arrays().y, second: arrays().y } }) as never, // one target an output
    figures: ["loss"],
  },
  {
    what: "a step of the user's own with two optimizers",
    model: () => {
      const pair = new Pair({ name: "pair" });
      pair.compute(zeros([1, size]), { training: false }); // its step names Variables before it calls layers
      return pair.compile({ optimizer: optimizers.adamax(), loss: "sparseCategoricalCrossentropy" });
    },
    data: arrays,
    figures: ["loss"],
  },
];

async function trained(
  kind: Kind,
  orders: Readonly<Record<number, Command>>,
  options: Partial<RecordingOptions> = {},
  /** After the second step. */
  converse: (mailbox: LocalMailbox, net: Model) => void = () => {},
) {
  clearSession();
  setRandomSeed(6);
  const net = kind.model();
  const mailbox = new LocalMailbox();
  const replies: Reply[] = [];
  let done = 0;
  const callback: Callback = {
    onPosition: ({ step }) => {
      const command = step === 0 ? undefined : orders[++done];
      if (step !== 0 && done === 2) converse(mailbox, net);
      if (command === undefined) return;
      const order = { id: `k${done}`, from: "page", time: 0, command } as const;
      void mailbox.send({ type: "order", order }).then((reply) => replies.push(reply));
    },
  };
  const sink = new MemorySink();
  await net.fit(kind.data(), {
    epochs: 4,
    ...(kind.what.startsWith("a data set") ? {} : { batchSize: 12 }),
    verbose: "silent",
    seed: 9,
    callbacks: [callback],
    recording: record({ mailbox, ...options, place: { id: "r", ...options.place, sink } }),
  });
  const { entries } = readLog(sink.bytes);
  const curves = new Curves();
  for (const entry of entries) curves.take(entry);
  const state = await Promise.all(
    [...net.variables, ...net.optimizerVariables].map(async (each) => [...((await each.data()) as Float32Array)]),
  );
  const events = entries.flatMap((entry): (RunEvent & { step: number })[] =>
    entry.kind === "event" ? [{ ...entry.content, step: entry.step }] : [],
  );
  const losses = curves.find("loss")!.values;
  return {
    state,
    loss: { steps: [...losses.steps], values: [...losses.values] },
    events,
    curves,
    told: replies.map((reply) => (reply.type === "acknowledgement" ? (reply.acknowledgement.reason ?? true) : reply)),
  };
}

/** Pauses after the second step, does one more, gives these commands, and goes on; what was said, and the weights after each. */
async function steeredAtPause(kind: Kind, commands: readonly Command[]) {
  const said: (string | boolean)[] = [];
  const edits: { before: unknown; value: unknown; after: Float32Array }[] = [];
  let conversation = Promise.resolve();
  const result = await trained(kind, {}, {}, (mailbox, net) => {
    let sent = 0;
    const send = async (command: Command, id: string) => {
      const reply = await mailbox.send({ type: "order", order: { id, from: "page", time: 0, command } });
      assert.ok(reply.type === "acknowledgement");
      return reply.acknowledgement;
    };
    conversation = (async () => {
      await send({ type: "pause" }, "pause");
      await send({ type: "step", count: 1 }, "step");
      for (const command of commands) {
        const { accepted, reason, result: told } = await send(command, `k${++sent}`);
        said.push(reason ?? accepted);
        const kernel = net.namedVariables().find(([name]) => name === "hidden/kernel")![1];
        const after = (await kernel.data()) as Float32Array; // weights are floats
        edits.push({ before: told?.["before"], value: told?.["value"], after });
      }
      await send({ type: "resume" }, "resume");
    })();
  });
  await conversation;
  return { ...result, told: said, edits };
}

const setRate: Command = { type: "set", name: "learningRate", value: 0.02 };

for (const kind of kinds) {
  test(`${kind.what}: what goes back comes to the same bits again, and commands given again to the same run`, async () => {
    const plain = await trained(kind, {});
    for (const name of kind.figures)
      assert.deepEqual(
        [...plain.curves.find(name)!.values.steps],
        Array.from({ length: 16 }, (_, at) => at + 1),
        name,
      );
    const back = await trained(kind, { 3: { type: "checkpoint" }, 7: { type: "rewind", checkpoint: "checkpoint-1" } });
    assert.deepEqual(back.told, [true, true]);
    assert.deepEqual([back.loss, back.state], [plain.loss, plain.state]);

    const freeze: Command = { type: "freeze", layer: "hidden", frozen: true };
    const steered = await trained(kind, { 2: setRate, 5: freeze, 9: setRate });
    const set = kind.refused ?? true;
    assert.deepEqual(steered.told, [set, true, set]);
    assert.notDeepEqual(steered.state, plain.state);
    const replay = steered.events.flatMap((event) =>
      event.type === "command" ? [{ step: event.step, command: event.command }] : [],
    );
    const again = await trained(kind, {}, { replay });
    assert.deepEqual([again.loss, again.state], [steered.loss, steered.state]);
  });
}

test("a weight that is typed at a pause: kept, told with what was there, undone to the last bit, and the same again when given again", async () => {
  const kind = kinds[0]!; // arrays would do as well
  const edit: Command = { type: "edit", variable: "hidden/kernel", index: 11, value: -0.75 };
  const edited = await steeredAtPause(kind, [edit]);
  assert.deepEqual(edited.told, [true]);
  const [{ before, value, after } = { before: 0, value: 0, after: [0] }] = edited.edits;
  assert.deepEqual([value, after[11]], [-0.75, -0.75]);
  const plain = await trained(kind, {});
  assert.notDeepEqual(edited.state, plain.state);
  // What there was before stands there again after an undo, with all that follows from it.
  const undone = await steeredAtPause(kind, [edit, { type: "undo", command: "k1" }]);
  assert.deepEqual([undone.told, undone.edits[1]!.after[11]], [[true, true], before]);
  assert.deepEqual([undone.loss, undone.state], [plain.loss, plain.state]);

  const replay = edited.events.flatMap((event) =>
    event.type === "command" ? [{ step: event.step, command: event.command }] : [],
  );
  assert.deepEqual(
    replay.map(({ step, command }) => [step, command.type]),
    [
      [2, "pause"],
      [2, "step"],
      [3, "edit"],
      [3, "resume"],
    ],
  );
  const again = await trained(kind, {}, { replay });
  assert.deepEqual([again.loss, again.state], [edited.loss, edited.state]);

  const refused = await steeredAtPause(kind, [
    { ...edit, variable: "hidden/none" },
    { ...edit, index: 48 },
    { ...edit, index: -1 },
    { ...edit, index: 0.5 },
    { ...edit, value: Number.NaN },
    { ...edit, value: 1e39 },
  ]);
  assert.deepEqual(refused.told, [
    'there is no variable "hidden/none"',
    '"hidden/kernel" has the places 0 to 47, received 48',
    '"hidden/kernel" has the places 0 to 47, received -1',
    '"hidden/kernel" has the places 0 to 47, received 0.5',
    "NaN is no finite number in f32",
    "1e+39 is no finite number in f32",
  ]);
  assert.deepEqual([refused.loss, refused.state], [plain.loss, plain.state]);
  assert.deepEqual((await trained(kind, { 3: edit })).told, ["pause the training first"]);
});

test("the probe set of a data set is stratified over more than its first batch", async () => {
  clearSession();
  setRandomSeed(6);
  const sorted = [...y.keys()].sort((a, b) => y[a]! - y[b]!);
  const rows = { x: ndarray(x, [examples, size]), y: ndarray(y) };
  // Class by class: the first batch has but one.
  const data = Dataset.from(sorted)
    .map((row) => ({ x: rows.x.slice(row, row + 1).data, y: y[row]! }))
    .batch(8);
  const sink = new MemorySink();
  const recording = record({ place: { id: "r", sink }, probe: 9 });
  await plainModel(optimizers.adam()).fit(data, { epochs: 2, verbose: "silent", validationData: data, recording });
  const events = readLog(sink.bytes).entries.flatMap((entry) => (entry.kind === "event" ? [entry.content] : []));
  const probe = events.find((event) => event.type === "probe")!;
  assert.deepEqual(
    [probe.split, probe.examples.map(({ truth }) => truth)],
    ["validation", [0, 1, 2, 0, 1, 2, 0, 1, 2]],
  );
  const judged = events.find((event) => event.type === "evaluation")!;
  assert.equal(
    judged.confusion!.reduce((sum, count) => sum + count),
    examples,
  );
});

test("a disk that is full and questions that make no sense are refused; the training goes on", async () => {
  const full = (): never => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  const place = { id: "r", sink: new MemorySink(), blobs: { write: full, read: () => undefined } };
  const { told, loss } = await trained(kinds[2]!, { 2: setRate, 4: { type: "checkpoint" } }, { place });
  const reason = "it failed: ENOSPC: no space left on device";
  assert.deepEqual([told, loss.steps.length], [[reason, reason], 16]);

  clearSession();
  const mailbox = new LocalMailbox();
  const replies: Promise<Reply>[] = [];
  const asks = [{ type: "featureMaps", input: {} }, { type: "boundary" }, { type: "examples" }, { type: "nothing" }];
  const ask: Callback = {
    onPosition: ({ epoch, step }) => {
      if (epoch !== 0 || step !== 1) return;
      for (const [index, request] of asks.entries())
        replies.push(mailbox.send({ type: "request", id: `q${index}`, request: request as never })); // none of them is one
    },
  };
  const recording = record({ place: { id: "r", sink: new MemorySink() }, mailbox });
  const net = plainModel(optimizers.adam());
  const { history } = await net.fit(arrays(), { epochs: 2, verbose: "silent", callbacks: [ask], recording });
  assert.equal(history["loss"]!.length, 2);
  for (const reply of await Promise.all(replies)) assert.equal(reply.type, "refusal");
});
