import assert from "node:assert/strict";
import { test } from "node:test";
import type { Profile } from "../observe/index.ts";
import { spansOf } from "./tracing.ts";

test("a trace begins with the first step of training; without one it is whole", () => {
  const run = (program: string, start: number) => ({
    program,
    device: "test",
    start,
    launches: [{ kernel: `kernel of ${program}`, scope: "", count: 1, multiplyAdds: 0, bytes: 0, ms: 2 }],
  });
  const profile = (timeline: Profile["timeline"]): Profile => ({ programs: [], kernels: [], memory: [], timeline });
  const told = (timeline: Profile["timeline"]) =>
    spansOf(profile(timeline), /\/train\b/).spans.map(({ name, level, start }) => [name, level, start]);
  const [zeros, step, after] = [run("zeros", 10), run("digits/train, watched", 30), run("digits/statistics", 33)];
  assert.deepEqual(told([zeros, step, after]), [
    ["digits/train, watched", "step", 0],
    ["kernel of digits/train, watched", "kernel", 0],
    ["digits/statistics", "step", 3],
    ["kernel of digits/statistics", "kernel", 3],
  ]);
  assert.deepEqual(
    told([zeros, after]).map(([name]) => name),
    ["zeros", "kernel of zeros", "digits/statistics", "kernel of digits/statistics"],
  );
});
