import assert from "node:assert/strict";
import { test } from "node:test";
import { setDevice, tensor } from "../tensor/index.ts";
import { activations } from "./activations.ts";
import { constraints } from "./constraints.ts";
import { endsAgree, functionsAgree, functionGolden as golden } from "./functions.test.body.ts";
import { regularizers } from "./regularizers.ts";

// What activations, regularizers and constraints compute, against Keras on PyTorch.

test("every activation, regularizer and constraint is compared", () => {
  const aliases = ["swish", "hardSwish"];
  const own = ["threshold"]; // Keras has no defaults for it
  const names = (list: readonly { readonly name: string }[]): string[] => [...new Set(list.map(({ name }) => name))];
  assert.deepEqual([...names(golden.activations), ...aliases, ...own].sort(), Object.keys(activations).sort());
  assert.deepEqual(names(golden.regularizers).sort(), Object.keys(regularizers).sort());
  assert.deepEqual(names(golden.constraints).sort(), Object.keys(constraints).sort());
});

for (const device of ["reference", "wasm"] as const) {
  test(`activations, regularizers and constraints on ${device}: values and derivatives as in Keras`, async () => {
    await setDevice(device);
    await functionsAgree(2e-6);
  });
  test(`activations on ${device} at infinities, NaN, kinks and huge numbers`, async () => {
    await setDevice(device);
    await endsAgree();
  });
}

test("threshold; options of activations", async () => {
  assert.deepEqual(await activations.threshold(tensor([-1, 0, 1, 2]), 1, -3).array(), [-3, -3, -3, 2]);
  assert.deepEqual(await activations.leakyRelu(tensor([-1, 1]), 0.5).array(), [-0.5, 1]);
});

test("what is no number is refused where the function is made", () => {
  const untyped = (value: unknown): never => value as never;
  assert.throws(() => regularizers.l2(untyped("a")), /l2 must be a number of at least 0, received a/);
  assert.throws(() => regularizers.orthogonal({ mode: untyped("row") }), /unknown mode "row"[\s\S]*"rows"/);
  assert.throws(() => constraints.maxNorm({ maxValue: -1 }), /maxValue must be a number of at least 0/);
  assert.throws(() => constraints.minMaxNorm({ minValue: 2, maxValue: 1 }), /minValue/);
});
