import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import {
  type Command,
  Curves,
  histogramOf,
  type PlacedEntry,
  type RunEvent,
  readLog,
  sliceValues,
  statsOf,
} from "../record/index.ts";
import { oneHot, setRandomSeed, type Tensor, where } from "../tensor/index.ts";
import type { Callback } from "../train/index.ts";
import { LocalMailbox, type RecordingOptions, type Reply, record } from "./index.ts";

const [examples, classes, size] = [96, 3, 6];

/** Points around three centres, so that there is something to learn. */
function data() {
  const x = new Float32Array(examples * size);
  const y = new Int32Array(examples);
  for (let row = 0; row < examples; row++) {
    y[row] = row % classes;
    for (let at = 0; at < size; at++) x[row * size + at] = Math.sin(row * 7.3 + at) + (at % classes === y[row] ? 2 : 0);
  }
  return { x: ndarray(x, [examples, size]), y: ndarray(y) };
}

function network() {
  clearSession();
  setRandomSeed(3);
  const model = sequential([
    layers.input([size], { name: "x" }),
    layers.dense(16, { activation: "relu", name: "hidden" }),
    layers.dropout(0.2),
    layers.dense(classes, { activation: "softmax", name: "out" }),
  ]);
  return model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

interface Told {
  readonly entries: readonly PlacedEntry[];
  readonly curves: Curves;
  readonly events: readonly (RunEvent & { readonly step: number })[];
  readonly weights: readonly Float32Array[];
}

const fitting = { epochs: 3, batchSize: 16, validationSplit: 0.25, verbose: "silent", seed: 5 } as const;

/** Trains with a recording, and reads what it wrote. */
async function recorded(options: Partial<RecordingOptions> = {}, callbacks: readonly Callback[] = []): Promise<Told> {
  const sink = new MemorySink();
  const model = network();
  await model.fit(data(), { ...fitting, callbacks, recording: record({ place: { id: "r", sink }, ...options }) });
  const weights = await Promise.all(model.variables.map(async (each) => (await each.data()) as Float32Array));
  return { ...told(sink), weights };
}

function told(sink: MemorySink): Omit<Told, "weights"> {
  const { entries, reader } = readLog(sink.bytes);
  assert.deepEqual([reader.damage, reader.unreadable], [undefined, []]);
  const curves = new Curves();
  for (const entry of entries) curves.take(entry);
  const events = entries.flatMap((entry) => (entry.kind === "event" ? [{ ...entry.content, step: entry.step }] : []));
  return { entries, curves, events };
}

/** Sends commands when so many steps are done; returns what is said to them. */
function orders(mailbox: LocalMailbox, at: Readonly<Record<number, readonly Command[]>>) {
  const replies: Reply[] = [];
  let count = 0;
  const send = (command: Command): void => {
    const order = { id: `k${++count}`, from: "page", time: 0, command } as const;
    void mailbox.send({ type: "order", order }).then((reply) => replies.push(reply));
  };
  let done = 0;
  const callback: Callback = {
    onPosition: ({ step }) => {
      if (step === 0) return;
      for (const command of at[++done] ?? []) send(command);
    },
  };
  return { callback, replies, send };
}

const stepsPerEpoch = Math.ceil((examples * 0.75) / 16);

test("a recorded training is that of an unrecorded one, to the last bit", async () => {
  const model = network();
  await model.fit(data(), fitting);
  const plain = await Promise.all(model.variables.map(async (each) => (await each.data()) as Float32Array));
  assert.deepEqual((await recorded()).weights, plain);
});

test("every step has its loss, accuracy, learning rate and gradient norm; the epoch's are their means", async () => {
  const { curves, events } = await recorded();
  const steps = Array.from({ length: 3 * stepsPerEpoch }, (_, index) => index + 1);
  for (const [name, split] of [
    ["loss", "train"],
    ["accuracy", "train"],
    ["learningRate", "none"],
    ["gradientNorm", "none"],
  ] as const)
    assert.deepEqual([...curves.find(name, split)!.values.steps], steps, name);
  assert.ok(curves.find("learningRate", "none")!.values.values.every((rate) => Math.abs(rate - 0.001) < 1e-9));
  assert.ok(curves.find("gradientNorm", "none")!.values.values.every((norm) => norm > 0));
  const epochs = events.filter((event) => event.type === "epoch");
  assert.equal(epochs.length, 3);
  for (const { epoch, logs } of epochs) {
    for (const name of ["loss", "accuracy"]) {
      const { values } = curves.find(name)!.values;
      const own = values.subarray(epoch * stepsPerEpoch, (epoch + 1) * stepsPerEpoch);
      // 72 examples: the last batch is half as large.
      const weights = [...own.keys()].map((at) => (at === stepsPerEpoch - 1 ? 8 : 16));
      const mean = own.reduce((sum, value, at) => sum + value * weights[at]!, 0) / 72;
      assert.ok(Math.abs(mean - logs[name]!) < 1e-5, `${name} ${mean} ${logs[name]}`);
    }
  }
  assert.deepEqual([...curves.find("loss", "validation")!.values.steps], [5, 10, 15]);
});

test("a log begins with what the run is: data, graph, parameters", async () => {
  const { events } = await recorded({ name: "three points", config: { note: "x" } });
  const [first] = events;
  assert.ok(first?.type === "run");
  const { run } = first;
  assert.equal(run.name, "three points");
  assert.deepEqual([run.steps, run.stepsPerEpoch, run.data.examples, run.data.classes], [15, 5, 72, ["0", "1", "2"]]);
  assert.deepEqual(run.data.classCounts, [24, 24, 24]);
  assert.deepEqual(
    run.model!.layers.map(({ id, inputs, parameters }) => [id, inputs, parameters]),
    [
      ["x", [], 0],
      ["hidden", ["x"], 112],
      ["dropout", ["hidden"], 0],
      ["out", ["dropout"], 51],
    ],
  );
  assert.equal(run.parameters[0]!.name, "learningRate");
  assert.equal(events.at(-1)!.type, "phase");
});

test("each evaluation tells confusion, mistakes and what becomes of the probe set", async () => {
  const { entries, events } = await recorded({ probe: 9 });
  const probe = events.find((event) => event.type === "probe");
  assert.equal(probe!.examples.length, 9);
  assert.deepEqual(
    probe!.examples.map(({ truth }) => truth),
    [0, 1, 2, 0, 1, 2, 0, 1, 2],
  );
  const evaluations = events.filter((event) => event.type === "evaluation");
  assert.equal(evaluations.length, 3);
  for (const { confusion, logs } of evaluations) {
    assert.equal(
      confusion!.reduce((sum, count) => sum + count),
      24,
    );
    const right = confusion![0]! + confusion![4]! + confusion![8]!;
    assert.ok(Math.abs(right / 24 - logs["accuracy"]!) < 1e-6);
  }
  const predictions = entries.flatMap((entry) =>
    entry.kind === "slice" && entry.content.head.role === "prediction" ? [sliceValues(entry.content)] : [],
  );
  assert.equal(predictions.length, 4); // before the training, and after each epoch
  for (const values of predictions) assert.ok(Math.abs(values.subarray(0, 3).reduce((a, b) => a + b) - 1) < 1e-2);
  const maps = entries.filter((entry) => entry.kind === "slice" && entry.content.head.role === "featureMap");
  assert.ok(maps.length >= 4 * 3);
});

test("pause holds the training, step does so many steps, resume lets it go on", async () => {
  const mailbox = new LocalMailbox();
  const { callback, send, replies } = orders(mailbox, { 4: [{ type: "pause" }] });
  const sink = new MemorySink();
  const training = network().fit(data(), {
    ...fitting,
    callbacks: [callback],
    recording: record({ place: { id: "r", sink }, mailbox }),
  });
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const lastStep = (): number => told(sink).curves.find("loss")?.values.steps.at(-1) ?? 0;
  await until(() => replies.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const held = lastStep();
  assert.equal(held, 4);
  send({ type: "step", count: 2 });
  await until(() => lastStep() >= held + 2);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(lastStep(), held + 2);
  send({ type: "resume" });
  await training;
  assert.equal(lastStep(), 15);
  const phases = told(sink).events.flatMap((event) => (event.type === "phase" ? [event.phase] : []));
  assert.deepEqual(phases.filter((phase) => phase === "paused").length, 2);
});

const setRate = (value: number): Command => ({ type: "set", name: "learningRate", value });

test("a set learning rate is obeyed by the next step, and the replayed commands give the same curve", async () => {
  const mailbox = new LocalMailbox();
  const { callback, replies } = orders(mailbox, { 2: [setRate(0.05)], 7: [setRate(0.002)] });
  const steered = await recorded({ mailbox }, [callback]);
  const acknowledged = replies.map((reply) => (reply.type === "acknowledgement" ? reply.acknowledgement : undefined));
  assert.deepEqual(
    acknowledged.map((each) => each!.accepted),
    [true, true],
  );
  const rates = steered.curves.find("learningRate", "none")!.values;
  for (const [index, { step }] of acknowledged.map((each) => each!).entries()) {
    assert.ok(Math.abs(rates.at(step)!.value - (index === 0 ? 0.001 : 0.05)) < 1e-8);
    assert.ok(Math.abs(rates.at(step + 1)!.value - (index === 0 ? 0.05 : 0.002)) < 1e-8);
  }
  const replay = steered.events.flatMap((event) =>
    event.type === "command" ? [{ step: event.step, command: event.command }] : [],
  );
  const again = await recorded({ replay });
  assert.deepEqual(again.curves.find("loss")!.values.values, steered.curves.find("loss")!.values.values);
  assert.deepEqual(again.weights, steered.weights);
});

test("undo goes back to before the command: the curve is that of a training without it", async () => {
  const mailbox = new LocalMailbox();
  const { callback, replies } = orders(mailbox, { 2: [setRate(0.5)], 6: [{ type: "undo", command: "k1" }] });
  const undone = await recorded({ mailbox }, [callback]);
  assert.deepEqual(
    replies.map((reply) => reply.type === "acknowledgement" && reply.acknowledgement.accepted),
    [true, true],
  );
  const plain = await recorded();
  assert.deepEqual(undone.curves.find("loss")!.values.values, plain.curves.find("loss")!.values.values);
  assert.deepEqual(undone.weights, plain.weights);
});

test("a branch is a log of its own that names its parent; the parent stops", async () => {
  const mailbox = new LocalMailbox();
  const other = new MemorySink();
  const command = { type: "branch", checkpoint: "checkpoint-1", changes: { learningRate: 0.02 } } as const;
  const { callback } = orders(mailbox, { 3: [{ type: "checkpoint" }], 6: [command] });
  const branch = (): { id: string; sink: MemorySink } => ({ id: "r-2", sink: other });
  const parent = await recorded({ mailbox, branch }, [callback]);
  const child = told(other);
  const [first] = child.events;
  assert.ok(first?.type === "run");
  assert.deepEqual(first.run.parent, { run: "r", step: 3, checkpoint: "checkpoint-1" });
  assert.equal(child.curves.find("loss")!.values.steps[0], 4);
  assert.ok(Math.abs(child.curves.find("learningRate", "none")!.values.values[0]! - 0.02) < 1e-8);
  assert.equal(child.curves.find("loss")!.values.steps.at(-1), 15);
  // It can go back to where it began.
  const began = child.entries.find(({ kind }) => kind === "checkpoint");
  assert.ok(began?.kind === "checkpoint");
  assert.deepEqual([began.step, began.content.cause], [3, "automatic"]);
  const last = parent.events.at(-1)!;
  assert.ok(last.type === "phase" && last.phase === "stopped");
});

test("a frozen layer stays as it is, an ablated unit gives nothing, and what cannot be done is refused in words", async () => {
  const mailbox = new LocalMailbox();
  const wrong: readonly Command[] = [
    { type: "set", name: "momentum", value: 1 },
    { type: "set", name: "learningRate", value: 100 },
    { type: "rewind", checkpoint: "none" },
    { type: "freeze", layer: "nowhere", frozen: true },
    { type: "ablate", layer: "hidden", unit: 2 },
  ];
  let frozenWeights: Float32Array | undefined;
  const { callback, replies } = orders(mailbox, { 2: wrong, 3: [{ type: "freeze", layer: "hidden", frozen: true }] });
  const look: Callback = {
    onEpochEnd: async (epoch, _, { model }) => {
      if (epoch === 0) frozenWeights = (await model.variables[0]!.data()) as Float32Array;
    },
  };
  const { weights } = await recorded({ mailbox }, [callback, look]);
  const reasons = replies.flatMap((reply) => (reply.type === "acknowledgement" ? [reply.acknowledgement.reason] : []));
  assert.deepEqual(reasons, [
    '"momentum" is no parameter of this training; it has "learningRate"',
    '"learningRate" must be from 1e-7 to 1',
    'there is no checkpoint "none"',
    'there is no layer "nowhere"',
    "pause the training first",
    undefined,
  ]);
  assert.deepEqual(weights[0], frozenWeights);
});

test("evaluate now tells figures without touching those of the epoch", async () => {
  const mailbox = new LocalMailbox();
  const { callback, replies } = orders(mailbox, { 2: [{ type: "evaluate" }] });
  const asked = await recorded({ mailbox }, [callback]);
  const [reply] = replies;
  assert.ok(reply?.type === "acknowledgement" && typeof reply.acknowledgement.result?.["valLoss"] === "number");
  const plain = await recorded();
  const logs = ({ events }: Told) => events.flatMap((event) => (event.type === "epoch" ? [event.logs] : []));
  assert.deepEqual(logs(asked), logs(plain));
});

test("a prediction is what the model says of one input, with what its layers make of it", async () => {
  const mailbox = new LocalMailbox();
  let reply: Promise<Reply> | undefined;
  let refused: Promise<Reply> | undefined;
  const ask: Callback = {
    onPosition: ({ epoch, step }) => {
      if (epoch !== 1 || step !== 1) return;
      const input = [2, 0, 0, 2, 0, 0];
      reply = mailbox.send({ type: "predict", id: "p1", request: { input, layers: ["hidden"] } });
      refused = mailbox.send({ type: "predict", id: "p2", request: { input: [1] } });
    },
  };
  await recorded({ mailbox }, [ask]);
  const said = await reply!;
  assert.ok(said.type === "prediction");
  assert.equal(said.answer.output.length, 3);
  assert.ok(Math.abs(said.answer.output.reduce((a, b) => a + b) - 1) < 1e-5);
  assert.deepEqual(
    said.answer.featureMaps.map(({ layer, shape }) => [layer, shape]),
    [["hidden", [16]]],
  );
  assert.deepEqual(await refused, { type: "refusal", id: "p2", reason: "one example has 6 numbers, received 1" });
});

test("statistics are those of the tensors, and change nothing", async () => {
  const long = { ...fitting, epochs: 30 };
  const sink = new MemorySink();
  const model = network();
  const seen: { step: number; weights: Float32Array }[] = [];
  let step = 0;
  const look: Callback = {
    onPosition: ({ step: done }) => {
      if (done === 0) return;
      const own = ++step;
      void model.variables[0]!.data().then((values) => seen.push({ step: own, weights: values as Float32Array }));
    },
  };
  await model.fit(data(), { ...long, callbacks: [look], recording: record({ place: { id: "r", sink } }) });
  const plain = network();
  await plain.fit(data(), long);
  for (const [index, variable] of plain.variables.entries())
    assert.deepEqual(await model.variables[index]!.data(), await variable.data());

  const { entries, curves, events } = told(sink);
  const named = new Map([...curves.tensors.values()].map((each) => [`${each.role} ${each.name}`, each]));
  for (const role of ["weight", "gradient", "update"]) assert.ok(named.has(`${role} hidden/kernel`), role);
  assert.ok(named.has("activation hidden"));
  const weight = named.get("weight hidden/kernel")!;
  assert.deepEqual([weight.layer, weight.shape], ["hidden", [6, 16]]);
  const samples = entries.flatMap((entry) => (entry.kind === "stats" && entry.stream === weight.id ? [entry] : []));
  assert.ok(samples.length >= 2, `${samples.length} samples`);
  for (const { step: at, content } of samples) {
    const { weights } = seen.find((each) => each.step === at)!;
    const expected = statsOf(weights);
    for (const [name, value] of Object.entries(expected)) {
      const told = content[name as keyof typeof content];
      // Sums are those of the device.
      const bound = name.startsWith("sum") ? 1e-5 * expected.sumOfMagnitudes : 0;
      assert.ok(Math.abs(told - value) <= bound, `${name} ${told} ${value}`);
    }
    const histogram = entries.find(
      ({ kind, step: own, stream }) => kind === "histogram" && own === at && stream === weight.id,
    );
    assert.deepEqual(histogram?.content, histogramOf(weights));
  }
  const norms = curves.find("gradientNorm", "none")!.values;
  for (const { step: at } of samples) {
    const roles = [...curves.tensors.values()].filter(({ role }) => role === "gradient").map(({ id }) => id);
    const own = entries.flatMap((entry) =>
      entry.kind === "stats" && entry.step === at && roles.includes(entry.stream) ? [entry.content] : [],
    );
    const norm = Math.sqrt(own.reduce((sum, { sumOfSquares }) => sum + sumOfSquares, 0));
    assert.ok(Math.abs(norm - norms.at(at)!.value) < 1e-4 * norm, `${norm} ${norms.at(at)!.value}`);
  }
  const hidden = entries.find((entry) => entry.kind === "stats" && entry.stream === named.get("activation hidden")!.id);
  assert.ok(hidden?.kind === "stats" && hidden.content.units === 16);
  // Which units are silent is told beside how many.
  const activity = entries.find(
    ({ kind, content, step: at }) =>
      kind === "slice" && content.head.role === "activity" && content.head.layer === "hidden" && at === hidden.step,
  );
  assert.ok(activity?.kind === "slice");
  const shares = sliceValues(activity.content);
  assert.equal(shares.filter((share) => share === 0).length, hidden.content.deadUnits);
  const zeros = hidden.content.zeros / hidden.content.count;
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share) / 16 - (1 - zeros)) < 1e-3);
  const pace = events.filter((event) => event.type === "recording");
  assert.ok(pace.length > 0);
  // A part of the time that there was, however short the training and dear its first sample.
  for (const { stride, share } of pace) assert.ok(stride >= 4 && share >= 0 && share <= 1, `${share} each ${stride}`);
  // Of the first sample nothing counts; others take their time.
  for (const { share } of pace.slice(1)) assert.ok(share > 0);
  // What the beginning took is told once, and is in no share.
  assert.deepEqual(
    pace.map(({ openingMs }) => (openingMs ?? 0) > 0),
    pace.map((_, at) => at === 0),
  );
});

/** A loss of the user's own that takes the logarithm of 0 for one class of one example. */
function plantedLoss(yTrue: Tensor, yPred: Tensor): Tensor {
  const hit = oneHot(yTrue.cast("i32"), classes);
  const nought = yTrue.cast("f32").greater(1.5).expandDims(-1);
  return where(nought, yPred.mul(0), yPred).mul(hit).sum(-1).log().neg();
}

test("a step that is not finite changes nothing, is told, and its first bad operation is named with its place and inputs", async () => {
  const model = network();
  const weights = (): Promise<Float32Array[]> =>
    Promise.all(model.variables.map(async (each) => (await each.data()) as Float32Array));
  model.compile({ optimizer: "adam", loss: plantedLoss });
  const sink = new MemorySink();
  const before = await weights();
  const mailbox = new LocalMailbox();
  const training = model.fit(data(), { ...fitting, recording: record({ place: { id: "r", sink }, mailbox }) });
  while (!told(sink).events.some((event) => event.type === "phase" && event.phase === "paused"))
    await new Promise((resolve) => setTimeout(resolve, 5));
  const order = { id: "k1", from: "page", time: 0, command: { type: "stop", save: false } } as const;
  await mailbox.send({ type: "order", order });
  await training;
  assert.deepEqual(await weights(), before);

  const events = told(sink).events.flatMap((event) => (event.type === "notFinite" ? [event] : []));
  assert.deepEqual([events[0]!.step, events[0]!.policy, events[0]!.cause], [1, "pause", undefined]);
  const { cause } = events.find((event) => event.cause !== undefined)!;
  assert.equal(cause!.operation, "log");
  assert.equal(cause!.direction, "forward");
  assert.match(cause!.source!, /^session\.test\.js:\d+$/);
  assert.match(cause!.suggestion, /logarithm of 0/);
  assert.deepEqual([cause!.inputs[0]!.min, cause!.inputs[0]!.nonFinite], [0, 0]);
  assert.ok(cause!.output.nonFinite >= 1 && cause!.places.length === cause!.output.nonFinite);
});

test("with the policy stop, the training ends, and the cause is looked for even so", async () => {
  const sink = new MemorySink();
  const model = network();
  model.compile({ optimizer: "adam", loss: plantedLoss });
  await model.fit(data(), { ...fitting, recording: record({ place: { id: "r", sink }, notFinite: "stop" }) });
  const { events, curves } = told(sink);
  const causes = events.flatMap((event) => (event.type === "notFinite" && event.cause ? [event.cause] : []));
  assert.deepEqual(
    causes.map(({ operation, direction }) => [operation, direction]),
    [["log", "forward"]],
  );
  assert.match(causes[0]!.source!, /^session\.test\.js:\d+$/);
  assert.ok(curves.find("loss")!.values.steps.at(-1)! <= 3);
  const last = events.at(-1)!;
  assert.ok(last.type === "phase" && last.phase === "stopped");
});

test("with the policy skip, training goes on without the bad steps, and figures stay finite", async () => {
  const x = data();
  x.x.data[5 * size] = Number.NaN;
  const sink = new MemorySink();
  const model = network();
  const recording = record({ place: { id: "r", sink }, notFinite: "skip" });
  const history = await model.fit(x, { ...fitting, nanPolicy: "allow", recording });
  const { events, curves } = told(sink);
  const bad = new Set(events.flatMap((event) => (event.type === "notFinite" ? [event.step] : [])));
  assert.equal(bad.size, 3); // one an epoch
  const cause = events.flatMap((event) =>
    event.type === "notFinite" && event.cause !== undefined ? [event.cause] : [],
  )[0]!;
  assert.equal(cause.operation, "input");
  for (const each of model.variables) assert.ok(((await each.data()) as Float32Array).every(Number.isFinite));
  assert.ok(history.history["loss"]!.every(Number.isFinite));
  const loss = curves.find("loss")!.values;
  for (const [at, step] of loss.steps.entries()) assert.equal(Number.isFinite(loss.values[at]), !bad.has(step));
});
