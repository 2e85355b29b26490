import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { memoryOwners, readLog } from "../record/index.ts";
import { setRandomSeed } from "../tensor/index.ts";
import { LocalMailbox, record } from "./index.ts";
import { Telling } from "./telling.ts";

/** Evaluations that tell, where epochs and tellings take so long (milliseconds); and what is said of the pace. */
function told(epochMs: (epoch: number) => number, tellingMs: (telling: number) => number, epochs: number) {
  const [telling, found, paces] = [new Telling(0.1, 0), [] as number[], [] as number[]];
  let now = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    now += epochMs(epoch);
    if (telling.due(now)) {
      const began = now;
      now += tellingMs(found.length);
      telling.told(began, now);
      found.push(epoch);
    }
    const pace = telling.changed();
    if (pace !== undefined) paces.push(pace.every);
  }
  return { found, paces, now };
}

const cases: readonly (readonly [string, number, number, number])[] = [
  ["epochs as long as a hundred tellings tell each time", 1000, 10, 1],
  ["epochs as long as ten tellings tell each time", 100, 10, 1],
  ["tiny epochs tell each fourth time", 30, 12, 4],
  ["telling that takes as long as an epoch tells each tenth time", 12, 12, 10],
];
for (const [what, epochMs, tellingMs, every] of cases) {
  test(what, () => {
    const { found, paces } = told(
      () => epochMs,
      (telling) => (telling === 0 ? 50 * tellingMs : tellingMs), // the first one compiles
      100,
    );
    assert.deepEqual(found.slice(0, 3), [1, 2, 3]);
    const gaps = found.slice(4).map((each, at) => each - found[at + 3]!);
    assert.deepEqual([...new Set(gaps)], [every]);
    assert.deepEqual(paces, every === 1 ? [] : [every]);
  });
}

test("after the first three, telling takes at most its share of the training, however both change", () => {
  for (const seed of [1, 2, 3]) {
    const wild = (at: number): number => 1 + 40 * Math.abs(Math.sin(at * 12.9898 + seed) % 1);
    const { found, now } = told(wild, () => 20, 2000);
    assert.ok(20 * (found.length - 3) <= 0.1 * now, `${found.length} tellings in ${now} ms`);
    assert.ok(20 * found.length > 0.05 * now, `${found.length} tellings in ${now} ms`);
  }
});

const [examples, size] = [48, 6];
const fitting = { verbose: "silent", seed: 1, validationSplit: 0.25 } as const;

async function trained(epochs: number, telling: number, mailbox = new LocalMailbox(), askAt = -1, batchSize = 16) {
  clearSession();
  setRandomSeed(2);
  const net = sequential([layers.input([size]), layers.dense(8, { activation: "relu" }), layers.dense(2)]);
  net.compile({ optimizer: "adam", loss: "meanSquaredError" });
  const x = ndarray(
    Float32Array.from({ length: examples * size }, (_, at) => Math.sin(at)),
    [examples, size],
  );
  const y = ndarray(
    Float32Array.from({ length: 2 * examples }, (_, at) => Math.cos(at)),
    [examples, 2],
  );
  const sink = new MemorySink();
  const ask = {
    onPosition: ({ epoch, step }: { readonly epoch: number; readonly step: number }): void => {
      if (epoch !== askAt || step !== 1) return;
      const order = { id: "k", from: "page", time: 0, command: { type: "evaluate" } } as const;
      void mailbox.send({ type: "order", order });
    },
  };
  const recording = record({ place: { id: "r", sink }, mailbox, telling });
  const history = await net.fit({ x, y }, { ...fitting, batchSize, epochs, recording, callbacks: [ask] });
  const { entries } = readLog(sink.bytes);
  const weights = await Promise.all(net.variables.map(async (each) => (await each.data()) as Float32Array));
  return { entries, weights, history: history.history };
}

const predictionSteps = (entries: Awaited<ReturnType<typeof trained>>["entries"]): number[] =>
  entries.flatMap(({ kind, content, step }) => (kind === "slice" && content.head.role === "prediction" ? [step] : []));

test("evaluations that do not tell have their figures; what is asked for and the last one tell everything; no bit changes", async () => {
  const rare = await trained(12, 1e-9, undefined, 7);
  // Before the training, the first three, the one that was asked for after a step of epoch 7, and the last.
  assert.deepEqual(predictionSteps(rare.entries), [0, 3, 6, 9, 22, 36]);
  const figures = rare.entries.flatMap(({ kind, content, step }) =>
    kind === "event" && content.type === "evaluation" ? [[step, typeof content.logs["loss"]]] : [],
  );
  const each = Array.from({ length: 12 }, (_, epoch) => [3 * (epoch + 1), "number"]);
  // The last one is told twice: its figures at once, the rest when it is known to be the last.
  assert.deepEqual(
    figures,
    [...each, [22, "number"], [36, "number"]].toSorted((a, b) => Number(a[0]) - Number(b[0])),
  );
  const paces = rare.entries.flatMap(({ kind, content }) =>
    kind === "event" && content.type === "telling" ? [content] : [],
  );
  assert.ok(paces[0]!.every > 1 && paces[0]!.ms > 0 && paces[0]!.betweenMs > 0);
  const always = await trained(12, Number.POSITIVE_INFINITY);
  assert.equal(predictionSteps(always.entries).length, 13);
  assert.deepEqual([rare.weights, rare.history], [always.weights, always.history]);
});

test("the log of allocations: what is given back was given, weights and moments are their owner's, later reports are of single steps", async () => {
  // Batches of another size: programs that are compiled here, not taken from a test before.
  const { entries } = await trained(100, Number.POSITIVE_INFINITY, undefined, -1, 12);
  const reports = entries.flatMap(({ kind, content }) => (kind === "memory" ? [content] : []));
  const logs = reports.flatMap(({ allocations }) => allocations ?? []);
  assert.ok(logs.length > 3);
  const held = new Map<number, number>();
  const owned = [0, 0, 0, 0, 0, 0];
  for (const { events, names, owners } of logs) {
    assert.ok(events.length <= 256);
    let last = Number.POSITIVE_INFINITY;
    for (const [ms, id, bytes, name] of events) {
      assert.ok(ms >= 0 && ms <= last && typeof names[name] === "string");
      last = ms;
      if (bytes > 0) {
        assert.ok(!held.has(id));
        held.set(id, bytes);
        owned[owners[name]!]! += bytes;
      } else {
        assert.equal(held.get(id), -bytes);
        held.delete(id);
      }
    }
  }
  const parameters = size * 8 + 8 + 16 + 2;
  assert.ok(owned[memoryOwners.indexOf("weights")]! >= 4 * parameters, `${owned}`);
  assert.ok(owned[memoryOwners.indexOf("optimizer")]! >= 8 * parameters, `${owned}`);
  // Values that nobody released are given back when V8 finds them, some in a step that is listened to.
  const lengths = logs.slice(1).map(({ events }) => events.length);
  assert.ok(lengths.toSorted((a, b) => a - b)[lengths.length >> 1]! < 60, `${lengths}`);
  const { results } = reports.find((each) => each.results !== undefined)!;
  assert.ok(results!.list.every(({ from, to }) => 0 <= from && from <= to && to < results!.steps));
});
