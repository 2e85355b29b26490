import assert from "node:assert/strict";
import { test } from "node:test";
import type { LayerNode } from "chainrule/record";
import type { Picture } from "./examples.ts";
import { placeOf, unitSum } from "./unit.ts";

const picture = (shape: readonly number[], values: ArrayLike<number>): Picture => ({
  step: 1,
  head: { key: "a", role: "weights", shape, dtype: "f32" },
  values: Float32Array.from(values),
});
const layerOf = (type: string, config: LayerNode["config"]) => ({ type, config }) as LayerNode; // all that is read of it

/** Numbers that look random, the same each time. */
const noise = (count: number, seed: number) =>
  Array.from({ length: count }, (_, at) => Math.sin(12.9898 * (at + 1) * seed) * 1.7);

for (const [padding, stride, size] of [
  ["valid", 1, 4],
  ["same", 1, 6],
  ["same", 2, 3],
  ["valid", 2, 2],
] as const) {
  test(`a unit of a convolution adds up to what the layer gives: ${padding}, stride ${stride}`, () => {
    const [side, channels, outputs, kernelSide] = [6, 2, 3, 3];
    const [x, w, b] = [noise(side * side * channels, 1), noise(9 * channels * outputs, 2), noise(outputs, 3)];
    const pad = padding === "same" ? Math.floor(Math.max(0, (size - 1) * stride + kernelSide - side) / 2) : 0;
    // The convolution by its definition.
    const map = new Float32Array(size * size * outputs);
    for (let at = 0; at < map.length; at++) {
      const [unit, j, i] = [at % outputs, Math.floor(at / outputs) % size, Math.floor(at / outputs / size)];
      let sum = b[unit]!;
      for (let k = 0; k < 9 * channels; k++) {
        const [channel, l, m] = [k % channels, Math.floor(k / channels) % 3, Math.floor(k / channels / 3)];
        const [row, column] = [i * stride + m - pad, j * stride + l - pad];
        if (row < 0 || column < 0 || row >= side || column >= side) continue;
        sum += x[(row * side + column) * channels + channel]! * w[k * outputs + unit]!;
      }
      map[at] = sum;
    }
    for (let unit = 0; unit < outputs; unit++) {
      const told = unitSum({
        layer: layerOf("Conv2D", { padding, strides: stride }),
        kernel: picture([3, 3, channels, outputs], w),
        bias: picture([outputs], b),
        input: picture([side, side, channels], x),
        map: picture([size, size, outputs], map),
        unit,
      });
      const own = map.filter((_, at) => at % outputs === unit);
      assert.ok(told?.kind === "patch");
      assert.ok(Math.abs(told.sum - Math.max(...own)) < 1e-4);
      assert.equal(own.indexOf(Math.max(...own)), told.row * size + told.column);
      assert.ok(Math.abs(told.channelSum + told.otherChannels + told.bias - told.sum) < 1e-6);
    }
  });
}

test("a unit of a dense layer adds up, largest terms first", () => {
  const [inputs, outputs] = [20, 4];
  const [x, w, b] = [noise(inputs, 4), noise(inputs * outputs, 5), noise(outputs, 6)];
  const told = unitSum({
    layer: layerOf("Dense", {}),
    kernel: picture([inputs, outputs], w),
    bias: picture([outputs], b),
    input: picture([inputs], x),
    map: picture([outputs], new Float32Array(outputs)),
    unit: 2,
  });
  const expected = x.reduce((sum, value, at) => sum + value * w[at * outputs + 2]!, b[2]!);
  assert.ok(told?.kind === "terms");
  assert.ok(Math.abs(told.sum - expected) < 1e-5);
  const sizes = told.terms.map(({ input, weight }) => Math.abs(input * weight));
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, c) => c - a),
  );
});

test("a place among weights is a number, or one number an axis; what lies outside is none", () => {
  const shape = [3, 3, 2, 4];
  for (const [text, place] of [
    ["0", 0],
    ["71", 71],
    [" 0, 0, 1, 3 ", 7],
    ["2 2 1 3", 71],
    ["72", undefined],
    ["-1", undefined],
    ["1.5", undefined],
    ["0, 3, 0, 0", undefined],
    ["0, 1", undefined],
    ["0, 0, 0, 0, 0", undefined],
    ["", undefined],
    ["first", undefined],
  ] as const)
    assert.equal(placeOf(text, shape), place, text);
  assert.equal(placeOf("2", [3]), 2);
});
