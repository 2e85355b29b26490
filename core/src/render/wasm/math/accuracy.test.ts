import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { accuracyPoints, approximateOps, worstOf } from "../../../reference/accuracy.ts";
import { relaxedSupported } from "../target.ts";
import { instantiate } from "./testing.ts";

const points = 2 ** 20;
const limit = 2;
const table: string[] = [];

// Older engines know it only after this; code that does not use it stays as it is.
if (!relaxedSupported()) setFlagsFromString("--experimental-wasm-relaxed-simd");

for (const op of approximateOps) {
  if (op === "sqrt") continue; // an instruction, which IEEE 754 defines
  test(`${op} is within ${limit} ulp over the whole range, in one lane and in four, fused or not`, () => {
    const inputs = accuracyPoints(op, points);
    const worst = [false, true].map((relaxed) => {
      const [one, four] = [instantiate(op, 1, relaxed)(inputs), instantiate(op, 4, relaxed)(inputs)];
      for (let index = 0; index < points; index++) {
        if (Object.is(one[index], four[index])) continue;
        assert.fail(`${op}(${inputs[index]}): one lane ${one[index]}, four ${four[index]}`);
      }
      const { ulps, at } = worstOf(op, inputs, four);
      assert.ok(ulps <= limit, `${op}: ${ulps} ulp at ${at}${relaxed ? ", fused" : ""}`);
      return `${ulps.toFixed(3)} at ${at}`.padEnd(32);
    });
    table.push(`  ${op.padEnd(6)} ${worst.join(" ")}`.trimEnd());
  });
}

after(() => console.log(`worst ulp of wasm over ${points} points a function, and fused\n${table.join("\n")}`));
