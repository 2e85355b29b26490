import assert from "node:assert/strict";
import { test } from "node:test";
import { gradient } from "../../../autodiff/index.ts";
import { range, sizeOf } from "../../../base/shape.ts";
import * as build from "../../../graph/build.ts";
import type { Node } from "../../../graph/node.ts";
import { number } from "../../../kernel/build.ts";
import type { Expr } from "../../../kernel/ir.ts";
import * as ops from "../../../ops/index.ts";
import { interpret } from "../../../reference/interpret.ts";
import { seeded } from "../../../reference/samples/sample.ts";
import { assertClose } from "../../../reference/samples.ts";
import { conv, inspect, jit, setDevice, type Tensor, tensor } from "../../../tensor/index.ts";
import { largeTarget, runClusters, smallTarget, viewsInside } from "../testing.ts";
import { winogradOf } from "./form.ts";
import { apart } from "./patch.ts";
import { filtering, onSquare, transformData, transformFilter, transformProducts } from "./transform.ts";

const value = (expr: Expr): number => (expr.kind === "number" ? expr.value : Number.NaN);
const exprs = (values: readonly number[]): Expr[] => values.map((each) => number(each, "f32"));

for (const [outputs, taps] of [
  [2, 3],
  [4, 3],
  [3, 4],
] as const) {
  test(`${outputs} results of ${taps} taps, along both axes, are the plain sums`, () => {
    const form = filtering(outputs, taps);
    const random = seeded(outputs);
    const data = range(form.size ** 2).map(() => random.next() - 0.5);
    const filter = range(taps ** 2).map(() => random.next() - 0.5);
    const left = onSquare(form.size, exprs(data), (line) => transformData(form, line)).map(value);
    const right = onSquare(taps, exprs(filter), (line) => transformFilter(form, line)).map(value);
    const products = exprs(left.map((each, i) => each * right[i]!));
    const results = onSquare(form.size, products, (line) => transformProducts(form, line)).map(value);
    assert.equal(results.length, outputs ** 2);
    for (const y of range(outputs))
      for (const x of range(outputs)) {
        let sum = 0;
        for (const i of range(taps))
          for (const j of range(taps)) sum += data[(y + i) * form.size + x + j]! * filter[i * taps + j]!;
        assert.ok(Math.abs(results[y * outputs + x]! - sum) < 2e-5, `${results[y * outputs + x]} is not ${sum}`);
      }
  });
}

test("positions lie an odd number of cache lines apart, and do not overlap", () => {
  for (const elements of [1, 16, 17, 32, 1000, 1024, 2048, 2304]) {
    assert.ok(apart(elements) >= elements && apart(elements) < elements + 48);
    assert.equal(apart(elements) % 32, 16);
  }
});

const convolutions = {
  "tiles that fit": { x: [1, 16, 16, 32], filters: 32, padding: "same" },
  "tiles over the edge, odd sizes": { x: [4, 13, 11, 20], filters: 48, padding: "same" },
  "no padding": { x: [4, 11, 14, 24], filters: 36, padding: "valid" },
  "uneven padding, few channels": {
    x: [4, 17, 15, 12],
    filters: 60,
    padding: [
      [0, 2],
      [1, 0],
    ],
  },
} as const;

const smooth = (node: Node): Node => ops.mul(node, 0.5);

for (const [name, { x, filters, padding }] of Object.entries(convolutions)) {
  test(`a convolution and both its gradients equal the reference: ${name}`, () => {
    const image = build.input("x", x, "f32");
    const kernel = build.input("w", [3, 3, x[3], filters], "f32");
    const y = ops.relu(ops.conv(smooth(image), kernel, { padding }));
    const g = build.input("g", y.shape, "f32");
    const gradients = gradient(ops.sum(ops.mul(y, g)), [image, kernel]);
    const graph = { inputs: [image, kernel, g], outputs: [y, ...gradients] };
    const random = seeded(3);
    const inputs = graph.inputs.map(({ shape, dtype }) => random.array(shape, dtype, -1, 1));
    const expected = interpret(graph, inputs);
    const clustering = viewsInside(graph);
    const found = clustering.clusters.flatMap(({ roots }) => roots.filter(({ op }) => op === "conv"));
    assert.equal(found.length, 3);
    for (const target of [smallTarget, largeTarget]) {
      assert.ok(found.some((node) => winogradOf(node, target) !== undefined));
      const actual = runClusters(graph, inputs, clustering, target, "backward");
      // Sums of up to a thousand terms of size one.
      for (const [i, array] of actual.entries())
        assertClose(array, expected[i]!, { relative: 1e-5, absolute: 1e-4 }, `${name}, output ${i}`);
    }
  });
}

test("features whose transformed weights are made in parts are those of a smaller convolution, to the last bit", async () => {
  await setDevice("wasm");
  const random = seeded(5);
  const arrayOf = (shape: readonly number[]): Tensor =>
    tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => random.next() - 0.5),
      { shape },
    );
  const [x, w] = [arrayOf([16, 8, 8, 256]), arrayOf([3, 3, 256, 640])];
  const filtered = jit((image: Tensor, filters: Tensor) => conv(image, filters, { padding: "same" }).relu());
  // 22.5 MiB of transformed weights, half of them at a time.
  assert.match(await inspect(filtered, x, w), /4 kernels, 4 launches, arena 117\d{5} bytes/);
  const last = { start: 320, stop: 640 };
  const [all, few] = [filtered(x, w), filtered(x, w.slice([{}, {}, {}, last]))];
  assert.deepEqual(await all.slice([{}, {}, {}, last]).data(), await few.data());
});

test("only 3×3 filters with steps of one, or their gradients, are filtered, and only where it pays", () => {
  const of = (x: readonly number[], w: readonly number[], options: ops.ConvOptions = {}): string | undefined => {
    const y = ops.conv(build.input("x", x, "f32"), build.input("w", w, "f32"), options);
    const conv = y.op === "conv" ? y : y.inputs[0]!;
    return winogradOf(conv, largeTarget)?.result;
  };
  assert.equal(of([8, 16, 16, 64], [3, 3, 64, 64]), "image");
  assert.equal(of([8, 16, 16, 64], [5, 5, 64, 64]), undefined);
  assert.equal(of([8, 16, 16, 64], [3, 3, 64, 64], { strides: 2 }), undefined);
  assert.equal(of([8, 16, 16, 64], [3, 3, 64, 64], { dilation: 2 }), undefined);
  assert.equal(of([8, 16, 16, 64], [3, 3, 32, 64], { groups: 2 }), undefined);
  assert.equal(of([1, 4, 4, 512], [3, 3, 512, 512]), undefined);
  assert.equal(of([64, 28, 28, 1], [3, 3, 1, 32]), undefined);
});
