import assert from "node:assert/strict";
import { before, test } from "node:test";
import { binaryCrossentropy, jit, norm, setDevice, sigmoid, sum, type Tensor, tensor } from "./index.ts";

before(() => setDevice(process.env["CHAINRULE_DEVICE"] ?? "wasm"));

const half = (...values: number[]): Tensor => tensor(values, { dtype: "f16" });

// What is between the elements and the result may be beyond f16: it is computed in f32.
const rows: readonly (readonly [what: string, make: () => Tensor, wanted: number])[] = [
  ["the norm", () => norm(half(300, 400)), 500],
  ["the sum of a repeated value", () => sum(half(0.0625).broadcastTo([102_400])), 6400],
  ["the loss of a certainty", () => sum(binaryCrossentropy(half(1), sigmoid(half(20)))), 1.1920928955078125e-7],
];

for (const [what, make, wanted] of rows) {
  test(`${what} of 16-bit floats is that of f32, rounded`, async () => {
    assert.equal(await jit(make)().item(), wanted);
  });
}
