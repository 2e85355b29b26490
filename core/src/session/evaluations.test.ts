import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { type Model, model, sequential } from "../model/index.ts";
import { clearSession, input, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { type PlacedEntry, readLog, type Slice, sliceValues } from "../record/index.ts";
import { setRandomSeed } from "../tensor/index.ts";
import { LocalMailbox, type Reply, record } from "./index.ts";
import { Thinning } from "./thinning.ts";

const fitting = { epochs: 3, batchSize: 16, verbose: "silent", seed: 1, validationSplit: 0.25 } as const;
const [examples, time, heads] = [48, 5, 2];

async function told(net: Model, x: ReturnType<typeof ndarray>, ask?: (mailbox: LocalMailbox) => Promise<Reply>[]) {
  setRandomSeed(2);
  net.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy" });
  const y = ndarray(Int32Array.from({ length: examples }, (_, row) => row % 2));
  const sink = new MemorySink();
  const mailbox = new LocalMailbox();
  let replies: Promise<Reply>[] = [];
  const once = {
    onPosition: ({ epoch, step }: { readonly epoch: number; readonly step: number }): void => {
      if (epoch === 1 && step === 1) replies = ask?.(mailbox) ?? [];
    },
  };
  const recording = record({ place: { id: "r", sink }, mailbox });
  await net.fit({ x, y }, { ...fitting, callbacks: [once], recording });
  const { entries, reader } = readLog(sink.bytes);
  assert.deepEqual(reader.unreadable, []);
  return { entries, replies: await Promise.all(replies) };
}

const slices = (entries: readonly PlacedEntry[], role: string): (Slice & { readonly step: number })[] =>
  entries.flatMap(({ kind, content, step }) =>
    kind === "slice" && content.head.role === role ? [{ ...content, step }] : [],
  );
const stepsOf = (found: readonly { readonly step: number }[]): number[] => found.map(({ step }) => step);
/** Before the training, and after each epoch of three steps. */
const evaluations = [0, 3, 6, 9];

test("attention is told at each evaluation and when it is asked for: every query's weights add up to one", async () => {
  clearSession();
  const tokens = input([time], { dtype: "i32" });
  const embedded = layers.embedding(12, 8)(tokens);
  const attended = layers.multiHeadAttention(heads, 4, { name: "look", useCausalMask: true })({
    query: embedded,
    value: embedded,
  });
  const out = layers.dense(2, { activation: "softmax" })(layers.globalAveragePooling1d()(attended));
  const x = ndarray(
    Int32Array.from({ length: examples * time }, (_, at) => (at * 7 + (at % 2)) % 12),
    [examples, time],
  );
  const { entries, replies } = await told(model(tokens, out), x, (mailbox) => [
    mailbox.send({ type: "request", id: "a", request: { type: "attention", input: "train/3" } }),
    mailbox.send({ type: "request", id: "b", request: { type: "attention", input: [1, 2, 3, 4, 5] } }),
  ]);
  const found = slices(entries, "attention");
  assert.deepEqual(stepsOf(found), evaluations);
  const asked = replies.flatMap((reply) => {
    assert.equal(reply.type, "answer", JSON.stringify(reply));
    return reply.type === "answer" ? slices(readLog(reply.log).entries, "attention") : [];
  });
  assert.deepEqual(
    asked.map(({ head }) => head.key),
    ["train/3", "asked"],
  );
  for (const slice of [...found, ...asked]) {
    assert.deepEqual([slice.head.layer, slice.head.shape], ["look", [heads, time, time]]);
    const values = sliceValues(slice);
    for (let query = 0; query < heads * time; query++) {
      const row = values.subarray(query * time, (query + 1) * time);
      assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 0.02, `${row}`);
      // It is causal: what comes later is not looked at.
      assert.ok(row.subarray((query % time) + 1).every((weight) => weight < 0.01));
    }
  }
});

test("each evaluation tells embeddings, the plane, and the kernels of a step, without being asked", async () => {
  clearSession();
  const net = sequential([
    layers.input([2]),
    layers.dense(100, { activation: "tanh", name: "hidden" }),
    layers.dense(2, { activation: "softmax", name: "out" }),
  ]);
  const x = ndarray(
    Float32Array.from({ length: examples * 2 }, (_, at) => Math.sin(at * 1.7) * 3),
    [examples, 2],
  );
  const { entries } = await told(net, x);
  const embeddings = slices(entries, "embedding");
  assert.deepEqual(stepsOf(embeddings), evaluations);
  // A hundred numbers are told as 64.
  for (const { head } of embeddings)
    assert.deepEqual([head.layer, head.shape, head.labels?.length], ["hidden", [12, 64], 12]);
  // Those of single units are told at the end.
  const planes = slices(entries, "boundary").filter(({ head }) => head.layer === undefined);
  assert.deepEqual(stepsOf(planes), evaluations);
  const [plane] = planes;
  assert.deepEqual(plane!.head.shape, [48, 48, 2]);
  const [left, right] = plane!.head.extent!;
  assert.ok(left! < -2.9 && left! > -4 && right! > 2.9 && right! < 4);
  const traces = entries.flatMap(({ kind, content, step, onDemand }) =>
    kind === "spans" ? [{ step, onDemand, spans: content.spans }] : [],
  );
  assert.deepEqual(
    traces.map(({ step, onDemand }) => [step, onDemand]),
    [
      [4, false],
      [7, false],
      [9, false], // nothing came after the last evaluation
    ],
  );
  assert.ok(traces[0]!.spans.some(({ level }) => level === "kernel"));
  assert.equal(stepsOf(entries.filter(({ kind }) => kind === "memory")).length, 6); // evaluations and epochs
});

test("a model that does not attend says so", async () => {
  clearSession();
  const net = sequential([layers.input([2]), layers.dense(2, { activation: "softmax" })]);
  const x = ndarray(new Float32Array(examples * 2).fill(1), [examples, 2]);
  const { replies } = await told(net, x, (mailbox) => [
    mailbox.send({ type: "request", id: "a", request: { type: "attention", input: "train/0" } }),
  ]);
  assert.deepEqual(replies, [{ type: "refusal", id: "a", reason: "no layer of this model attends" }]);
});

test("what evaluations tell becomes rarer, and never more than it may be", () => {
  const thinning = new Thinning(1000);
  const told: number[] = [];
  for (let evaluation = 0; evaluation < 5000; evaluation++) {
    if (!thinning.due()) continue;
    thinning.wrote(10);
    told.push(evaluation);
  }
  assert.ok(told.length <= 100 && told.length > 60, `${told.length} evaluations`);
  const gaps = told.slice(1).map((each, at) => each - told[at]!);
  assert.ok(gaps.every((gap, at) => at === 0 || gap >= gaps[at - 1]! / 2));
  assert.deepEqual([gaps[0], gaps.at(-1)! >= 16], [1, true]);
});
