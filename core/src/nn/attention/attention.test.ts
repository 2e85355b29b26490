import assert from "node:assert/strict";
import { test } from "node:test";
import { random, setDevice, type Tensor } from "../../tensor/index.ts";
import { layers } from "../index.ts";

test("rotary positions: products of turned queries and keys depend on their distance only", async () => {
  await setDevice("reference");
  const layer = layers.rotaryEmbedding({ maxWavelength: 50 });
  const one = random.normal([1, 1, 6], { key: random.key(1) });
  const two = random.normal([1, 1, 6], { key: random.key(2) });
  const along = (x: Tensor): Tensor => x.tile([1, 8, 1]) as Tensor; // the same vector at all times
  const products = layer(along(one)).matmul(layer(along(two)).transpose([0, 2, 1]));
  const [table] = (await products.array()) as unknown as number[][][];
  for (let distance = 0; distance < 8; distance++) {
    for (let at = 0; at + distance < 8; at++) {
      assert.ok(Math.abs(table![at]![at + distance]! - table![0]![distance]!) < 1e-6);
    }
  }
  assert.ok(Math.abs(table![0]![0]! - table![0]![3]!) > 1e-3);
});
