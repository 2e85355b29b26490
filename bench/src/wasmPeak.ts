import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { allowRelaxed } from "chainrule/device/wasm";
import type { MeasureOptions } from "./measure.ts";
import type { Progress } from "./progress.ts";
import { median } from "./statistics.ts";
import { formatNumber, machine, type Result, wasmPeak } from "./table.ts";

/** The part that is used here; the type libraries have it only together with browsers'. */
declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

/** Sums that do not wait for each other; more than 14 would not fit into 16 registers with the two factors. */
const accumulators = 12;
const lanes = 4;
const stepsAtOnce = 40_000_000;

/** How sum · factor + addend is spelt: in two instructions, or in the relaxed one, where the engine has it. */
const spellings = {
  [wasmPeak]: { multiply: [0xfd, 0xe6, 0x01], add: [0xfd, 0xe4, 0x01] }, // f32x4.mul, f32x4.add
  "limit WASM relaxed peak": { madd: [0xfd, 0x85, 0x02] }, // f32x4.relaxed_madd
} as const;
type Spelling = (typeof spellings)[keyof typeof spellings];

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];

/** A module with one function: so many steps of all sums, and their total. */
function moduleBytes(spelling: Spelling): Uint8Array<ArrayBuffer> {
  const [factor, addend] = [accumulators + 1, accumulators + 2]; // local 0 counts the steps, then the sums
  const f32 = (value: number): number[] => [0x43, ...new Uint8Array(Float32Array.of(value).buffer)];
  const splat = [0xfd, 0x13];
  const sums = Array.from({ length: accumulators }, (_, index) => index + 1);
  const step = (sum: number): number[] =>
    "madd" in spelling
      ? [...get(sum), ...get(factor), ...get(addend), ...spelling.madd, ...set(sum)]
      : [...get(sum), ...get(factor), ...spelling.multiply, ...get(addend), ...spelling.add, ...set(sum)];
  const body = [
    ...[1, ...leb(accumulators + 2), 0x7b], // locals: vectors
    ...[...f32(0.999), ...splat, ...set(factor), ...f32(0.001), ...splat, ...set(addend)],
    ...sums.flatMap((sum) => [...f32(sum), ...splat, ...set(sum)]),
    ...[0x03, 0x40, ...sums.flatMap(step)], // loop
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b], // until the count is 0
    ...get(1),
    ...sums.slice(1).flatMap((sum) => [...get(sum), 0xfd, 0xe4, 0x01]),
    ...[0xfd, 0x1f, 0, 0x0b], // the total's first lane
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]), // (i32) → f32
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]), // exported as f
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** Runs the function whenever it is told to, and says when it has. */
const workerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(workerData)).exports;
  parentPort.on("message", (steps) => parentPort.postMessage(f(steps)));`;

/** Seconds that all workers together take for so many steps each. */
async function seconds(workers: readonly Worker[], steps: number): Promise<number> {
  const finished = Promise.all(workers.map((worker) => once(worker, "message")));
  const began = performance.now();
  for (const worker of workers) worker.postMessage(steps);
  await finished;
  return (performance.now() - began) / 1000;
}

/** What WebAssembly can do at most on this machine: multiply-adds on registers alone. */
export async function measureWasmPeak({ threads, quick }: MeasureOptions, progress: Progress): Promise<Result[]> {
  const results: Result[] = [];
  allowRelaxed(); // as the device does
  for (const [workload, spelling] of Object.entries(spellings)) {
    const bytes = moduleBytes(spelling);
    if (!WebAssembly.validate(bytes)) {
      progress.line(`${workload}: this engine has no such instructions`);
      continue;
    }
    const workers = Array.from({ length: threads }, () => new Worker(workerSource, { eval: true, workerData: bytes }));
    await seconds(workers, 1_000_000); // starts them, and lets the optimizing compiler finish
    await seconds(workers, 1_000_000);
    const runs: number[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      const took = await seconds(workers, stepsAtOnce);
      runs.push((2 * lanes * accumulators * stepsAtOnce * threads) / took / 1e9);
    }
    await Promise.all(workers.map((worker) => worker.terminate()));
    progress.line(`${workload}: ${formatNumber(median(runs))} GFLOP/s`);
    const version = process.versions.v8;
    const shared = { system: machine, version, device: "wasm", threads, unit: "GFLOP/s", peakBytes: null } as const;
    results.push({ workload, ...shared, median: median(runs), best: Math.max(...runs), runs });
  }
  return results;
}
