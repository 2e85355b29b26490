import assert from "node:assert/strict";
import { test } from "node:test";
import { MemorySink, Recorder } from "../observe/index.ts";
import { readLog } from "../record/index.ts";
import { FigureWriter } from "./figures.ts";
import type { WatchedProgram } from "./watchedStep.ts";

// Only what a writer asks of a program.
const program = {
  decode: (numbers: ArrayLike<number>, at = 0) => ({
    names: ["loss"],
    values: [numbers[at]!],
    loss: numbers[at]!,
    gradientNorm: numbers[at + 1]!,
    learningRate: 0.5,
  }),
} as unknown as WatchedProgram;

test("steps that are kept back come before what is written after them, each with its own figures and its own time", () => {
  const sink = new MemorySink();
  const recorder = new Recorder(sink);
  const writer = new FigureWriter(recorder);
  const now = performance.now();
  const tell = (step: number): void =>
    writer.step(step, program, [step / 10, step], { at: now + 7 * step, stepMs: 7, dataMs: 1 });
  for (let step = 1; step <= 5; step++) tell(step);
  recorder.event({ type: "note", time: 1, text: "between" }, 5);
  for (let step = 6; step <= 8; step++) tell(step);
  recorder.close();
  const seen: unknown[] = [];
  const times: number[] = [];
  for (const { kind, content, step } of readLog(sink.bytes).entries) {
    if (kind === "event") seen.push("event");
    if (kind !== "scalars") continue;
    const count = content.steps.length;
    for (let at = 0; at < count; at++)
      seen.push([content.steps[at], Math.round(10 * content.values[at]!), content.values[2 * count + at]]);
    times.push(...content.times);
    assert.equal(step, content.steps.at(-1));
  }
  assert.deepEqual(seen, [
    [1, 1, 1],
    [2, 2, 2],
    [3, 3, 3],
    [4, 4, 4],
    [5, 5, 5],
    "event",
    [6, 6, 6],
    [7, 7, 7],
    [8, 8, 8],
  ]);
  // When they were over, not when they were written; the host's two clocks may drift by a little between two blocks.
  for (let at = 1; at < times.length; at++) assert.ok(Math.abs(times[at]! - times[at - 1]! - 7) < 4, times.join());
  assert.ok(Math.abs(times[0]! - (performance.timeOrigin + now + 7)) < 10_000);
});

test("steps are written after 100 ms on their own clock, whether or not anything else is", () => {
  const sink = new MemorySink();
  const writer = new FigureWriter(new Recorder(sink));
  const now = performance.now();
  for (const at of [0, 50, 101]) writer.step(1 + at, program, [1, 1], { at: now + at, stepMs: 1, dataMs: 0 });
  const written = readLog(sink.bytes).entries.flatMap(({ kind, content }) =>
    kind === "scalars" ? [...content.steps] : [],
  );
  assert.deepEqual(written, [1, 51, 102]);
});
