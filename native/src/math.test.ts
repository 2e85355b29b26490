import assert from "node:assert/strict";
import { after } from "node:test";
import { build } from "chainrule/kernel";
import { createNativeDevice, type NativeDevice } from "./index.ts";
import { elementwise, nativeTest, planOf, runPlan } from "./testing.ts";

let device: NativeDevice | undefined;
after(() => device?.close());

const points = 2 ** 20;

/** Distance of neighbouring f32 at `value`, also among subnormals. */
function ulpAt(value: number): number {
  const magnitude = Math.max(Math.abs(value), 2 ** -126);
  let exponent = Math.floor(Math.log2(magnitude));
  if (2 ** exponent > magnitude) exponent--;
  if (2 ** (exponent + 1) <= magnitude) exponent++;
  return 2 ** (Math.min(exponent, 127) - 23);
}

/** How far `got` is from the true value `want`, in ulp; infinite where a special value is wrong. */
function errorOf(got: number, want: number): number {
  const nearest = Math.fround(want);
  if (Number.isNaN(nearest) || Number.isNaN(got)) return Number.isNaN(nearest) && Number.isNaN(got) ? 0 : Infinity;
  if (nearest === 0 && got === 0) return Object.is(got, nearest) ? 0 : Infinity; // the sign counts
  if (!Number.isFinite(nearest) && got === nearest) return 0;
  if (!Number.isFinite(got)) return Math.abs(want) > 3.4028e38 ? 1 : Infinity;
  return Number.isFinite(nearest) ? Math.abs(got - want) / ulpAt(want) : Infinity;
}

const specials = [
  0, -0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 4, -4, Infinity, -Infinity, Number.NaN,
  2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 2 ** -25, 16777215, -16777215, 16777216, 16777217, -16777217, 3.4028234663852886e38, -3.4028234663852886e38,
  88.722, 88.73, -87.4, -103.97, -104.1, -150, 0.92, 0.625, -0.999999, 1e-30, 1e30, Math.PI, Math.PI / 2,
]; // biome-ignore format: a table

/** A small fast generator, so that failures can be repeated. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Half of the points are random bit patterns, the whole range; half lie between -limit and limit; specials come first. */
function sample(seed: number, limit: number): Float32Array {
  const next = generator(seed);
  const values = new Float32Array(points);
  const bits = new Uint32Array(values.buffer);
  for (let position = 0; position < points; position++) {
    if (position % 2 === 0) bits[position] = next();
    else values[position] = (next() / 2 ** 31 - 1) * limit;
  }
  values.set(specials);
  return values;
}

/**
 * erf to f64 accuracy: its Taylor series near 0, else 1 - erfc by the continued fraction (Abramowitz & Stegun 7.1.5, 7.1.14).
 */
function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x) || x === 0) return x;
  if (a > 5) return Math.sign(x);
  if (a < 2) {
    let [term, sum] = [x, x];
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let tail = a;
  for (let n = 60; n >= 1; n--) tail = a + n / 2 / tail;
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / tail);
}

/** Largest error that is allowed, in ulp, and where most values of networks lie. */
const functions = {
  exp: { meaning: Math.exp, limit: 100, ulp: 1.5 },
  expm1: { meaning: Math.expm1, limit: 20, ulp: 2 },
  log: { meaning: Math.log, limit: 4, ulp: 1.5 },
  log1p: { meaning: Math.log1p, limit: 2, ulp: 1.5 },
  sqrt: { meaning: Math.sqrt, limit: 100, ulp: 0.5 },
  sin: { meaning: Math.sin, limit: 100, ulp: 2 },
  cos: { meaning: Math.cos, limit: 100, ulp: 2 },
  atan: { meaning: Math.atan, limit: 8, ulp: 2 },
  tanh: { meaning: Math.tanh, limit: 10, ulp: 2 },
  erf: { meaning: erf, limit: 4.5, ulp: 2 },
} as const;

const names = Object.keys(functions) as (keyof typeof functions)[]; // the keys of the literal above

nativeTest("functions of one argument are within 2 ulp over the whole range", async () => {
  device ??= await createNativeDevice({ threads: 2, handOver: "all" });
  const kernels = names.map((op) => elementwise(`f_${op}`, ["f32"], "f32", points, (x) => build.unary(op, x!)));
  const inputs = names.map((op, position) => sample(position + 1, functions[op].limit));
  const slots = names.map((_, position) => [2 * position, 2 * position + 1]);
  const results = await runPlan(
    device,
    planOf(kernels, slots),
    inputs.flatMap((input) => [input, new Float32Array(points)]),
  );
  for (const [position, op] of names.entries()) {
    const { meaning, ulp } = functions[op];
    const [input, output] = [inputs[position]!, results[2 * position + 1]!];
    let [worst, at] = [0, 0];
    for (let point = 0; point < points; point++) {
      const error = errorOf(output[point]!, meaning(input[point]!));
      if (error > worst) [worst, at] = [error, point];
    }
    assert.ok(worst <= ulp, `${op}(${input[at]}) = ${output[at]}, not ${meaning(input[at]!)}: ${worst} ulp`);
  }
});

/** As in C, where 1^NaN and (-1)^inf are 1. */
const power = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

nativeTest("pow is within 1 ulp, with the special values of C99", async () => {
  device ??= await createNativeDevice({ threads: 2, handOver: "all" });
  const [x, y] = [new Float32Array(points), new Float32Array(points)];
  const next = generator(99);
  for (let position = 0; position < points; position++) {
    x[position] = (position % 8 === 0 ? -1 : 1) * 2 ** ((next() / 2 ** 32 - 0.5) * 40);
    y[position] = position % 4 === 0 ? Math.round((next() / 2 ** 32 - 0.5) * 30) : (next() / 2 ** 32 - 0.5) * 60;
  }
  specials.forEach((a, row) => {
    specials.forEach((b, column) => {
      x[row * specials.length + column] = a;
      y[row * specials.length + column] = b;
    });
  });
  const kernel = elementwise("f_pow", ["f32", "f32"], "f32", points, (a, b) => build.binary("pow", a!, b!));
  const output = (await runPlan(device, planOf([kernel], [[0, 1, 2]]), [x, y, new Float32Array(points)]))[2]!;
  let [worst, at] = [0, 0];
  for (let point = 0; point < points; point++) {
    const error = errorOf(output[point]!, power(x[point]!, y[point]!));
    if (error > worst) [worst, at] = [error, point];
  }
  assert.ok(worst <= 1, `pow(${x[at]}, ${y[at]}) = ${output[at]}, not ${power(x[at]!, y[at]!)}: ${worst} ulp`);
});
