import assert from "node:assert/strict";
import { test } from "node:test";
import { type Events, emit } from "../base/events.ts";
import { chromeTrace } from "./chromeTrace.ts";
import { bytesOf, startProfile } from "./profile.ts";

const launch = { kernel: "contract", scope: "net/dense", count: 2, multiplyAdds: 100, bytes: 40 };
const program: Events["program"] = {
  name: "step",
  device: "native",
  inputs: [
    { name: "kernel", bytes: 400, state: true },
    { name: "x", bytes: 100, state: false },
  ],
  outputBytes: 4,
  arenaBytes: 1000,
  scratchBytes: 64,
  tenants: [{ name: "add", scope: "net/dense", bytes: 1000, first: 0, last: 1 }],
};
const run = (ms: number, start: number): Events["run"] => ({
  program: "step",
  device: "native",
  start,
  launches: [
    { ...launch, ms },
    { ...launch, kernel: "adam", scope: "", count: 1, ms: 1 },
  ],
});

test("a profile adds up the launches of each kernel, slowest first, until it is stopped", () => {
  const profiling = startProfile();
  emit("program", () => program);
  emit("run", () => run(3, 10));
  emit("run", () => run(5, 20));
  const profile = profiling.stop();
  emit("run", () => run(100, 30));

  assert.deepEqual(profile.kernels, [
    {
      program: "step",
      device: "native",
      kernel: "contract",
      scope: "net/dense",
      launches: 4,
      ms: 8,
      multiplyAdds: 400,
      bytes: 160,
    },
    { program: "step", device: "native", kernel: "adam", scope: "", launches: 2, ms: 2, multiplyAdds: 200, bytes: 80 },
  ]);
  assert.deepEqual(profile.programs, [{ name: "step", device: "native", runs: 2, launchesPerRun: 3, ms: 10 }]);
  assert.equal(bytesOf(profile.memory[0]!), 400 + 100 + 4 + 1000 + 64);
  assert.equal(profile.timeline.length, 2);
});

test("a Chrome trace has each program, and its kernels one after the other inside it, in microseconds", () => {
  const profiling = startProfile();
  emit("run", () => run(3, 10));
  const { traceEvents } = JSON.parse(chromeTrace(profiling.stop()));
  const spans = traceEvents.filter(({ ph }: { ph: string }) => ph === "X");
  assert.deepEqual(
    spans.map(({ name, ts, dur }: { name: string; ts: number; dur: number }) => [name, ts, dur]),
    [
      ["step", 10_000, 4000],
      ["contract", 10_000, 3000],
      ["adam", 13_000, 1000],
    ],
  );
});
