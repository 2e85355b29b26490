import assert from "node:assert/strict";
import { test } from "node:test";
import fit from "./curveFit.ts";

// The curve of UMAP: 1 / (1 + a x^(2b)), fitted to 1 up to the least distance, and exp(-(x - distance) / spread) beyond it.
const curve =
  ([a, b]: readonly number[]) =>
  (x: number): number =>
    1 / (1 + a! * x ** (2 * b!));

function fitted(spread: number, distance: number): readonly number[] {
  const x = Array.from({ length: 300 }, (_, at) => (3 * spread * at) / 299);
  const y = x.map((each) => (each < distance ? 1 : Math.exp(-(each - distance) / spread)));
  return fit({ x, y }, curve, { initialValues: [0.5, 0.5] }).parameterValues;
}

test("the curve of UMAP has the numbers that umap-learn finds", () => {
  // umap.umap_.find_ab_params(spread, min_dist) of umap-learn 0.5, by SciPy's curve_fit.
  const [a, b] = fitted(1, 0.1);
  assert.ok(Math.abs(a! - 1.576943) < 1e-4 && Math.abs(b! - 0.895061) < 1e-4, `${a} ${b}`);
});

test("a curve that can be met is met, from a bad beginning too", () => {
  const x = Array.from({ length: 50 }, (_, at) => at / 10);
  for (const wanted of [
    [0.2, 1.4],
    [3, 0.6],
  ]) {
    const { parameterValues } = fit({ x, y: x.map(curve(wanted)) }, curve, { initialValues: [1, 1] });
    const off = parameterValues.map((value, at) => Math.abs(value - wanted[at]!));
    assert.ok(Math.max(...off) < 1e-6, `${parameterValues}`);
  }
});
