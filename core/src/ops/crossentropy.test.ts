import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, run, tensor } from "./check.ts";
import { binaryCrossentropy, categoricalCrossentropy, sparseCategoricalCrossentropy } from "./crossentropy.ts";

const rows = [
  [0.2, 0.5, 0.3],
  [2, 1, 1], // does not sum to 1: Keras divides by the sum
  [1, 0, 0], // exact certainty: clipped
];
const clip = (p: number): number => Math.min(1 - 1e-7, Math.max(1e-7, p));
const logOf = (row: readonly number[]): number[] => row.map((p) => Math.log(clip(p / row.reduce((a, b) => a + b))));
const output = tensor(rows.flat(), [3, 3]);

test("probabilities are renormalized, then clipped, as in Keras", () => {
  const labels = [1, 0, 2];
  const wanted = rows.map((row, index) => -logOf(row)[labels[index]!]!);
  const flat = tensor(labels, [3], "i32");
  assertClose(run(sparseCategoricalCrossentropy(flat, output)), wanted, 1e-12);
  assertClose(run(sparseCategoricalCrossentropy(tensor(labels, [3, 1], "u8"), output)), wanted, 1e-12);
  assertClose(run(sparseCategoricalCrossentropy(tensor(labels, [3, 1], "f32"), output)), wanted, 1e-12);
  const targets = [
    [0, 1, 0],
    [0.5, 0.25, 0.25],
    [0, 0.5, 0.5],
  ];
  const soft = targets.map((row, index) => -row.reduce((sum, t, k) => sum + t * logOf(rows[index]!)[k]!, 0));
  assertClose(run(categoricalCrossentropy(tensor(targets.flat(), [3, 3]), output)), soft, 1e-12);
  // The classes along another axis
  const turned = tensor(
    [0, 1, 2].flatMap((k) => rows.map((row) => row[k]!)),
    [3, 3],
  );
  assertClose(run(sparseCategoricalCrossentropy(flat, turned, { axis: 0 })), wanted, 1e-12);
});

test("logits of any size have finite losses", () => {
  const logits = tensor([1000, 0, -1000, 1, 2, 3, -Infinity, 0, 0], [3, 3]);
  const labels = tensor([2, 0, 1], [3], "i32");
  const wanted = [2000, Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - 1, Math.log(2)];
  assertClose(run(sparseCategoricalCrossentropy(labels, logits, { fromLogits: true })), wanted, 1e-12);
});

test("binary crossentropy, from probabilities and from logits", () => {
  const z = [0, 1, 1, 0, 0.3];
  const p = [0.2, 0.2, 1, 1, 0.9];
  const fromP = z.map((t, index) => -(t * Math.log(clip(p[index]!)) + (1 - t) * Math.log(1 - clip(p[index]!))));
  assertClose(run(binaryCrossentropy(tensor(z), tensor(p))), fromP, 1e-9);
  const x = [-3, 2, 800, 800, -800];
  const logistic = z.map(
    (t, index) => Math.max(x[index]!, 0) - x[index]! * t + Math.log1p(Math.exp(-Math.abs(x[index]!))),
  );
  const loss = run(binaryCrossentropy(tensor(z), tensor(x), { fromLogits: true }));
  assertClose(loss, logistic, 1e-12);
  assert.ok(loss.every(Number.isFinite));
  assertClose(run(binaryCrossentropy(tensor([0, 1], [2], "u8"), tensor([0.5, 0.5]))), [Math.LN2, Math.LN2], 1e-6);
});
