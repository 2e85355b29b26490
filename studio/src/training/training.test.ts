import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { layers, ndarray, sequential } from "chainrule";
import { uniformSource } from "chainrule/data";
import { Curves, commandTypes, type Entry, type RunDescription, readLog } from "chainrule/record";
import { startRun } from "chainrule/session";
import { startServer } from "../server/server.ts";
import { studioRecording } from "./recording.ts";

const runs = mkdtempSync(join(tmpdir(), "studio-training-"));
after(() => rmSync(runs, { recursive: true }));

const data = () => {
  const x = Float32Array.from({ length: 64 * 4 }, (_, index) => Math.sin(index * 1.7));
  const y = Int32Array.from({ length: 64 }, (_, row) => Number(x[row * 4]! > 0));
  return { x: ndarray(x, [64, 4]), y: ndarray(y) };
};
function network() {
  const model = sequential([
    layers.input([4]),
    layers.dense(8, { activation: "relu", name: "hidden" }),
    layers.dense(2, { activation: "softmax" }),
  ]);
  return model.compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
}

const entriesOf = (id: string): readonly Entry[] => readLog(readFileSync(join(runs, id, "log"))).entries;
function lossOf(id: string) {
  const curves = new Curves();
  for (const entry of entriesOf(id)) curves.take(entry);
  return curves.find("loss")!.values;
}

/** A page's view of a server. */
async function page(link: string) {
  const { origin, search } = new URL(link);
  const opened = await fetch(`${origin}/${search}`, { redirect: "manual" });
  const cookie = opened.headers.get("set-cookie")!.split(";")[0]!;
  const post = async (path: string, body: unknown): Promise<Response> =>
    fetch(`${origin}${path}`, {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const control = async (run: string, command: object) =>
    (await post(`/api/runs/${run}/control`, { command })).json() as Promise<{
      acknowledgement: { accepted: boolean; step: number; reason?: string };
    }>;
  const list = async () =>
    (await fetch(`${origin}/api/runs`, { headers: { cookie } })).json() as Promise<
      { id: string; state: string; step: number; steerable: boolean }[]
    >;
  return { post, control, list };
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the log has come to this step, and sees that it stays there. */
async function standsAt(run: string, step: number): Promise<void> {
  while ((lossOf(run).steps.at(-1) ?? 0) < step) await pause(20);
  await pause(300);
  assert.equal(lossOf(run).steps.at(-1), step);
}

for (const way of ["its own thread", "another process' server"] as const) {
  test(`a training is paused, stepped, asked and stopped through ${way}`, async () => {
    let link = "";
    const own = way === "its own thread";
    const name = own ? "thread" : "folder";
    const recording = await studioRecording({
      folder: runs,
      name,
      serve: own,
      onLink: (given) => {
        link = given;
      },
    });
    const server = own ? undefined : await startServer({ runs });
    const { control, list, post } = await page(server?.link ?? link);
    const run = `${name}-1`;
    const training = network().fit(data(), { epochs: 100_000, batchSize: 16, verbose: "silent", recording });
    // On a loaded machine a kept connection may have been closed meanwhile: one asks again.
    while (!(await list().catch(() => [])).some(({ id, step }) => id === run && step > 10)) await pause(20);

    const paused = await control(run, { type: "pause" });
    assert.equal(paused.acknowledgement.accepted, true);
    const held = paused.acknowledgement.step;
    await standsAt(run, held);
    await control(run, { type: "step", count: 3 });
    await standsAt(run, held + 3);

    const predicted = await post(`/api/runs/${run}/predict`, { input: [1, 0, 0, 0], layers: ["hidden"] });
    const answer = (await predicted.json()) as { output: number[]; featureMaps: { shape: number[] }[] };
    assert.ok(Math.abs(answer.output[0]! + answer.output[1]! - 1) < 1e-5);
    assert.deepEqual(answer.featureMaps[0]!.shape, [8]);
    const asked = await post(`/api/runs/${run}/request`, { type: "weights", layer: "hidden" });
    const slices = readLog(new Uint8Array(await asked.arrayBuffer())).entries;
    assert.deepEqual(
      slices.map((entry) => entry.kind === "slice" && entry.content.head.shape),
      [[4, 8], [8]],
    );
    assert.ok(slices.every(({ onDemand }) => onDemand));
    const wrong = await control(run, { type: "set", name: "nothing", value: 1 });
    assert.equal(wrong.acknowledgement.reason, '"nothing" is no parameter of this training; it has "learningRate"');
    assert.equal((await post(`/api/runs/${run}/control`, { command: { type: "explode" } })).status, 400);

    await control(run, { type: "resume" });
    const stopped = await control(run, { type: "stop", save: true });
    assert.equal(stopped.acknowledgement.accepted, true);
    await training;
    const listing = (await list()).find(({ id }) => id === run)!;
    assert.deepEqual([listing.state, listing.steerable], ["stopped", false]);
    assert.equal(readdirSync(join(runs, run, "blobs")).length, 1);
    assert.equal((await post(`/api/runs/${run}/control`, { command: { type: "pause" } })).status, 409);
    await server?.close();
  });
}

test("a loop of the user's own, in a folder of runs, is paused, set, asked and stopped as a training is", async () => {
  const model = network();
  let link = "";
  const onLink = (given: string): void => {
    link = given;
  };
  const { x, y } = data();
  const run = await startRun({ model, validationData: { x, y }, studio: { folder: runs, name: "own", onLink } });
  const scale = run.control("scale", 1, { min: 0, max: 2 });
  const { control, list, post } = await page(link);
  const loop = (async (): Promise<number> => {
    let passes = 0;
    for (; !run.stopped; passes++) {
      for await (const at of run.steps([0, 1, 2, 3])) {
        const rows = [at * 16, at * 16 + 16] as const;
        const { loss } = await model.trainOnBatch(x.slice(...rows), y.slice(...rows));
        run.log({ loss: loss! * scale.value });
      }
      if (passes % 100 === 0) await run.evaluate();
    }
    await run.finish();
    return passes;
  })();
  while (!(await list().catch(() => [])).some(({ id, step }) => id === "own-1" && step > 10)) await pause(20);

  const { acknowledgement: paused } = await control("own-1", { type: "pause" });
  await standsAt("own-1", paused.step);
  // What is set is seen by the next step, and by the step only.
  assert.equal((await control("own-1", { type: "set", name: "scale", value: 0 })).acknowledgement.accepted, true);
  await control("own-1", { type: "step", count: 3 });
  await standsAt("own-1", paused.step + 3);
  const losses = [...lossOf("own-1").values];
  assert.deepEqual(losses.slice(-3), [0, 0, 0]);
  assert.ok(losses.slice(0, -3).every((loss) => loss > 0));
  const predicted = await post("/api/runs/own-1/predict", { input: [1, 0, 0, 0], layers: ["hidden"] });
  const answer = (await predicted.json()) as { output: number[] };
  assert.ok(Math.abs(answer.output[0]! + answer.output[1]! - 1) < 1e-5);
  const saliency = await post("/api/runs/own-1/request", { type: "saliency", input: "validation/3", class: 1 });
  assert.equal(saliency.status, 200);
  assert.equal((await control("own-1", { type: "evaluate" })).acknowledgement.accepted, true);
  const held = await control("own-1", { type: "freeze", layer: "hidden", frozen: true });
  assert.match(held.acknowledgement.reason!, /loop of the user's own/);

  await control("own-1", { type: "resume" });
  await control("own-1", { type: "stop", save: true });
  assert.ok((await loop) > 0);
  const listing = (await list()).find(({ id }) => id === "own-1")!;
  assert.deepEqual([listing.state, listing.steerable], ["stopped", false]);
  const described = JSON.parse(readFileSync(join(runs, "own-1", "run.json"), "utf8")) as RunDescription;
  assert.deepEqual(
    [described.parameters.map(({ name }) => name), described.stepsPerEpoch, described.data.classCounts],
    [["learningRate", "scale"], 4, undefined],
  );
  const evaluation = entriesOf("own-1").findLast(
    ({ kind, content }) => kind === "event" && content.type === "evaluation" && content.confusion !== undefined,
  );
  assert.ok(evaluation);
});

test("whatever letters a training gets, each is answered or refused with a reason, and it trains on", async () => {
  let link = "";
  const onLink = (given: string): void => {
    link = given;
  };
  const recording = await studioRecording({ folder: runs, name: "letters", onLink });
  const { post, list } = await page(link);
  const run = "letters-1";
  const training = network().fit(data(), { epochs: 100_000, batchSize: 16, verbose: "silent", recording });
  while (!(await list().catch(() => [])).some(({ id, step }) => id === run && step > 10)) await pause(20);

  const uniform = uniformSource(11);
  const one = <T>(all: readonly T[]): T => all[Math.floor(uniform() * all.length)]!;
  const odd = [0, 1, -1, 3, 0.5, 1e9, 1e308, "", "hidden", "dense", "learningRate", "validation/0", "train/3"];
  const odder = [null, true, [], {}, [1, 0, 0, 0], [1, "a"], { learningRate: 1 }, "x".repeat(500), "../log", "\0"];
  // A stop ends it, and a branch from a real checkpoint has another name: they have tests of their own.
  const commands = [...commandTypes.filter((type) => type !== "stop"), "explode"];
  const fields = ["count", "name", "value", "checkpoint", "changes", "layer", "frozen", "unit", "command", "text"];
  const asked = [
    "saliency",
    "gradCam",
    "embeddings",
    "featureMaps",
    "weights",
    "attention",
    "boundary",
    "outliers",
    "augmented",
    "trace",
    "no",
  ];
  const details = [
    "input",
    "class",
    "layer",
    "split",
    "count",
    "projection",
    "keys",
    "extent",
    "size",
    "unit",
    "steps",
  ];
  const filled = (names: readonly string[]): object =>
    Object.fromEntries(names.filter(() => uniform() < 0.7).map((name) => [name, one([...odd, ...odd, ...odder])]));
  const counts = { accepted: 0, refused: 0 };
  const faults = new Set<string>();
  for (let letter = 0; letter < 300; letter++) {
    const ask = { type: one(asked), ...filled(details) };
    const [part, body] = one([
      ["control", { command: { type: one(commands), ...filled(fields) } }],
      ["request", ask],
      ["predict", filled(["input", "layers"])],
    ] as const);
    const what = `${part} ${JSON.stringify(body).slice(0, 300)}`;
    const response = await post(`/api/runs/${run}/${part}`, body);
    const bytes = Buffer.from(await response.arrayBuffer());
    const { acknowledgement, error } = bytes[0] === 0x7b ? JSON.parse(bytes.toString()) : {};
    const refused = response.status >= 400 || acknowledgement?.accepted === false;
    const reason = acknowledgement?.reason ?? error ?? "";
    // A refusal is in the user's words, and no fault of ours that was caught.
    if (response.status >= 500 || (refused && !/\w+ \w+/.test(reason))) faults.add(`${response.status}: ${what}`);
    if (/undefined|null|not a function|not iterable|\[object/.test(reason)) faults.add(`${what}: ${reason}`);
    counts[refused ? "refused" : "accepted"]++;
  }
  // It goes on as if nothing had been.
  await post(`/api/runs/${run}/control`, { command: { type: "resume" } });
  const now = (): number => lossOf(run).steps.at(-1) ?? 0;
  for (const before = now(); now() === before; ) await pause(20);
  await post(`/api/runs/${run}/control`, { command: { type: "stop", save: false } });
  await training;
  assert.deepEqual([...faults], []);
  assert.ok(counts.accepted > 20 && counts.refused > 100, JSON.stringify(counts));
});

test("a training that never waits is steered between two steps", async () => {
  const { ThreadMailbox } = await import("./threadMailbox.ts");
  const { startServerThread } = await import("./serverThread.ts");
  const { placeIn } = await import("./place.ts");
  const { RunFolder } = await import("../server/runFolder.ts");
  const { Worker } = await import("node:worker_threads");
  const mailbox = new ThreadMailbox();
  const place = placeIn(RunFolder.of(runs, "busy-1")!);
  place.sink.write(new Uint8Array(0));
  const { Recorder } = await import("chainrule/observe");
  const recorder = new Recorder(place.sink);
  recorder.flush();
  const server = await startServerThread({ runs, address: mailbox.address });
  // The page is a thread too: this one will not give up its turn.
  const source = `
    const { workerData } = require("node:worker_threads");
    const { origin, search } = new URL(workerData);
    (async () => {
      const opened = await fetch(origin + "/" + search, { redirect: "manual" });
      const cookie = opened.headers.get("set-cookie").split(";")[0];
      await fetch(origin + "/api/runs/busy-1/control", { method: "POST", body: JSON.stringify({ command: { type: "pause" } }), headers: { cookie, origin, "content-type": "application/json" } });
    })();`;
  const client = new Worker(source, { eval: true, workerData: server.link });
  const until = performance.now() + 120_000; // ends a test that hangs, on any machine
  let steps = 0;
  let found = mailbox.take();
  while (found.length === 0 && performance.now() < until) {
    steps++;
    found = mailbox.take();
  }
  assert.ok(steps > 1000);
  const [letter] = found;
  assert.ok(letter?.type === "order" && letter.order.command.type === "pause");
  mailbox.reply({ type: "acknowledgement", acknowledgement: { id: letter.order.id, accepted: true, step: steps } });
  await new Promise((resolve) => client.once("exit", resolve));
  await server.close();
  place.sink.close();
});

test("letters that were taken leave nobody waiting", async () => {
  const { ThreadMailbox } = await import("./threadMailbox.ts");
  const mailbox = new ThreadMailbox();
  const waits = [mailbox.arrival(), mailbox.arrival()];
  Atomics.store(new Int32Array(mailbox.address.flag), 0, 1);
  await waits[0];
  mailbox.take();
  await waits[1];
  const last = mailbox.arrival();
  mailbox.close();
  await last;
});
