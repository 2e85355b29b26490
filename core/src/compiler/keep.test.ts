import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "../graph/index.ts";
import { compile } from "./compile.ts";
import { largeTarget } from "./lower/testing.ts";

/** The product of a few rows with weights, which are steady or not. */
function fewRows(steady: readonly number[]) {
  const x = build.input("x", [16, 512], "f32");
  const w = build.input("w", [512, 256], "f32");
  const product = build.contract(x, w, { a: ["i", "k"], b: ["k", "j"], out: ["i", "j"] });
  return { name: "predict", graph: { inputs: [x, w], outputs: [product] }, replaces: [undefined], steady };
}

test("weights of a few rows are packed once for many predictions, and by each task for itself when they change", () => {
  const packed = compile(fewRows([1]), largeTarget);
  assert.equal(packed.kernels.filter(({ name }) => name.startsWith("pack_")).length, 1);
  assert.equal(packed.kept?.bytes, 4 * 512 * 256);
  assert.deepEqual(packed.kept?.inputs, [1]);
  const changing = compile(fewRows([]), largeTarget);
  assert.equal(changing.kernels.filter(({ name }) => name.startsWith("pack_")).length, 0);
  assert.equal(changing.kept, undefined);
});
