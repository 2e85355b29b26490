// A long training, its recorder and the studio's server, watched for memory that grows: `node --expose-gc studio/scripts/soak.mjs
// --minutes 30`. Prints a line every ten seconds' worth of heap after a collection, and ends with 1 when a heap has grown.
//
// The training is a process of its own (recorder, statistics, evaluations, checkpoints now and then); the server and a page's
// requests (a tail that follows, listings, queries of this run and of an old one, the doctor, questions, notes) are here. Memory of
// typed arrays is told beside the heap, and must be flat, too.

import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layers, ndarray, sequential, setDevice } from "chainrule";
import { FileSink, Recorder } from "chainrule/observe";
import { TailDecoder } from "chainrule/record";
import { startServer, studioRecording } from "../dist/index.js";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const minutes = Number(option("minutes", "30"));
const everyMs = Number(option("every", "10")) * 1000;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function heap() {
  globalThis.gc();
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed / 2 ** 20, arrays: arrayBuffers / 2 ** 20, rss: rss / 2 ** 20 };
}

async function train(folder) {
  await setDevice(option("device", "wasm"));
  const [examples, size] = [4096, 32];
  const x = ndarray(
    Float32Array.from({ length: examples * size }, (_, at) => Math.sin(at * 1.3)),
    [examples, size],
  );
  const y = ndarray(Int32Array.from({ length: examples }, (_, at) => at % 10));
  const model = sequential([
    layers.input([size]),
    layers.dense(64, { activation: "relu" }),
    layers.dense(10, { activation: "softmax" }),
  ]).compile({ optimizer: "adam", loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  const until = Date.now() + minutes * 60_000;
  const recording = await studioRecording({ folder, name: "soak", serve: false });
  let told = 0;
  const watch = {
    onBatchBegin: async (_, control) => {
      if (Date.now() - told > everyMs) {
        told = Date.now();
        process.send({ step: recording.step, ...heap() });
      }
      await wait(2); // steps of a usual length
      if (Date.now() > until) control.stop();
    },
  };
  const options = {
    epochs: 1e6,
    batchSize: 32,
    verbose: "silent",
    validationSplit: 0.1,
    callbacks: [watch],
    recording,
  };
  await model.fit({ x, y }, options);
}

if (process.argv[2] === "--train") {
  await train(process.argv[3]);
  process.exit();
}

const folder = mkdtempSync(join(tmpdir(), "soak-"));

/** A run that is over, to be looked at beside the other: 100,000 steps. */
function writeOld() {
  mkdirSync(join(folder, "old-1"));
  const recorder = new Recorder(new FileSink(join(folder, "old-1", "log")));
  const series = (name) => recorder.series({ name, split: "train", group: "loss", every: "step" }, 0);
  const ids = ["loss", "accuracy", "gradientNorm"].map(series);
  for (let step = 1; step <= 100_000; step++)
    recorder.scalars(
      step,
      ids,
      ids.map((id) => Math.sin(step / 1000 + id)),
    );
  recorder.close();
}
writeOld();
const server = await startServer({ runs: folder });
const cookie = `chainrule-studio=${new URL(server.link).searchParams.get("token")}`;
const origin = `http://127.0.0.1:${server.port}`;
const child = fork(new URL(import.meta.url), ["--train", folder, ...process.argv.slice(2)], {
  execArgv: ["--expose-gc"],
});
const series = { training: [], server: [] };
child.on("message", (told) => series.training.push(told));
const over = new Promise((resolve) => child.once("exit", resolve));

/** The tail that a page follows; what comes is decoded and forgotten. */
let received = 0;
function follow() {
  const decoder = new TailDecoder();
  const sent = request(`${origin}/api/tail?run=soak-1:${received}`, { headers: { cookie } }, (response) => {
    response.on("close", () => !stopped && setTimeout(follow, 500));
    // Until the run is there, the answer is an error.
    if (response.statusCode !== 200) {
      response.resume();
      return;
    }
    response.on("data", (part) => {
      for (const { bytes } of decoder.push(part)) received += bytes.length;
    });
  });
  sent.on("error", () => {});
  sent.end();
}
let stopped = false;
const get = (path) => fetch(origin + path, { headers: { cookie } }).then((answer) => answer.text());
const headers = { cookie, origin, "content-type": "application/json" };
const post = (path, body) =>
  fetch(`${origin}/api/runs/soak-1/${path}`, { method: "POST", headers, body: JSON.stringify(body) }).then((answer) =>
    answer.arrayBuffer(),
  );
await wait(4000);
follow();
void over.then(() => {
  stopped = true;
});
let rounds = 0;
let looked = 0;
while (!stopped) {
  await get("/api/runs").catch(() => {});
  await get(`/api/query?run=soak-1&series=1,2,3&from=0&to=${1 + rounds * 100}&pixels=600`).catch(() => {});
  const from = (rounds * 997) % 90_000;
  await get(`/api/query?run=old-1&series=1,2,3&from=${from}&to=${from + 10_000}&pixels=600`).catch(() => {});
  if (rounds % 10 === 0) await get(`/api/runs/${rounds % 20 === 0 ? "old-1" : "soak-1"}/doctor`).catch(() => {});
  if (rounds % 5 === 0) await post("request", { type: "featureMaps", input: "train/3" }).catch(() => {});
  if (rounds % 20 === 0) await post("control", { command: { type: "note", text: `round ${rounds}` } }).catch(() => {});
  if (rounds % 60 === 59) await post("control", { command: { type: "checkpoint" } }).catch(() => {});
  rounds++;
  if (Date.now() - looked > everyMs) {
    looked = Date.now();
    const own = heap();
    series.server.push(own);
    const theirs = series.training.at(-1);
    const shown = (told) =>
      told === undefined ? "-" : `${told.heap.toFixed(1)} + ${told.arrays.toFixed(1)} (${told.rss.toFixed(0)})`;
    console.log(
      `step ${theirs?.step ?? 0}, log ${(received / 2 ** 20).toFixed(1)} MB; heap + arrays (all) in MB: training ${shown(theirs)}, server ${shown(own)}`,
    );
  }
  await wait(500);
}
await server.close();
rmSync(folder, { recursive: true });

/** Growth from the second to the last fifth of the time, by medians. */
let grown = false;
for (const [who, told] of Object.entries(series)) {
  const heaps = told.map((each) => each.heap + each.arrays);
  const part = (from, to) =>
    heaps.slice(Math.floor(from * heaps.length), Math.ceil(to * heaps.length)).sort((a, b) => a - b);
  const [before, after] = [part(0.2, 0.4), part(0.8, 1)].map((all) => all[all.length >> 1]);
  const flat = after < before * 1.1 + 1;
  grown ||= !flat;
  console.log(
    `${who}: heap and arrays ${before?.toFixed(1)} → ${after?.toFixed(1)} MB: ${flat ? "flat" : "it has grown"}`,
  );
}
process.exit(grown ? 1 : 0);
