import assert from "node:assert/strict";
import { test } from "node:test";
import { countLaunches, printPlan } from "chainrule/compiler";
import { W2 } from "./mlp.ts";
import { planOf } from "./plans.test.data.ts";

test("W2: a product a layer forwards and two backwards with all that is elementwise, and one launch for all weights", async () => {
  const plan = await planOf(W2, "W2 train");
  const launches = printPlan(plan)
    .split("\n")
    .filter((line) => /^\w.* ← /.test(line))
    .map((line) => line.replace(/^([^_]*_[^_ ]*)\S* .*\(/, "$1 ("));
  // Long operands that rows of tasks share are packed before, short ones by each task; the mask of relu, bias and relu are in
  // the products.
  assert.deepEqual(launches, [
    "map_scalar (1 task)",
    "pack_1x784x512 (25 tasks)",
    "contract_128x512 (8 tasks)",
    "pack_1x512x512 (16 tasks)",
    "contract_128x512 (8 tasks)",
    "pack_1x512x10 (2 tasks)",
    "contract_128x10 (8 tasks)",
    "rows_128 (1 task)",
    "rows_scalar (1 task)",
    "columns_10 (1 task)",
    "contract_512x10 (8 tasks)",
    "contract_128x512 (8 tasks)",
    "columns_512 (4 tasks)",
    "pack_1x512x512 (16 tasks)",
    "contract_128x512 (8 tasks)",
    "columns_512 (4 tasks)",
    "pack_1x128x512 (8 tasks)",
    "contract_512x512 (16 tasks)",
    "pack_1x128x512 (8 tasks)",
    "contract_784x512 (24 tasks)",
    "map_784x512 (49 tasks)",
  ]);
  assert.equal(countLaunches(plan.steps), 21);
  assert.equal(plan.arenaBytes, 2_941_056);
});
