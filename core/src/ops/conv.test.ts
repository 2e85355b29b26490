import assert from "node:assert/strict";
import { test } from "node:test";
import { rowStrides, type Shape, sizeOf } from "../base/index.ts";
import type { Node } from "../graph/index.ts";
import { assertClose, run, shaped, tensor } from "./check.ts";
import { type ConvOptions, conv, convTranspose, depthwiseConv, separableConv } from "./conv.ts";
import { averagePool, maxPool } from "./pool.ts";

let seed = 1;
/** Small whole numbers, so that sums are exact. */
const numbers = (shape: Shape): number[] =>
  Array.from({ length: sizeOf(shape) }, () => {
    seed = (seed * 48271) % 2147483647;
    return (seed % 17) - 8;
  });

const indicesOf = (shape: Shape): number[][] =>
  shape.reduce<number[][]>(
    (all, size) => all.flatMap((index) => Array.from({ length: size }, (_, i) => [...index, i])),
    [[]],
  );

const offset = (shape: Shape, index: readonly number[]): number =>
  rowStrides(shape).reduce((sum, stride, axis) => sum + stride * index[axis]!, 0);

/** The definition, element by element: out[b, o, f] = Σ x[b, o·stride + w·dilation − low, c] · kernel[w, c, f]. */
function convByLoops(
  x: readonly number[],
  xShape: Shape,
  w: readonly number[],
  wShape: Shape,
  outShape: Shape,
  { stride, dilation, low, groups }: { stride: number; dilation: number; low: readonly number[]; groups: number },
): number[] {
  const [perGroup, filters] = wShape.slice(-2) as [number, number];
  return indicesOf(outShape).map((out) => {
    const filter = out.at(-1)!;
    const group = Math.floor(filter / (filters / groups));
    let sum = 0;
    for (const at of indicesOf(wShape.slice(0, -2))) {
      const place = at.map((k, axis) => out[axis + 1]! * stride + k * dilation - low[axis]!);
      if (place.some((p, axis) => p < 0 || p >= xShape[axis + 1]!)) continue;
      for (let c = 0; c < perGroup; c++) {
        sum += x[offset(xShape, [out[0]!, ...place, group * perGroup + c])]! * w[offset(wShape, [...at, c, filter])]!;
      }
    }
    return sum;
  });
}

/** Input, kernel, options, output, and the zeros in front by the rule of Keras. */
const convs: readonly (readonly [Shape, Shape, ConvOptions, Shape, readonly number[]])[] = [
  [[2, 7, 3], [3, 3, 4], {}, [2, 5, 4], [0]],
  [[2, 7, 3], [4, 3, 2], { padding: "same" }, [2, 7, 2], [1]],
  [[2, 7, 3], [3, 3, 2], { padding: "causal", dilation: 2 }, [2, 7, 2], [4]],
  [[1, 8, 2], [3, 2, 2], { padding: "same", strides: 3 }, [1, 3, 2], [0]],
  [[1, 6, 5, 4], [3, 2, 2, 6], { groups: 2 }, [1, 4, 4, 6], [0, 0]],
  [[2, 6, 6, 2], [3, 3, 2, 3], { padding: "same", strides: 2 }, [2, 3, 3, 3], [0, 0]],
  [
    [1, 5, 6, 1],
    [3, 3, 1, 2],
    {
      padding: [
        [2, 0],
        [1, 3],
      ],
    },
    [1, 5, 8, 2],
    [2, 1],
  ],
  [[1, 7, 7, 4], [2, 2, 1, 4], { groups: 4, dilation: 3, strides: 2 }, [1, 2, 2, 4], [0, 0]],
  [[1, 4, 3, 4, 2], [2, 2, 3, 2, 2], { padding: "same" }, [1, 4, 3, 4, 2], [0, 0, 1]],
];

test("conv is its definition", () => {
  for (const [xShape, wShape, options, outShape, low] of convs) {
    const [x, w] = [numbers(xShape), numbers(wShape)];
    const node = conv(tensor(x, xShape), tensor(w, wShape), options);
    const { strides = 1, dilation = 1, groups = 1 } = options;
    assert.deepEqual(node.shape, outShape);
    const wanted = convByLoops(x, xShape, w, wShape, outShape, {
      stride: Number(strides),
      dilation: Number(dilation),
      low,
      groups,
    });
    assertClose(run(node), wanted, 0);
  }
});

test("depthwise and separable convolutions are convolutions by channel", () => {
  const x = tensor(numbers([2, 5, 5, 3]), [2, 5, 5, 3]);
  const values = numbers([2, 2, 3, 2]);
  // Group c of a grouped kernel has the filters c·2 and c·2 + 1 of input channel c: the same numbers in the same order.
  const depthwise = depthwiseConv(x, tensor(values, [2, 2, 3, 2]), { strides: 2, padding: "same" });
  const grouped = conv(x, tensor(values, [2, 2, 1, 6]), { groups: 3, strides: 2, padding: "same" });
  assert.deepEqual(depthwise.shape, [2, 3, 3, 6]);
  assertClose(run(depthwise), run(grouped), 0);
  const point = numbers([1, 1, 6, 4]);
  const both = separableConv(x, tensor(values, [2, 2, 3, 2]), tensor(point, [1, 1, 6, 4]), {
    strides: 2,
    padding: "same",
  });
  assertClose(run(both), run(conv(grouped, tensor(point, [1, 1, 6, 4]))), 0);
});

const dot = (a: Node, b: readonly number[]): number => run(a).reduce((sum, value, index) => sum + value * b[index]!, 0);

test("convTranspose is the transpose of conv: ⟨conv(y), x⟩ = ⟨y, convTranspose(x)⟩", () => {
  for (const padding of ["valid", "same"] as const) {
    for (const strides of [1, 2, 3]) {
      for (const window of [1, 2, 3, 5]) {
        for (const dilation of strides === 1 ? [1, 2] : [1]) {
          const [xShape, wShape] = [
            [2, 4, 3],
            [window, 2, 3],
          ];
          const [x, w] = [numbers(xShape), tensor(numbers(wShape), wShape)];
          const up = convTranspose(tensor(x, xShape), w, { strides, padding, dilation });
          const span = (window - 1) * dilation + 1;
          assert.deepEqual(up.shape, [
            2,
            padding === "same" ? 4 * strides : 4 * strides + Math.max(span - strides, 0),
            2,
          ]);
          const y = numbers(up.shape);
          const down = conv(tensor(y, up.shape), w, { strides, padding, dilation });
          assert.deepEqual(down.shape, xShape);
          assert.equal(dot(down, x), dot(up, y));
        }
      }
    }
  }
});

test("convTranspose has the sizes of Keras with output padding and in higher ranks", () => {
  const size = (options: object, window = 3) =>
    convTranspose(shaped([1, 5, 2]), shaped([window, 4, 2]), options).shape[1];
  assert.equal(size({ strides: 2, padding: "same", outputPadding: 0 }), 9);
  assert.equal(size({ strides: 2, padding: "same", outputPadding: 1 }), 10);
  assert.equal(size({ strides: 3, padding: "valid", outputPadding: 2 }), 17);
  assert.equal(size({ strides: 2, padding: [[1, 1]] }), 9);
  assert.deepEqual(
    convTranspose(shaped([1, 2, 3, 4, 6]), shaped([2, 2, 2, 5, 6]), { strides: [1, 2, 3] }).shape,
    [1, 3, 6, 12, 5],
  );
});

test("pooling: valid drops the rest, same pads it without counting", () => {
  const x = tensor([1, 2, 3, 4, 5, -6, -7], [1, 7, 1]);
  const pooled: readonly (readonly [Node, readonly number[]])[] = [
    [maxPool(x, 2), [2, 4, 5]],
    [maxPool(x, 2, { padding: "same" }), [2, 4, 5, -7]],
    [maxPool(x, 3, { strides: 2, padding: "same" }), [2, 4, 5, -6]],
    [maxPool(x, 3, { strides: 1 }), [3, 4, 5, 5, 5]],
    [averagePool(x, 2), [1.5, 3.5, -0.5]],
    [averagePool(x, 2, { padding: "same" }), [1.5, 3.5, -0.5, -7]],
    [averagePool(x, 3, { strides: 2, padding: "same" }), [1.5, 3, 4 / 3 - 1 / 3, -6.5]],
  ];
  for (const [node, wanted] of pooled) assertClose(run(node), wanted, 1e-12);
  const square = tensor(numbers([2, 3, 4, 2]), [2, 3, 4, 2]);
  assert.deepEqual(maxPool(square, 2, { padding: "same" }).shape, [2, 2, 2, 2]);
  // The corner window of 3×3 with stride 2 over 3×4: rows 0-1, columns 0-2 ("same" pads 1 row above, 0 columns before).
  const values = run(square);
  const corner = [0, 1].flatMap((row) => [0, 1, 2].map((column) => values[row * 8 + column * 2]!));
  const average = averagePool(square, 3, { strides: 2, padding: "same" });
  assert.ok(Math.abs(run(average)[0]! - corner.reduce((a, b) => a + b) / 6) < 1e-12);
  assert.deepEqual(maxPool(shaped([1, 4, 4, 4, 2]), [1, 2, 4]).shape, [1, 4, 2, 1, 2]);
  assertClose(run(maxPool(tensor([-5, -3], [1, 2, 1], "i8"), 3, { padding: "same" })), [-3], 0);
});
