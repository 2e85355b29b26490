import assert from "node:assert/strict";
import { test } from "node:test";
import { random, setDevice, setRandomSeed, type Tensor } from "../../tensor/index.ts";
import { assertClose, type Values } from "../golden.test.body.ts";
import { input, layers } from "../index.ts";

test("a stateful layer goes on where the last batch ended, until its state is reset", async () => {
  await setDevice("reference");
  setRandomSeed(1);
  const stateful = layers.lstm(3, { stateful: true });
  const whole = layers.lstm(3);
  const x = random.normal([2, 6, 4], { key: random.key(1) });
  whole(x);
  stateful(x.slice(["...", { stop: 3 }, { stop: 4 }]) as Tensor);
  for (const [at, variable] of stateful.cell.variables.entries()) variable.assign(whole.cell.variables[at]!);
  stateful.resetState();
  const expected = (await whole(x).array()) as unknown as Values;
  stateful(x.slice([{}, { stop: 3 }]) as Tensor);
  await assertClose("continued", stateful(x.slice([{}, { start: 3 }]) as Tensor), expected, 1e-6);
  await assert.rejects(assertClose("not reset", stateful(x), expected, 1e-6));
  stateful.resetState();
  await assertClose("reset", stateful(x), expected, 1e-6);
  assert.throws(
    () => stateful(random.normal([3, 6, 4])),
    /stateful and keeps the states of 2 examples, but the batch has 3[\s\S]*batchSize: 32/,
  );
});

test("a stateful layer in a functional model needs the batch size", () => {
  assert.throws(() => layers.gru(2, { stateful: true })(input([4, 3])), /batchSize: 32/);
  const output = layers.gru(2, { stateful: true })(input([4, 3], { batchSize: 2 }));
  assert.deepEqual(output.shape, [2, 2]);
});

test("dropout draws its masks once a call: the same values are dropped at every step", async () => {
  await setDevice("reference");
  setRandomSeed(2);
  // The identity over time: every step shows its input, and nothing of the state.
  const layer = layers.simpleRnn(8, {
    activation: "linear",
    kernelInitializer: "identity",
    recurrentInitializer: "zeros",
    returnSequences: true,
    dropout: 0.5,
  });
  const x = random.uniform([2, 5, 8], { low: 1, high: 2, key: random.key(3) });
  const out = layer(x, { training: true });
  const kept = (await (out as Tensor).notEqual(0).array()) as unknown as number[][][];
  for (const example of kept) {
    for (const step of example) assert.deepEqual(step, example[0]);
    assert.ok(example[0]!.some(Boolean) && !example[0]!.every(Boolean));
  }
});
