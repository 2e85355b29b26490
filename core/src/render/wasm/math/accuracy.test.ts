import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accuracyPoints, approximateOps, worstOf } from "../../../reference/accuracy.ts";
import { mathFunctions } from "./functions.ts";
import { instantiate } from "./testing.ts";

const points = 2 ** 20;
const limit = 2;
const table: string[] = [];

for (const op of approximateOps) {
  if (op === "sqrt") continue; // an instruction, which IEEE 754 defines
  test(`${op} is within ${limit} ulp over the whole range, in one lane and in four`, () => {
    const inputs = accuracyPoints(op, points);
    const [one, four] = [instantiate(op, 1)(inputs), instantiate(op, 4)(inputs)];
    for (let index = 0; index < points; index++) {
      if (Object.is(one[index], four[index])) continue;
      assert.fail(`${op}(${inputs[index]}): one lane ${one[index]}, four ${four[index]}`);
    }
    const { ulps, at } = worstOf(op, inputs, one);
    table.push(`  ${op.padEnd(6)} ${ulps.toFixed(3)} at ${at}`);
    assert.ok(ulps <= limit, `${op}: ${ulps} ulp at ${at}, ${mathFunctions[op].params.length} argument`);
  });
}

after(() => console.log(`worst ulp of wasm over ${points} points a function\n${table.join("\n")}`));
