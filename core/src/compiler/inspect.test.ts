import assert from "node:assert/strict";
import { test } from "node:test";
import { type Events, on } from "../base/events.ts";
import { kernelTarget } from "../device/kernel/index.ts";
import { compile } from "./compile.ts";
import { inspectProgram } from "./inspect.ts";
import { denseRelu, lstmStep } from "./programs.test.data.ts";

test("what people read of a dense layer with relu", () => {
  const text = inspectProgram(denseRelu(), kernelTarget);
  const [beforePlan, plan] = text.split("\n\n## plan\n") as [string, string];
  assert.equal(
    beforePlan,
    `# denseRelu

## graph
input x: f32 [32, 784]
input kernel: f32 [784, 128]
input bias: f32 [128]
%1 = contract{a: [row, inner], b: [inner, column], out: [row, column]} f32 [32, 128] (x, kernel)
%2 = reshape f32 [1, 128] (bias)
%3 = expand f32 [32, 128] (%2)
%4 = add f32 [32, 128] (%1, %3)
%5 = reshape f32 [1, 1] (0)
%6 = expand f32 [32, 128] (%5)
%7 = max f32 [32, 128] (%4, %6)
return %7

## clusters
1. contract: contract{a: [row, inner], b: [inner, column], out: [row, column]} → add → max ⇒ f32 [32, 128]
     the result is an output`,
  );
  // The kernels are lower's matter; what the plan says of memory is ours.
  assert.match(plan, /^\d+ kernels, \d+ launches, arena \d+ bytes, scratch \d+ bytes a thread$/m);
  assert.match(plan, /^output s4 output0: f32 \[32, 128\]$/m);
});

test("loops are shown with their steps", () => {
  const text = inspectProgram(lstmStep(), kernelTarget, { fusion: "none" });
  assert.match(text, /^for i1 < 6$/m);
  assert.match(text, /arena\+\d+\+60·i1/);
  assert.match(text, /arena\+\d+-\d+·i2/);
  // As rows, a loop is one launch.
  assert.match(inspectProgram(lstmStep(), kernelTarget), /^scan_6_rows3_/m);
});

test("passes tell observers what they did, in order", () => {
  const heard: Events["pass"][] = [];
  const stop = on("pass", (event) => heard.push(event));
  compile(denseRelu(), kernelTarget);
  stop();
  assert.deepEqual(
    heard.map(({ name }) => name),
    ["simplify", "legalize", "fuse", "lower", "schedule", "place", "keep", "memory", "plan"],
  );
  assert.ok(heard.every(({ before, after, ms }) => before !== "" && after !== "" && ms >= 0));
});
