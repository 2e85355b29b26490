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
    .map((line) => line.replace(/ .*\(/, "  ("));
  // Four blocks of eight examples take all steps; the projection of the inputs comes before, the gradients of weights after.
  assert.deepEqual(launches, [
    "map_120x32x256_contract  (60 tasks)",
    "pack_1x64x256  (16 tasks)",
    "scan_120_rows8_32x64  (4 tasks)",
    "rows_32x1_neg_contract_add_2more_mul_add  (1 task)",
    "columns_64x1_contract  (1 task)",
    "rows_scalar_reduce_mul  (1 task)",
    "rows_1_reduce  (1 task)",
    "map_scalar_neg_neg_add_20more_neg_add  (1 task)",
    "map_32x64_contract  (1 task)",
    "pack_1x256x64  (4 tasks)",
    "scan_120_rows8_32x256  (4 tasks)",
    "pack_1x3840x64  (16 tasks)",
    "parts_64x256_contract  (9 tasks)",
    "parts_64x256_contract_2  (1 task)",
    "pack_1x3840x14  (4 tasks)",
    "parts_14x256_contract  (9 tasks)",
    "parts_14x256_contract_2  (1 task)",
    "columns_256_reduce  (1 task)",
    "map_14x256_neg_neg_add_10more_neg_add  (1 task)",
  ]);
  assert.equal(countLaunches(plan.steps), 19);
  assert.equal(plan.arenaBytes, 10_920_256);
});
