import assert from "node:assert/strict";
import { before, test } from "node:test";
import { input, type Layer, layers, type SymbolicTensor } from "../nn/index.ts";
import { setDevice, type Tensor, zeros } from "../tensor/index.ts";
import { model } from "./functional.ts";
import type { Model } from "./model.ts";
import { type Sequential, sequential } from "./sequential.ts";

// What the types of models know is checked when this file is compiled, and that it is true when it runs.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};
type ShapeOf<T> = T extends Tensor<infer S> ? S : never;

before(() => setDevice("reference"));

test("a list of layers with an input knows its predictions' shape", async () => {
  const network = sequential([
    input([8, 8, 1]),
    layers.conv2d(4, 3, { activation: "relu" }),
    layers.maxPooling2d(2),
    layers.flatten(),
    layers.dense(10),
  ]);
  const y = await network.predict(zeros([5, 8, 8, 1]));
  holds<Equal<ShapeOf<typeof y>, [number, 10]>>();
  assert.deepEqual(y.shape, [5, 10]);
  const called = network(zeros([5, 8, 8, 1]));
  holds<Equal<ShapeOf<typeof called>, [5, 10]>>();
  assert.deepEqual(called.shape, [5, 10]);
  // @ts-expect-error the model takes the size 8 where 7 is given
  assert.throws(() => network(zeros([5, 7, 8, 1])), /8/);
});

test("a list without an input is a layer: its result follows from what it is called on", () => {
  const block = sequential([layers.dense(6, { activation: "relu" }), layers.dense(4)]);
  const y = block(input([3, 12]));
  holds<Equal<typeof y, SymbolicTensor<[number, 3, 4]>>>();
  assert.deepEqual(y.shape, [null, 3, 4]);
  const nested = sequential([input([12]), block, layers.dense(2)]);
  const z = nested(input([12]));
  holds<Equal<typeof z, SymbolicTensor<[number, 2]>>>();
  assert.deepEqual(z.shape, [null, 2]);
});

test("a layer that cannot follow is refused at its place in the list", () => {
  assert.throws(
    () =>
      sequential([
        input([8, 8, 1]),
        layers.conv2d(4, 3),
        // @ts-expect-error 144 values do not fit into a shape of 100
        layers.reshape([100]),
        layers.dense(3),
      ]),
    /144 values/,
  );
  // @ts-expect-error expected 4 axes (batch, height, width, channels), received 2
  assert.throws(() => sequential([input([12]), layers.dense(3), layers.conv2d(4, 3)]), /expected 4 axes/);
});

test("graphs know the shapes of all outputs, by name, and their inputs'", async () => {
  const x = input([12]);
  const network = model(x, { kind: layers.dense(3)(x), deep: [layers.dense(5)(x)] });
  const { kind, deep } = await network.predict(zeros([4, 12]));
  holds<Equal<ShapeOf<typeof kind>, [number, 3]>>();
  holds<Equal<ShapeOf<(typeof deep)[0]>, [number, 5]>>();
  assert.deepEqual(
    [kind.shape, deep[0].shape],
    [
      [4, 3],
      [4, 5],
    ],
  );
  // @ts-expect-error the model takes the size 12 where 13 is given
  assert.throws(() => network(zeros([4, 13])), /12/);
});

test("models are Models and Layers, and a Sequential can grow", async () => {
  const grown: Sequential = sequential([layers.dense(2)]);
  grown.add(layers.dense(3));
  const fixed = sequential([input([4]), layers.dense(2)]);
  // @ts-expect-error this type lists the layers
  fixed.add(layers.dense(3));
  const x = input([4]);
  const models: readonly Model[] = [grown, fixed, model(x, [x, x])];
  const held: readonly Layer[] = models;
  assert.deepEqual(
    held.map(({ typeName }) => typeName),
    ["Sequential", "Sequential", "Functional"],
  );
  const started = sequential([input([4])]);
  started.add(layers.dense(7));
  assert.deepEqual((await started.predict(zeros([2, 4]))).shape, [2, 7]);
});
