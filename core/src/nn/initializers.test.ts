import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Shape } from "../base/shape.ts";
import { type Initializer, random, setDevice, tensor } from "../tensor/index.ts";
import { fans, type InitializerName, initializerCatalog, initializers, varianceScaling } from "./initializers.ts";

before(() => setDevice("reference"));

const draw = async (initializer: Initializer, shape: Shape, seed = 4): Promise<number[]> =>
  [...(await initializer(shape, "f32", random.key(seed)).data())].map(Number);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

test("fans of kernels, vectors and scalars as in Keras", () => {
  const rows: readonly (readonly [Shape, number, number])[] = [
    [[], 1, 1],
    [[7], 7, 7],
    [[5, 3], 5, 3],
    [[3, 3, 2, 8], 18, 72],
    [[4, 2, 8], 8, 32],
  ];
  for (const [shape, fanIn, fanOut] of rows) assert.deepEqual(fans(shape), { fanIn, fanOut });
});

/** Of a [60, 40] matrix: standard deviation, and the largest magnitude that is possible (and nearly reached). */
const truncated = 0.87962566103423978;
const spread: { readonly [N in InitializerName]?: readonly [deviation: number, limit: number] } = {
  randomNormal: [0.05, 0.05 * 5.42],
  randomUniform: [0.05 / Math.sqrt(3), 0.05],
  truncatedNormal: [0.05 * truncated, 0.1],
  glorotUniform: [Math.sqrt(1 / 50), Math.sqrt(6 / 100)],
  glorotNormal: [Math.sqrt(1 / 50), (2 * Math.sqrt(1 / 50)) / truncated],
  heUniform: [Math.sqrt(2 / 60), Math.sqrt(6 / 60)],
  heNormal: [Math.sqrt(2 / 60), (2 * Math.sqrt(2 / 60)) / truncated],
  lecunUniform: [Math.sqrt(1 / 60), Math.sqrt(3 / 60)],
  varianceScaling: [Math.sqrt(1 / 60), (2 * Math.sqrt(1 / 60)) / truncated],
  lecunNormal: [Math.sqrt(1 / 60), (2 * Math.sqrt(1 / 60)) / truncated],
};
const exact: readonly InitializerName[] = ["zeros", "ones", "constant", "orthogonal", "identity"];

test("the table is complete", () => {
  assert.deepEqual([...Object.keys(spread), ...exact].sort(), Object.keys(initializers).sort());
});

for (const [name, [expected, limit]] of Object.entries(spread)) {
  test(`${name}: deviation, limits, mean 0, and the key decides`, async () => {
    const initializer = initializers[name as InitializerName]();
    const values = await draw(initializer, [60, 40]);
    assert.ok(Math.abs(deviation(values) / expected - 1) < 0.05, `deviation ${deviation(values)}, not ${expected}`);
    assert.ok(Math.abs(mean(values)) < expected / 10);
    const largest = Math.max(...values.map(Math.abs));
    assert.ok(largest <= limit * (1 + 1e-6), `${largest} is beyond ${limit}`);
    assert.ok(name === "randomNormal" || largest > 0.95 * limit, `${largest} never comes near ${limit}`);
    assert.deepEqual(await draw(initializer, [60, 40]), values);
    assert.notDeepEqual(await draw(initializer, [60, 40], 5), values);
  });
}

test("varianceScaling: modes and distributions", async () => {
  for (const [mode, fan] of [
    ["fanIn", 60],
    ["fanOut", 40],
    ["fanAverage", 50],
  ] as const) {
    for (const distribution of ["normal", "truncatedNormal", "uniform"] as const) {
      const values = await draw(varianceScaling({ mode, distribution, scale: 3 }), [60, 40]);
      assert.ok(Math.abs(deviation(values) / Math.sqrt(3 / fan) - 1) < 0.05, `${mode} ${distribution}`);
    }
  }
});

test("a seed decides the values, whatever the key", async () => {
  for (const name of [...(Object.keys(spread) as InitializerName[]), "orthogonal"] as const) {
    const make = initializers[name] as (options: { readonly seed: number }) => Initializer;
    const first = await draw(make({ seed: 3 }), [4, 4], 1);
    assert.deepEqual(await draw(make({ seed: 3 }), [4, 4], 2), first, name);
    assert.notDeepEqual(await draw(make({ seed: 4 }), [4, 4], 2), first, name);
  }
});

test("zeros, ones, constant and identity", async () => {
  assert.deepEqual(await draw(initializers.constant(0.5), [2]), [0.5, 0.5]);
  assert.deepEqual(await draw(initializers.constant([1, 2]), [2, 2]), [1, 2, 1, 2]);
  assert.deepEqual(await draw(initializers.constant(tensor([[1, 2]])), [1, 2]), [1, 2]);
  await assert.rejects(async () => draw(initializers.constant([1, 2, 3]), [2, 2]), /\[3\]/);
  assert.deepEqual(await draw(initializers.zeros(), [2]), [0, 0]);
  assert.deepEqual(await draw(initializers.ones(), [2]), [1, 1]);
  assert.deepEqual(await draw(initializers.identity({ gain: 2 }), [2, 3]), [2, 0, 0, 0, 2, 0]);
});

for (const shape of [
  [6, 6],
  [3, 8],
  [8, 3],
  [2, 2, 5],
]) {
  test(`orthogonal [${shape}]: the fewer of rows and columns are orthonormal`, async () => {
    const columns = shape.at(-1)!;
    const values = await draw(initializers.orthogonal({ gain: 1 }), shape);
    const rows = values.length / columns;
    const vector = (at: number): number[] =>
      rows <= columns
        ? values.slice(at * columns, (at + 1) * columns)
        : values.filter((_, index) => index % columns === at);
    const few = Math.min(rows, columns);
    for (let a = 0; a < few; a++) {
      for (let b = 0; b < few; b++) {
        const dot = vector(a).reduce((sum, value, at) => sum + value * vector(b)[at]!, 0);
        assert.ok(Math.abs(dot - Number(a === b)) < 1e-5, `${a}·${b} = ${dot}`);
      }
    }
  });
}

test("given numbers come back from a file; tensors are not written", async () => {
  const vectors = [
    [1, 2],
    [3, 4],
  ];
  const written = JSON.parse(JSON.stringify(initializerCatalog.describe(initializers.constant(vectors))));
  assert.deepEqual(await draw(initializerCatalog.read(written)!, [2, 2]), [1, 2, 3, 4]);
  assert.equal(initializerCatalog.describe(initializers.constant(tensor(vectors))), undefined);
});
