import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "../graph/index.ts";
import { assertClose, run, tensor } from "./check.ts";
import { distributions, random } from "./index.ts";

/** Threefry-2x32 with 20 rounds, from the paper (Salmon et al. 2011, section 3), apart from the interpreter's. */
function threefry([k0, k1]: readonly [number, number], [c0, c1]: readonly [number, number]): [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  const rotations = [
    [13, 15, 26, 6],
    [17, 29, 16, 24],
  ] as const;
  let [x0, x1] = [(c0 + k0) | 0, (c1 + k1) | 0];
  for (let round = 0; round < 5; round++) {
    for (const places of rotations[round % 2]!) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << places) | (x1 >>> (32 - places))) ^ x0;
    }
    x0 = (x0 + keys[(round + 1) % 3]!) | 0;
    x1 = (x1 + keys[(round + 2) % 3]! + round + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

test("the bits are Threefry-2x32-20", () => {
  // kat_vectors of Random123
  assert.deepEqual(threefry([0, 0], [0, 0]), [0x6b200159, 0x99ba4efe]);
  assert.deepEqual(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]), [0x1cb996fc, 0xbb002be7]);
  assert.deepEqual(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3]), [0xc4923a9c, 0x483df7a0]);
  assert.deepEqual(run(random.bits(random.key(0), [1])), [(0x6b200159 ^ 0x99ba4efe) >>> 0]);
  for (const seed of [0, 1, 42, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER]) {
    const words = [Math.floor(seed / 2 ** 32), seed % 2 ** 32] as const;
    const wanted = Array.from({ length: 60 }, (_, i) => threefry(words, [0, i]).reduce((a, b) => (a ^ b) >>> 0));
    assert.deepEqual(run(random.bits(random.key(seed), [3, 20])), wanted);
  }
  assert.deepEqual(run(random.key(tensor([7], [], "i32"))), run(random.key(7)));
});

const count = 40_000;
const key = random.key(20);
const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
const moment = (xs: readonly number[], power: number): number => {
  const middle = mean(xs);
  return mean(xs.map((x) => (x - middle) ** power));
};
const correlation = (xs: readonly number[], ys: readonly number[]): number => {
  const [a, b] = [mean(xs), mean(ys)];
  return mean(xs.map((x, i) => (x - a) * (ys[i]! - b))) / Math.sqrt(moment(xs, 2) * moment(ys, 2));
};
/** `value` is `wanted` within five standard errors. */
const near = (value: number, wanted: number, error: number): void =>
  assert.ok(Math.abs(value - wanted) < 5 * error, `${value}, expected ${wanted} ± ${error}`);

test("uniform numbers fill their range evenly, without its end", () => {
  const u = run(random.uniform(key, [count]));
  assert.ok(u.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 24)));
  near(mean(u), 1 / 2, Math.sqrt(1 / 12 / count));
  near(moment(u, 2), 1 / 12, Math.sqrt(1 / 180 / count));
  near(correlation(u.slice(1), u.slice(0, -1)), 0, 1 / Math.sqrt(count));
  const scaled = run(random.uniform(key, [1000], { low: -3, high: 5 }));
  assertClose(
    scaled,
    u.slice(0, 1000).map((x) => x * 8 - 3),
    1e-6,
  );
  // The largest f16 and bf16 below the end, where rounding would reach it
  for (const [dtype, low, high] of [
    ["f32", 1, 2],
    ["f16", 1, 2],
    ["bf16", -2, -1],
    ["bf16", -1, 0],
    ["f16", -1, 0],
    ["f16", 3, 3.5],
  ] as const) {
    const values = run(random.uniform(key, [count], { low, high, dtype }));
    assert.ok(
      values.every((x) => Math.fround(x) >= low && Math.fround(x) < high),
      `${dtype} ${low} ${high}`,
    );
  }
});

test("normal numbers have the moments and the tails of the normal distribution", () => {
  const x = run(random.normal(key, [count]));
  near(mean(x), 0, 1 / Math.sqrt(count));
  near(moment(x, 2), 1, Math.sqrt(2 / count));
  near(moment(x, 3), 0, Math.sqrt(15 / count));
  near(moment(x, 4), 3, Math.sqrt(96 / count));
  near(mean(x.map((v) => Number(Math.abs(v) < 1))), 0.6826895, 0.47 / Math.sqrt(count));
  near(mean(x.map((v) => Number(v > 2.5))), 0.0062097, 0.079 / Math.sqrt(count));
  assertClose(
    run(random.normal(key, [9], { mean: 3, std: 2 })),
    x.slice(0, 9).map((v) => 3 + 2 * v),
    1e-9,
  );
});

test("truncated normal numbers stay within two standard deviations, with the right spread", () => {
  const x = run(random.truncatedNormal(key, [count]));
  assert.ok(x.every((v) => Math.abs(v) <= 2));
  near(mean(x), 0, 0.88 / Math.sqrt(count));
  near(Math.sqrt(moment(x, 2)), 0.87962566103423978, 0.5 / Math.sqrt(count)); // the constant by which Keras rescales
  near(mean(x.map((v) => Number(v > 1))), (0.15865525 - 0.02275013) / 0.95449974, 0.35 / Math.sqrt(count));
});

test("whole numbers are even over their range", () => {
  for (const [low, high] of [
    [0, 10],
    [-5, 5],
    [-1, 1],
  ] as const) {
    const drawn = run(random.randint(key, [count], low, high));
    const share = 1 / (high - low);
    for (let k = low; k < high; k++) {
      near(drawn.filter((x) => x === k).length / count, share, Math.sqrt((share * (1 - share)) / count));
    }
    assert.ok(drawn.every((x) => x >= low && x < high));
  }
  const wide = run(random.randint(key, [1000], -(2 ** 31), 2 ** 31));
  assert.ok(Math.min(...wide) < -2e9 && Math.max(...wide) > 2e9);
  assert.ok(run(random.randint(key, [1000], 250, 256, "u8")).every((x) => x >= 250 && x <= 255));
});

test("bernoulli, categorical and dropout have the given probabilities", () => {
  near(mean(run(random.bernoulli(key, 0.3, [count]))), 0.3, 0.46 / Math.sqrt(count));
  const p = [0.1, 0.2, 0.7];
  const logits = tensor([...p, ...p.toReversed()].map(Math.log), [2, 3]);
  const drawn = run(random.categorical(key, logits, { samples: count }));
  p.forEach((share, k) => {
    near(drawn.slice(0, count).filter((x) => x === k).length / count, share, 0.46 / Math.sqrt(count));
    near(drawn.slice(count).filter((x) => x === 2 - k).length / count, share, 0.46 / Math.sqrt(count));
  });
  assert.deepEqual(
    run(random.categorical(key, tensor([-Infinity, 0, -Infinity, 0, -Infinity, -Infinity], [2, 3]))),
    [1, 0],
  );
  const kept = run(random.dropout(key, tensor(new Array<number>(count).fill(3)), 0.25));
  assert.ok(kept.every((x) => x === 0 || x === 4));
  near(mean(kept), 3, 1.74 / Math.sqrt(count));
});

test("a permutation has every number once, and shuffle moves whole slices", () => {
  const order = run(random.permutation(key, 1000));
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  near(order.filter((x, i) => x === i).length, 1, 1);
  const rows = tensor([0, 0, 1, 1, 2, 2, 3, 3], [4, 2]);
  const short = run(random.permutation(key, 4));
  assert.deepEqual(
    run(random.shuffle(key, rows)),
    short.flatMap((row) => [row, row]),
  );
});

test("the same key gives the same numbers, derived keys give unrelated ones", () => {
  const draw = (from: Node): number[] => run(random.uniform(from, [4000]));
  assert.deepEqual(draw(random.key(5)), draw(random.key(5)));
  const parent = random.key(5);
  const [first, second] = random.split(parent);
  const children = [
    parent,
    first!,
    second!,
    ...[0, 1, 2].map((data) => random.fold(parent, data)),
    random.key(6),
    random.fold(random.key(7), 2),
  ];
  const streams = children.map(draw);
  streams.forEach((a, i) => {
    streams.slice(i + 1).forEach((b) => {
      near(correlation(a, b), 0, 1 / Math.sqrt(4000));
      assert.equal(a.filter((x, at) => x === b[at]).length < 5, true);
    });
  });
  assert.deepEqual(run(random.fold(parent, 3)), run(random.fold(parent, tensor([3], [], "i32"))));
  assert.equal(random.split(parent, 7).length, 7);
});

test("gamma, beta and binomial numbers have the means, spreads and skews of their distributions", () => {
  const some = 8000;
  for (const alpha of [0.3, 1, 2.5, 40]) {
    const xs = run(distributions.gamma(key, alpha, [some]));
    assert.ok(xs.every((x) => x >= 0 && Number.isFinite(x)));
    near(mean(xs), alpha, Math.sqrt(alpha / some));
    near(moment(xs, 2), alpha, Math.sqrt((2 * alpha ** 2 + 6 * alpha) / some));
    near(moment(xs, 3), 2 * alpha, Math.sqrt((15 * alpha ** 3 + 500 * alpha ** 2 + 1000 * alpha) / some));
  }
  for (const [a, b] of [
    [2, 5],
    [0.5, 0.5],
  ] as const) {
    const xs = run(distributions.beta(key, a, b, [some]));
    const spread = (a * b) / ((a + b) ** 2 * (a + b + 1));
    assert.ok(xs.every((x) => x >= 0 && x <= 1));
    near(mean(xs), a / (a + b), Math.sqrt(spread / some));
    near(moment(xs, 2), spread, Math.sqrt((2 * spread) / some));
  }
  const xs = run(distributions.binomial(key, 12, 0.3, [some / 4]));
  assert.ok(xs.every((x) => Number.isInteger(x) && x >= 0 && x <= 12));
  near(mean(xs), 3.6, Math.sqrt(2.52 / (some / 4)));
  near(moment(xs, 2), 2.52, Math.sqrt((2 * 2.52 ** 2) / (some / 4)));
});
