import assert from "node:assert/strict";
import { test } from "node:test";
import { covers } from "../data/nearest.ts";
import { occlusionOf } from "./explain.ts";

test("occlusion is largest where the model looks", async () => {
  const values = new Float32Array(28 * 28).fill(0.1);
  values[10 * 28 + 20] = 1;
  const picture = { step: 1, head: { key: "a", role: "example", shape: [28, 28, 1], dtype: "f32" }, values } as const;
  // A model whose class 1 is the one bright point.
  let asked = 0;
  const map = await occlusionOf(picture, 1, async (inputs) => {
    asked++;
    return Array.from({ length: inputs.length / 784 }, (_, at) => [0, inputs[784 * at + 10 * 28 + 20]!]).flat();
  });
  assert.ok(asked <= 4, `${asked} questions`);
  const [, columns = 0] = map.head.shape;
  const { side, tops, lefts } = covers(28, 28);
  for (const [at, fall] of map.values.entries()) {
    const [top, left] = [tops[Math.floor(at / columns)]!, lefts[at % columns]!];
    const covered = 10 >= top && 10 < top + side && 20 >= left && 20 < left + side;
    assert.ok(covered ? fall > 0.8 : fall === 0, `${top}, ${left}: ${fall}`);
  }
});
