import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { numpyRandom, pythonRandom, type SeededRandom } from "./mersenne.ts";

interface Case {
  readonly seed: number;
  readonly uniform: readonly number[];
  readonly integers: readonly (readonly [low: number, high: number, drawn: number])[];
  readonly shuffles: readonly (readonly number[])[];
  readonly names?: readonly string[];
  readonly permutation?: readonly number[];
}

/** What NumPy and Python drew: goldens/mersenne.py. */
const goldens = JSON.parse(readFileSync(new URL("../../src/data/goldens/mersenne.json", import.meta.url), "utf8")) as {
  readonly numpy: readonly Case[];
  readonly python: readonly Case[];
}; // our own file

function drawAll(random: SeededRandom, { uniform, integers, shuffles }: Case): void {
  assert.deepEqual(
    uniform.map(() => random.random()),
    uniform,
  );
  for (const [low, high, drawn] of integers) assert.equal(random.integer(low, high), drawn, `${low} to ${high}`);
  for (const shuffled of shuffles) {
    const values = Uint32Array.from(shuffled, (_, index) => index);
    random.shuffle(values);
    assert.deepEqual([...values], shuffled);
  }
}

for (const golden of goldens.numpy) {
  test(`numpyRandom(${golden.seed}) draws what NumPy's RandomState draws`, () => {
    const random = numpyRandom(golden.seed);
    drawAll(random, golden);
    const names = Array.from({ length: 20 }, (_, index) => `file ${index}`);
    random.shuffle(names);
    assert.deepEqual(names, golden.names);
    assert.deepEqual([...random.permutation(50)], golden.permutation);
  });
}

for (const golden of goldens.python) {
  test(`pythonRandom(${golden.seed}) draws what Python's random.Random draws`, () => {
    drawAll(pythonRandom(golden.seed), golden);
  });
}

test("seeds and ranges that Python would refuse are refused", () => {
  for (const seed of [-1, 0.5, Number.NaN, 2 ** 32])
    assert.throws(() => numpyRandom(seed), /seed must be a whole number/);
  for (const seed of [0.5, 2 ** 53]) assert.throws(() => pythonRandom(seed), /seed must be a whole number/);
  for (const [low, high] of [
    [0, 0],
    [3, 2],
    [0, 0.5],
    [0, 2 ** 33],
  ] as const)
    assert.throws(() => numpyRandom(1).integer(low, high), /no whole number can be drawn/);
});
