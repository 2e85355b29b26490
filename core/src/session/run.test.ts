import assert from "node:assert/strict";
import { test } from "node:test";
import { Dataset, ndarray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { type Optimizer, optimizers } from "../optim/index.ts";
import { type Command, Curves, type RunEvent, readLog } from "../record/index.ts";
import { jit, setRandomSeed, type Tensor, tensor, valueAndGrad, variable } from "../tensor/index.ts";
import { LocalMailbox, type Run, type RunOptions, startRun } from "./index.ts";

const [examples, size, batch] = [48, 4, 8];
const x = Float32Array.from({ length: examples * size }, (_, index) => Math.sin(index * 1.7));
const y = Float32Array.from({ length: examples }, (_, row) => x[row * size]! - 2 * x[row * size + 1]!);
const batches = Array.from({ length: examples / batch }, (_, at) => ({
  x: ndarray(x.slice(at * batch * size, (at + 1) * batch * size), [batch, size]),
  y: ndarray(y.slice(at * batch, (at + 1) * batch), [batch, 1]),
}));
type Batch = (typeof batches)[number];

function network() {
  clearSession();
  setRandomSeed(3);
  return sequential([layers.input([size]), layers.dense(8, { activation: "tanh", name: "hidden" }), layers.dense(1)]);
}

type Model = ReturnType<typeof network>;

/** A step as users write one: loss and its gradients, and the optimizer, compiled together. */
function stepOf(model: Model, optimizer: Optimizer): (batch: Batch) => Tensor {
  const step = jit((inputs: Tensor, targets: Tensor) => {
    const [loss, gradients] = valueAndGrad(() => model(inputs).sub(targets).square().mean(), model.trainableVariables);
    optimizer.apply(gradients, model.trainableVariables);
    return loss;
  });
  const upload = ({ data, shape }: Batch["x"]): Tensor => tensor(data, { shape });
  return (given) => step(upload(given.x), upload(given.y));
}

const weightsOf = async (model: Model): Promise<number[][]> =>
  Promise.all(model.variables.map(async (each) => [...((await each.data()) as Float32Array)]));

interface Trained {
  readonly model: Model;
  readonly losses: number[];
  readonly sink: MemorySink;
  readonly run: Run;
}

interface Training extends Partial<RunOptions> {
  readonly passes?: number;
  /** In the body of each step, after its figures were given. */
  readonly also?: (run: Run, done: number) => unknown;
}

/** The loop that is recorded, to its end or to where `also` throws or says "break". */
async function trained({ passes = 2, also, ...options }: Training = {}): Promise<Trained> {
  const sink = new MemorySink();
  const model = network();
  const optimizer = optimizers.adam({ learningRate: 0.01 });
  const train = stepOf(model, optimizer);
  const run = await startRun({ model, optimizer, place: { id: "r", sink }, ...options });
  const losses: number[] = [];
  let done = 0;
  for (let pass = 0; pass < passes; pass++) {
    for await (const given of run.steps(batches)) {
      const loss = train(given);
      run.log({ loss });
      losses.push(await loss.item());
      if ((await also?.(run, ++done)) === "break") return { model, losses, sink, run };
    }
  }
  await run.finish();
  return { model, losses, sink, run };
}

function told(sink: MemorySink) {
  const { entries, reader } = readLog(sink.bytes);
  assert.deepEqual([reader.damage, reader.unreadable], [undefined, []]);
  const curves = new Curves();
  for (const entry of entries) curves.take(entry);
  const events: (RunEvent & { readonly step: number })[] = entries.flatMap((entry) =>
    entry.kind === "event" ? [{ ...entry.content, step: entry.step }] : [],
  );
  const phases = events.flatMap((event) => (event.type === "phase" ? [event.phase] : []));
  const curve = (name: string): [number[], number[]] => {
    const { steps, values } = (curves.find(name) ?? curves.find(name, "none"))!.values;
    return [[...steps], [...values]];
  };
  return { curves, events, phases, curve };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (what: () => boolean): Promise<void> => {
  while (!what()) await pause(2);
};

/** A mailbox, and what is answered to the commands that are sent to it. */
function steering() {
  const mailbox = new LocalMailbox();
  let count = 0;
  const send = async (command: Command) => {
    const reply = await mailbox.send({
      type: "order",
      order: { id: `k${++count}`, from: "page", time: 0, command },
    });
    assert.ok(reply.type === "acknowledgement");
    return reply.acknowledgement;
  };
  return { mailbox, send };
}

test("a loop of the user's own tells every step, and each pass as an epoch", async () => {
  const { losses, sink } = await trained({ name: "mine", config: { note: "x" } });
  const { events, phases, curve } = told(sink);
  assert.equal(losses.length, 12);
  assert.deepEqual(curve("loss"), [upTo(12), losses]);
  assert.deepEqual(curve("learningRate"), [upTo(12), upTo(12).map(() => Math.fround(0.01))]);
  assert.ok(curve("stepMs")[1].every((ms) => ms > 0));
  assert.ok(losses.at(-1)! < losses[0]!, "it learns");
  const [first] = events;
  assert.ok(first?.type === "run");
  assert.deepEqual([first.run.name, first.run.config["note"], first.run.stepsPerEpoch], ["mine", "x", 6]);
  assert.deepEqual(
    first.run.model!.layers.map(({ id }) => id).filter((id) => id === "hidden"),
    ["hidden"],
  );
  const epochs = events.flatMap((event) =>
    event.type === "epoch" ? [[event.epoch, event.step, event.logs["loss"]!]] : [],
  );
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value) / values.length;
  assert.deepEqual(epochs, [
    [0, 6, mean(losses.slice(0, 6))],
    [1, 12, mean(losses.slice(6))],
  ]);
  assert.deepEqual(phases, ["training", "done"]);
});

test("recording the loop changes no bit", async () => {
  const { model, losses } = await trained();
  const plain = network();
  const train = stepOf(plain, optimizers.adam({ learningRate: 0.01 }));
  const own: number[] = [];
  for (let pass = 0; pass < 2; pass++) for (const given of batches) own.push(await train(given).item());
  assert.deepEqual(losses, own);
  assert.deepEqual(await weightsOf(model), await weightsOf(plain));
});

test("pause holds the loop between two steps, step does so many, resume lets it go on", async () => {
  const { mailbox, send } = steering();
  let count = 0;
  let paused: Promise<unknown> | undefined;
  const training = trained({
    mailbox,
    also: (_, done) => {
      count = done;
      if (done === 3) paused = send({ type: "pause" });
    },
  });
  await until(() => paused !== undefined);
  await paused;
  await pause(50);
  assert.equal(count, 3);
  await send({ type: "step", count: 2 });
  await until(() => count === 5);
  await pause(50);
  assert.equal(count, 5);
  await send({ type: "resume" });
  const { sink } = await training;
  const { phases, curve } = told(sink);
  assert.deepEqual(curve("loss")[0], upTo(12));
  assert.deepEqual(phases, ["training", "paused", "training", "paused", "training", "done"]);
});

test("stop ends the loop, and those after it; what it saved is in the log", async () => {
  const { mailbox, send } = steering();
  const { sink, losses, run } = await trained({
    mailbox,
    also: (_, done) => {
      if (done === 4) void send({ type: "stop", save: true });
    },
  });
  assert.equal(losses.length, 4);
  assert.equal(run.stopped, true);
  assert.equal(told(sink).phases.at(-1), "stopped");
  const saved = readLog(sink.bytes).entries.filter(({ kind }) => kind === "checkpoint");
  assert.deepEqual(
    saved.map(({ step }) => step),
    [4],
  );
});

test("the learning rate and declared controls are set between two steps, and undo goes back to the weights before", async () => {
  const { mailbox, send } = steering();
  const sink = new MemorySink();
  const model = network();
  const optimizer = optimizers.sgd({ learningRate: 0.01 });
  const train = stepOf(model, optimizer);
  const run = await startRun({ model, optimizer, place: { id: "r", sink }, mailbox });
  const noise = run.control("noise", 0.5, { min: 0, max: 1 });
  const seen: number[] = [];
  const weights: number[][][] = [];
  const answers: Promise<{ readonly accepted: boolean }>[] = [];
  for await (const given of run.steps(batches)) {
    weights.push(await weightsOf(model));
    seen.push(noise.value);
    run.log({ loss: train(given) });
    if (weights.length === 2) answers.push(send({ type: "set", name: "learningRate", value: 0.02 }));
    if (weights.length === 2) answers.push(send({ type: "set", name: "noise", value: 0.25 }));
    if (weights.length === 4)
      answers.push(send({ type: "undo", command: "k1" }), send({ type: "freeze", layer: "hidden", frozen: true }));
  }
  await run.finish();
  assert.deepEqual(
    (await Promise.all(answers)).map(({ accepted }) => accepted),
    [true, true, true, false],
  );
  assert.deepEqual(seen, [0.5, 0.5, 0.25, 0.25, 0.25, 0.25]);
  // What was before the second command's step is there again after the fourth.
  assert.deepEqual(weights[4], weights[2]);
  assert.throws(() => run.control("late", 0, { min: 0, max: 1 }), /before the first step/);
});

test("a loss that is not finite is told, and pauses, stops or is passed over as is asked", async () => {
  for (const [notFinite, steps] of [
    ["stop", 3],
    ["skip", 12],
  ] as const) {
    const { sink } = await trained({
      notFinite,
      also: async (run, done) => {
        if (done === 3) run.log({ loss: Number.NaN });
        await pause(1); // figures are read beside the loop
      },
    });
    const { events, curve } = told(sink);
    const found = events.filter((event) => event.type === "notFinite");
    assert.deepEqual(
      found.map(({ step, figure, policy, guarded }) => [step, figure, policy, guarded]),
      [[3, "loss", notFinite, false]],
    );
    // One may be under way when it is seen.
    const count = curve("loss")[0].length;
    assert.ok(count >= steps && count <= steps + 1, `${notFinite}: ${count}`);
  }
});

test("a loop that is left, or fails, has its end in the log", async () => {
  const left = await trained({ also: (_, done) => (done === 5 ? "break" : undefined) });
  const { curve, phases } = told(left.sink);
  assert.deepEqual(curve("loss"), [upTo(5), left.losses]);
  assert.deepEqual(phases, ["training", "stopped"]);
  await left.run.finish();
  assert.equal(told(left.sink).phases.at(-1), "done");

  const sink = new MemorySink();
  const run = await startRun({ optimizer: optimizers.sgd(), variables: [variable([1])], place: { id: "r", sink } });
  const failing = async (): Promise<void> => {
    for await (const number of run.steps([1, 2, 3])) {
      run.log({ loss: number });
      if (number === 2) throw new Error("my own mistake");
    }
  };
  await assert.rejects(failing(), /my own mistake/);
  assert.deepEqual(told(sink).phases, ["training", "stopped"]);
  assert.deepEqual(told(sink).curve("loss"), [
    [1, 2],
    [1, 2],
  ]);
  await run.finish(new Error("my own mistake"));
  const last = told(sink).events.at(-1);
  assert.ok(last?.type === "phase" && last.phase === "failed" && last.reason === "my own mistake");

  const broken = new MemorySink();
  const other = await startRun({ optimizer: optimizers.sgd(), place: { id: "r", sink: broken } });
  const data = function* () {
    yield 1;
    throw new Error("no more data");
  };
  const reading = async (): Promise<void> => {
    for await (const number of other.steps(data())) other.log({ loss: number });
  };
  await assert.rejects(reading(), /no more data/);
  assert.deepEqual(told(broken).phases, ["training", "failed"]);
});

test("a loop that goes on after an error ends well, and one that is finished inside of itself ends there", async () => {
  const sink = new MemorySink();
  const run = await startRun({ optimizer: optimizers.sgd(), place: { id: "r", sink } });
  const data = function* () {
    yield 1;
    throw new Error("no more data");
  };
  await assert.rejects(async () => {
    for await (const number of run.steps(data())) run.log({ loss: number });
  }, /no more data/);
  for await (const number of run.steps([2, 3])) run.log({ loss: number });
  await run.finish();
  assert.deepEqual(told(sink).curve("loss")[1], [1, 2, 3]);
  assert.deepEqual(told(sink).phases, ["training", "failed", "training", "done"]);

  const inside = new MemorySink();
  const other = await startRun({ optimizer: optimizers.sgd(), place: { id: "r", sink: inside } });
  for await (const number of other.steps([1, 2, 3])) {
    other.log({ loss: number });
    if (number === 2) await other.finish();
  }
  assert.deepEqual(told(inside).phases, ["training", "done"]);
  await assert.rejects(async () => {
    for await (const _ of other.steps([1])) assert.fail("it is finished");
  }, /finished/);
});

test("trainOnBatch and an evaluation: figures, confusion and the probe set", async () => {
  clearSession();
  setRandomSeed(3);
  const model = sequential([layers.input([size]), layers.dense(2, { activation: "softmax" })]);
  model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const classes = Int32Array.from({ length: examples }, (_, row) => Number(x[row * size]! > 0));
  const all = { x: ndarray(x, [examples, size]), y: ndarray(classes) };
  const sink = new MemorySink();
  const run = await startRun({ model, place: { id: "r", sink }, validationData: all });
  const losses: number[] = [];
  await run.evaluate(); // before the first step: the first pass is still the first epoch
  for await (const at of run.steps([0, 1, 2])) {
    const rows = { x: all.x.slice(at * 16, at * 16 + 16), y: all.y.slice(at * 16, at * 16 + 16) };
    const logs = await model.trainOnBatch(rows.x, rows.y);
    run.log(logs);
    losses.push(Math.fround(logs["loss"]!));
  }
  const logs = await run.evaluate();
  await run.finish();
  const { events, curves, curve } = told(sink);
  assert.deepEqual(curve("loss"), [upTo(3), losses]);
  assert.equal(curve("accuracy")[0].length, 3);
  const validation = curves.find("loss", "validation")!.values;
  assert.deepEqual([...validation.steps], [0, 3]);
  assert.equal(validation.values[1], Math.fround(logs["loss"]!));
  assert.deepEqual(
    events.flatMap((event) => (event.type === "epoch" ? [event.epoch] : [])),
    [0],
  );
  const evaluation = events.findLast((event) => event.type === "evaluation");
  assert.equal(
    evaluation?.confusion?.reduce((sum, count) => sum + count),
    examples,
  );
  assert.equal(events.find((event) => event.type === "probe")!.examples.length, 32);
});

test("how many steps there are is found in the data, as far as they say", async () => {
  const generated = function* () {
    yield* batches;
  };
  const known: (number | undefined)[] = [];
  for (const data of [batches, Dataset.from(batches), Dataset.from(batches).repeat().take(6), generated()]) {
    const sink = new MemorySink();
    const run = await startRun({ optimizer: optimizers.sgd(), place: { id: "r", sink } });
    let count = 0;
    for await (const given of run.steps<Batch>(data)) count += given.x.shape[0]!;
    await run.finish();
    assert.equal(count, examples);
    const [first] = told(sink).events;
    known.push(first?.type === "run" ? first.run.stepsPerEpoch : undefined);
  }
  assert.deepEqual(known, [6, 6, 6, 0]);
});

test("what cannot be meant is refused in words", async () => {
  const place = { id: "r", sink: new MemorySink() };
  await assert.rejects(startRun({ place }), /neither a model nor an optimizer/);
  await assert.rejects(startRun({ place, model: network() }), /has no optimizer/);
  await assert.rejects(startRun({ studio: false, optimizer: optimizers.sgd() }), /no place/);
  const run = await startRun({ place, optimizer: optimizers.sgd() });
  assert.throws(() => run.log({ loss: 1 }), /no step/);
  for await (const _ of run.steps([1])) assert.throws(() => run.log({ loss: tensor([1, 2]) }), /scalar/);
  await run.finish();
  await assert.rejects(async () => {
    for await (const _ of run.steps([1])) assert.fail("it is finished");
  }, /finished/);
});
