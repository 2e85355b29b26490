import assert from "node:assert/strict";
import { test } from "node:test";
import { principalComponents, type Rows } from "./pca.ts";
import { TSne } from "./tsne.ts";

/** Clusters around corners far apart, in ten dimensions. */
function clusters(count: number, perCluster: number): Rows & { readonly labels: readonly number[] } {
  const columns = 10;
  const rows = count * perCluster;
  const values = Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return (column === row % count ? 8 : 0) + Math.sin(at * 78.233) * 0.5;
  });
  return { values, rows, columns, labels: Array.from({ length: rows }, (_, row) => row % count) };
}

/** The share of rows whose nearest neighbour in the plane has their label. */
function purity(positions: ArrayLike<number>, labels: readonly number[]): number {
  const near = labels.map((_, a) => {
    let [best, nearest] = [Number.POSITIVE_INFINITY, -1];
    for (let b = 0; b < labels.length; b++) {
      const distance = Math.hypot(positions[2 * a]! - positions[2 * b]!, positions[2 * a + 1]! - positions[2 * b + 1]!);
      if (b !== a && distance < best) [best, nearest] = [distance, b];
    }
    return labels[nearest];
  });
  return near.filter((label, at) => label === labels[at]).length / labels.length;
}

test("the first principal component of a line is the line", () => {
  const values = Float32Array.from({ length: 60 }, (_, at) => Math.floor(at / 3) * [3, 0, -4][at % 3]!);
  const told = principalComponents({ values, rows: 20, columns: 3 }, 2);
  for (let row = 1; row < 20; row++) {
    assert.ok(Math.abs(Math.abs(told[2 * row]! - told[2 * row - 2]!) - 5) < 1e-3);
    assert.ok(Math.abs(told[2 * row + 1]!) < 1e-3);
  }
});

test("t-SNE keeps clusters together", () => {
  const rows = clusters(5, 24);
  const tsne = new TSne(rows, 10);
  for (let step = 0; step < 200; step++) tsne.step();
  assert.ok(tsne.positions.every(Number.isFinite));
  assert.ok(purity(tsne.positions, rows.labels) > 0.98);
});
