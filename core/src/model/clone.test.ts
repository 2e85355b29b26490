import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cloneModel,
  input,
  layers,
  Model,
  model,
  sequential,
  setDevice,
  setRandomSeed,
  type Tensor,
  tensor,
} from "../index.ts";

test("a clone has the layers, options and names of its model, and weights of its own", async () => {
  await setDevice("reference");
  setRandomSeed(1);
  const image = input([4]);
  const shared = layers.dense(3, { activation: "tanh", kernelRegularizer: "l2" });
  const inner = sequential([layers.dense(3), layers.batchNormalization()], { name: "inner" });
  const whole = model({ image }, [inner(shared(image)), shared(image)]);
  inner.trainable = false;
  const copy = cloneModel(whole);
  const described = (each: typeof whole): unknown =>
    JSON.parse(JSON.stringify(each.describe()).replace(/input_layer(_\d+)?/g, "input_layer"));
  assert.deepEqual(described(copy), described(whole));
  assert.equal(copy.name, whole.name);
  assert.equal(copy.countParams(), whole.countParams());
  assert.equal(copy.trainableVariables.length, whole.trainableVariables.length);
  const [kernel] = whole.variables;
  const before = await kernel!.array();
  assert.notDeepEqual(await copy.variables[0]!.array(), before);
  copy.variables[0]!.assign(tensor(new Float32Array(12).fill(2), { shape: [4, 3] }));
  assert.deepEqual(await kernel!.array(), before);
  const [, found] = copy({ image: tensor([[1, 1, 1, 1]]) }) as readonly Tensor[];
  assert.deepEqual(await found!.array(), [[Math.tanh(8), Math.tanh(8), Math.tanh(8)].map(Math.fround)]);
});

test("a class of one's own is refused, with what to do", () => {
  class Own extends Model {
    override call(x: Tensor): Tensor {
      return x;
    }
  }
  assert.throws(
    () => cloneModel(new Own()),
    /cloneModel: .* is a Own, a class of your own\n +hint +make another one: new Own/,
  );
});
