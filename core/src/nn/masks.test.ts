import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, type Tensor, tensor } from "../tensor/index.ts";
import { Softmax } from "./activationLayers.ts";
import { layers } from "./index.ts";
import { Masked } from "./masked.ts";

// What layers that take masks into account do with them.

before(() => setDevice("reference"));

const values = (seed: number): Tensor =>
  tensor(
    [
      [
        [1, -1],
        [2, 5],
        [3, 0],
      ],
    ].map((rows) => rows.map((row) => row.map((x) => x * seed))),
  ) as unknown as Tensor;
const mask = (...counts: readonly number[]): Tensor => tensor([counts]).cast("bool") as unknown as Tensor;
const given = (seed: number, ...counts: readonly number[]): Masked<Tensor> => new Masked(values(seed), mask(...counts));
const untyped = (value: unknown): never => value as never;

test("merging: a position counts where it counts in one input, and everywhere where one has no mask", async () => {
  const both = layers.add()([given(1, 1, 0, 0), given(2, 0, 0, 1)]);
  assert.deepEqual(await both.mask.array(), [[1, 0, 1]]);
  assert.deepEqual(await both.values.array(), await values(3).array());
  const plain = layers.add()([given(1, 1, 0, 0), values(2)]);
  assert.ok(!(plain instanceof Masked));
});

test("maximum and minimum choose among what counts", async () => {
  const inputs = [given(1, 1, 1, 0), given(2, 0, 1, 1)];
  const largest = layers.maximum()(inputs);
  // Step 0 is the first input's, step 1 the larger of both, step 2 the second's.
  assert.deepEqual(await largest.values.array(), [
    [
      [1, -1],
      [4, 10],
      [6, 0],
    ],
  ]);
  assert.deepEqual(await largest.mask.array(), [[1, 1, 1]]);
  const smallest = layers.minimum()(inputs);
  assert.deepEqual(await smallest.values.array(), [
    [
      [1, -1],
      [2, 5],
      [6, 0],
    ],
  ]);
});

test("concatenate: masks follow each other along time, and join along features", async () => {
  const along = layers.concatenate({ axis: 1 })([given(1, 1, 0, 1), values(2)]) as Masked<Tensor>;
  assert.deepEqual(await along.mask.array(), [[1, 0, 1, 1, 1, 1]]);
  const joined = layers.concatenate()([given(1, 1, 0, 0), given(2, 0, 0, 1)]);
  assert.deepEqual(await joined.mask.array(), [[1, 0, 1]]);
  assert.deepEqual(joined.values.shape, [1, 3, 4]);
});

test("masking: steps that are nothing but the value do not count, and become 0", async () => {
  const x = tensor([
    [
      [7, 7],
      [7, 1],
      [0, 0],
    ],
  ]) as Tensor;
  const { values, mask } = layers.masking({ maskValue: 7 })(x);
  assert.deepEqual(await mask.array(), [[0, 1, 1]]);
  assert.deepEqual(await values.array(), [
    [
      [0, 0],
      [7, 1],
      [0, 0],
    ],
  ]);
});

test("softmax: what the mask leaves out is 0, and a row without anything is 0", async () => {
  const x = tensor([
    [1, 2, 3],
    [1, 2, 3],
  ]) as Tensor;
  const counts = tensor([
    [1, 0, 1],
    [0, 0, 0],
  ]).cast("bool") as Tensor;
  const y = new Softmax().compute(untyped({ x, mask: counts }), { training: false }) as Tensor;
  const [a, b] = [Math.exp(1), Math.exp(3)];
  const [first, second] = (await y.array()) as unknown as number[][];
  [a / (a + b), 0, b / (a + b)].forEach((value, at) => {
    assert.ok(Math.abs(first![at]! - value) < 1e-6);
  });
  assert.deepEqual(second, [0, 0, 0]);
});

test("the mean over time counts what counts; nothing at all gives 0", async () => {
  const pool = layers.globalAveragePooling1d();
  assert.deepEqual(await pool(given(1, 1, 0, 1)).array(), [[2, -0.5]]);
  assert.deepEqual(await pool(given(1, 0, 0, 0)).array(), [[0, 0]]);
});

test("a layer that treats positions alike keeps the mask; identity passes it on; dropMask ends it", async () => {
  const x = given(1, 1, 0, 1);
  for (const layer of [layers.dropout(0.5), layers.layerNormalization(), layers.identity(), layers.leakyRelu()]) {
    const y = layer.invoke(x) as Masked<Tensor>;
    assert.ok(y instanceof Masked, layer.name);
    assert.deepEqual(await y.mask.array(), [[1, 0, 1]]);
  }
  assert.ok(!(layers.dropMask()(x) instanceof Masked));
});

test("a mask among several inputs is refused as well", () => {
  // @ts-expect-error: the type says it as well.
  assert.throws(() => layers.dot(1)([given(1, 1, 0, 1), values(1)]), /the input has a mask/);
  assert.throws(() => layers.dot(1)(untyped([given(1, 1, 0, 1), values(1)])), /dot[_\d]*: the input has a mask/);
});
