import assert from "node:assert/strict";
import * as fs from "node:fs";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Curves, readLog } from "../record/index.ts";
import { FileSink, MemorySink, portSink, Recorder, sinks } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "recorder-"));
after(() => rmSync(folder, { recursive: true }));

const loss = { name: "loss", split: "train", group: "loss", every: "step" } as const;
const stepsIn = (bytes: Uint8Array): number[] => {
  const curves = new Curves();
  for (const entry of readLog(bytes).entries) curves.take(entry);
  return [...(curves.find("loss")?.values.steps ?? [])];
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("steps with the same series are written together, and in order with everything else", () => {
  const sink = new MemorySink();
  const recorder = new Recorder(sink);
  const id = recorder.series(loss, 0);
  for (const step of upTo(300)) recorder.scalars(step, [id], [step], step);
  recorder.event({ type: "note", time: 1, text: "between" }, 300);
  recorder.scalars(301, [id], [301]);
  recorder.flush();
  const { entries } = readLog(sink.bytes);
  assert.deepEqual(stepsIn(sink.bytes), upTo(301));
  const kinds = entries.map(({ kind, step }) => [kind, step]);
  assert.deepEqual(kinds.slice(-2), [
    ["event", 300],
    ["scalars", 301],
  ]);
  assert.ok(kinds.length < 12, `${kinds.length} frames for 301 steps`);
});

test("a step that comes again, because the training went back, begins a block of its own", () => {
  const sink = new MemorySink();
  const recorder = new Recorder(sink);
  const id = recorder.series(loss, 0);
  for (const step of [1, 2, 3, 4, 2, 3]) recorder.scalars(step, [id], [step]);
  recorder.flush();
  assert.deepEqual(stepsIn(sink.bytes), [1, 2, 3]);
});

test("a file is appended to; what a killed process left torn is cut off, and nothing whole is lost", () => {
  const path = join(folder, "torn");
  let written = 0;
  for (let life = 0; life < 5; life++) {
    const sink = new FileSink(path);
    const recorder = new Recorder(sink, { offset: sink.offset });
    const id = recorder.series(loss, written);
    for (let each = 0; each < 10; each++) recorder.scalars(++written, [id], [written]);
    recorder.flush();
    // Killed while it wrote.
    appendFileSync(path, readFileSync(path).subarray(16, 16 + 10 + 7 * life));
  }
  const sink = new FileSink(path);
  assert.deepEqual(stepsIn(readFileSync(path)), upTo(50));
  assert.equal(readFileSync(path).length, sink.offset);
  sink.close();
});

test("when the disk is full that is said once, recording stops, and nothing is thrown", () => {
  const path = join(folder, "full");
  const warnings: string[] = [];
  let room = 400;
  const fileSystem = {
    ...fs,
    writeSync: (file: number, bytes: Uint8Array): number => {
      if (room <= 0) throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      const part = bytes.subarray(0, room);
      room -= part.length;
      return fs.writeSync(file, part);
    },
  };
  const sink = new FileSink(path, { fileSystem, warn: (message) => warnings.push(message) });
  const recorder = new Recorder(sink);
  const id = recorder.series(loss, 0);
  for (const step of upTo(500)) {
    recorder.scalars(step, [id], [step]);
    if (step % 10 === 0) recorder.flush();
  }
  recorder.close();
  assert.deepEqual(warnings, [`recording to ${path} has stopped: the disk is full; training goes on`]);
  assert.equal(sink.working, false);
  // What was written before stays readable.
  const steps = stepsIn(readFileSync(path));
  assert.ok(steps.length >= 10 && steps.length < 500);
  assert.deepEqual(steps, upTo(steps.length));
});

test("a place that cannot be written is a warning too", () => {
  const warnings: string[] = [];
  const sink = new FileSink(join(folder, "none", "log"), { warn: (message) => warnings.push(message) });
  new Recorder(sink).event({ type: "note", time: 1, text: "lost" }, 0);
  sink.close();
  assert.equal(warnings.length, 1);
});

test("a log reaches the disk within a quarter of a second, or when much is waiting, without being asked", async () => {
  const path = join(folder, "late");
  const sink = new FileSink(path);
  const recorder = new Recorder(sink);
  recorder.event({ type: "note", time: 1, text: "soon" }, 0);
  while (readFileSync(path).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = readFileSync(path).length;
  sink.write(new Uint8Array(64 * 1024));
  assert.equal(readFileSync(path).length, before + 64 * 1024);
  sink.close();
});

test("several sinks and a port get the same bytes", () => {
  const [first, second] = [new MemorySink(), new MemorySink()];
  const both = sinks([first, portSink((bytes) => second.write(bytes))]);
  const recorder = new Recorder(both);
  recorder.event({ type: "note", time: 1, text: "twice" }, 0);
  recorder.close();
  assert.deepEqual(first.bytes, second.bytes);
  assert.equal(readLog(first.bytes).entries.length, 1);
});
