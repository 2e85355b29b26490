import assert from "node:assert/strict";
import { after } from "node:test";
import { build } from "chainrule/kernel";
import { accuracyPoints, approximateOps, ulpsFrom, worstOf } from "chainrule/reference";
import { createNativeDevice, type NativeDevice } from "./index.ts";
import { elementwise, nativeTest, planOf, runPlan } from "./testing.ts";

let device: NativeDevice | undefined;
after(() => device?.close());

const points = 2 ** 20;

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

const limit = 2;

nativeTest(`functions of one argument are within ${limit} ulp over the whole range`, async () => {
  device ??= await createNativeDevice({ threads: 2, handOver: "all" });
  const kernels = approximateOps.map((op) =>
    elementwise(`f_${op}`, ["f32"], "f32", points, (x) => build.unary(op, x!)),
  );
  const inputs = approximateOps.map((op) => accuracyPoints(op, points));
  const slots = approximateOps.map((_, position) => [2 * position, 2 * position + 1]);
  const results = await runPlan(
    device,
    planOf(kernels, slots),
    inputs.flatMap((input) => [input, new Float32Array(points)]),
  );
  const worst = approximateOps.map((op, position) => ({
    op,
    ...worstOf(op, inputs[position]!, results[2 * position + 1] as Float32Array), // the plan's outputs are f32
  }));
  const table = worst.map(({ op, ulps, at }) => `  ${op.padEnd(6)} ${ulps.toFixed(3)} at ${at}`);
  console.log(`worst ulp of ${device.description} over ${points} points a function\n${table.join("\n")}`);
  for (const { op, ulps, at } of worst) assert.ok(ulps <= limit, `${op}: ${ulps} ulp at ${at}`);
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
    const error = ulpsFrom(output[point]!, power(x[point]!, y[point]!));
    if (error > worst) [worst, at] = [error, point];
  }
  assert.ok(worst <= 1, `pow(${x[at]}, ${y[at]}) = ${output[at]}, not ${power(x[at]!, y[at]!)}: ${worst} ulp`);
});
