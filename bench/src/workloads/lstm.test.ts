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
    .map((line) => line.replace(/^([^_]*_[^_ ]*)\S* .*\(/, "$1 ("))
    .map((line) => (line.startsWith("scan") ? line : line.replace(/ .*/, "")));
  // Four blocks of eight examples take all steps; the projection of the inputs comes before, the gradients of weights after.
  assert.deepEqual(launches, [
    "map_120x32x256",
    "pack_1x64x256",
    "scan_120 (4 tasks)",
    "rows_32x1",
    "columns_64x1",
    "rows_scalar",
    "rows_1",
    "map_scalar",
    "map_32x64",
    "pack_1x256x64",
    "scan_120 (4 tasks)",
    "pack_1x3840x64",
    "contract_64x256",
    "pack_1x3840x14",
    "contract_14x256",
    "columns_256",
    "map_14x256",
  ]);
  assert.equal(countLaunches(plan.steps), 17);
  assert.equal(plan.arenaBytes, 10_920_256);
});
