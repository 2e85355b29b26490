import assert from "node:assert/strict";
import { test } from "node:test";
import { bf16FromBits, bf16ToBits, f16FromBits, f16ToBits } from "../../../base/half.ts";
import { ulpsFrom } from "../../../reference/accuracy.ts";
import { floorMod, power } from "../../../reference/scalar.ts";
import { mathFunctions } from "./functions.ts";
import { instantiate } from "./testing.ts";

const word = new Float32Array(1);
const wordBits = new Int32Array(word.buffer);

const specials = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  3,
  -3,
  Infinity,
  -Infinity,
  NaN,
  2 ** -149,
  -(2 ** -149),
  2 ** -126,
  -(2 ** -126),
  3.4028234663852886e38,
  -3.4028234663852886e38,
  Math.PI,
  -Math.PI,
  Math.PI / 2,
  88.72,
  88.73,
  -87.3,
  -103.9,
  -104,
  1e-8,
  -1e-8,
  0.9999999,
  1.0000001,
  -0.9999999,
  1e10,
  1.6e6,
  1.5e6,
  8388608.5,
];

/** Every exponent and sign, with `each` mantissas spread by a Weyl sequence. */
function everywhere(each: number): Float32Array {
  const points: number[] = [...specials];
  let mantissa = 12345;
  for (let exponent = 0; exponent < 255; exponent++) {
    for (let count = 0; count < each; count++) {
      mantissa = (mantissa + 0x9e3779b1) | 0;
      wordBits[0] = ((count & 1) << 31) | (exponent << 23) | (mantissa >>> 9);
      points.push(word[0]!);
    }
  }
  while (points.length % 4 !== 0) points.push(1);
  return Float32Array.from(points);
}

/** Points around where functions of ordinary size are interesting. */
function dense(from: number, to: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => from + ((to - from) * (i + 0.37)) / count);
}

/** All pairs of `xs` and `ys`, with a length that vectors divide. */
function pairs(xs: ArrayLike<number>, ys: ArrayLike<number>): [Float32Array, Float32Array] {
  const left: number[] = [];
  const right: number[] = [];
  for (const x of Array.from(xs)) {
    for (const y of Array.from(ys)) {
      left.push(x);
      right.push(y);
    }
  }
  while (left.length % 4 !== 0) {
    left.push(1);
    right.push(1);
  }
  return [Float32Array.from(left), Float32Array.from(right)];
}

for (const [name, truth, limit] of [
  ["pow", power, 1],
  ["mod", floorMod, 0.5],
] as const) {
  test(`${name} is within ${limit} ulp over pairs, special values among them`, (context) => {
    const [a, b] = pairs([...specials, 7.5, 1e-3, 100], [...specials, 0.25, 7, -7, 0.1]);
    const [c, d] = pairs(dense(0.01, 20, 1000), dense(-30, 30, 1000));
    const points = everywhere(100);
    const x = Float32Array.from([...a, ...c, ...points]);
    const y = Float32Array.from([...b, ...d, ...points.map((_, i) => points[(i * 7919) % points.length]!)]);
    const one = instantiate(name, 1)(x, y);
    const four = mathFunctions[name].forms === "scalar" ? one : instantiate(name, 4)(x, y);
    let worst = 0;
    let where = "";
    for (const [index, left] of x.entries()) {
      const right = y[index]!;
      assert.ok(Object.is(one[index], four[index]), `${name}(${left}, ${right})`);
      const distance = ulpsFrom(one[index]!, truth(left, right));
      if (distance > worst)
        [worst, where] = [distance, `(${left}, ${right}) = ${truth(left, right)}, received ${one[index]}`];
    }
    context.diagnostic(`${name}: ${worst.toFixed(3)} ulp at ${where}, ${x.length} points`);
    assert.ok(worst <= limit, `${name}: ${worst} ulp at ${where}`);
  });
}

test("every half and brain float widens to its value and narrows back to its bits", () => {
  const bits = Int32Array.from({ length: 65536 }, (_, i) => i);
  for (const width of [1, 4] as const) {
    const [half, brain] = [instantiate("widenHalf", width)(bits), instantiate("widenBrain", width)(bits)];
    for (let i = 0; i < 65536; i++) {
      assert.ok(Object.is(half[i], f16FromBits(i)), `f16 ${i}`);
      assert.ok(Object.is(brain[i], bf16FromBits(i)), `bf16 ${i}`);
    }
  }
});

test("narrowing rounds to nearest even, ties, overflow and subnormals included", () => {
  const ties = Float32Array.from({ length: 65536 }, (_, i) => {
    // Half-way between neighbouring halves, and one f32 to either side of it.
    const middle = (f16FromBits((i >> 2) & 0x7bff) + f16FromBits(((i >> 2) & 0x7bff) + 1)) / 2;
    return i % 4 === 0
      ? middle
      : i % 4 === 1
        ? middle * (1 + 2 ** -23)
        : i % 4 === 2
          ? middle * (1 - 2 ** -23)
          : -middle;
  });
  const points = Float32Array.from([...ties, ...everywhere(200), 65519.9, 65520, 65504, 1e6]);
  for (const width of [1, 4] as const) {
    const [half, brain] = [instantiate("narrowHalf", width)(points), instantiate("narrowBrain", width)(points)];
    const [halfBits, brainBits] = [new Uint32Array(half.buffer), new Uint32Array(brain.buffer)];
    for (const [index, x] of points.entries()) {
      if (Number.isNaN(x)) continue;
      assert.equal(halfBits[index], f16ToBits(x), `f16 of ${x}`);
      assert.equal(brainBits[index], bf16ToBits(x), `bf16 of ${x}`);
    }
  }
});
