import assert from "node:assert/strict";
import { test } from "node:test";
import { countLaunches, printPlan } from "chainrule/compiler";
import { W6 } from "./lstm.ts";
import { planOf } from "./plans.test.data.ts";

test("W6: 120 steps of an LSTM and their derivative are one launch each", async () => {
  const plan = await planOf(W6, "W6 train");
  const launches = printPlan(plan)
    .split("\n")
    .filter((line) => /^\w.* ← /.test(line))
    .map((line) => line.replace(/^([^_]*_[^_ ]*)\S* .*\(/, "$1 ("));
  // Four blocks of eight examples take all steps; the projection of the inputs comes before, the gradients of weights after.
  assert.deepEqual(launches, [
    "map_120x32x256 (60 tasks)",
    "pack_1x64x256 (4 tasks)",
    "scan_120 (4 tasks)",
    "rows_32x1 (1 task)",
    "columns_64x1 (1 task)",
    "rows_scalar (1 task)",
    "rows_1 (1 task)",
    "map_scalar (1 task)",
    "map_32x64 (1 task)",
    "pack_1x256x64 (4 tasks)",
    "scan_120 (4 tasks)",
    "pack_1x3840x64 (15 tasks)",
    "parts_64x256 (24 tasks)",
    "parts_64x256 (1 task)",
    "pack_1x3840x14 (8 tasks)",
    "parts_14x256 (24 tasks)",
    "parts_14x256 (1 task)",
    "columns_256 (1 task)",
    "map_14x256 (1 task)",
  ]);
  assert.equal(countLaunches(plan.steps), 19);
  assert.equal(plan.arenaBytes, 10_920_256);
});
