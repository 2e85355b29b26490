import assert from "node:assert/strict";
import { test } from "node:test";
import { gradient } from "../../autodiff/index.ts";
import { sizeOf } from "../../base/shape.ts";
import * as build from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import * as ops from "../../ops/index.ts";
import { interpret } from "../../reference/interpret.ts";
import { seeded } from "../../reference/samples/sample.ts";
import { assertClose } from "../../reference/samples.ts";
import { extentOf } from "./contraction.ts";
import { phasesOf } from "./phases.ts";
import type { Work } from "./roots.ts";
import { largeTarget, runClusters, smallTarget, viewsInside } from "./testing.ts";

const strided: { readonly [name: string]: readonly [readonly number[], readonly number[], ops.ConvOptions] } = {
  "3×3, steps of two, same": [[2, 9, 8, 6], [3, 3, 6, 10], { strides: 2, padding: "same" }],
  "3×3, steps of two, valid": [[2, 10, 11, 6], [3, 3, 6, 10], { strides: 2 }],
  "1×1, steps of two: most places meet nothing": [[3, 8, 8, 16], [1, 1, 16, 12], { strides: 2 }],
  "5×4, steps of three and one": [[2, 13, 7, 8], [5, 4, 8, 9], { strides: [3, 1], padding: "same" }],
  "in groups": [[2, 9, 9, 12], [3, 3, 6, 8], { strides: 2, padding: "same", groups: 2 }],
  "one axis": [[4, 31, 8], [4, 8, 12], { strides: 3, padding: "same" }],
};

/** The convolution that gives the image's gradient. */
const imageGradient = (x: readonly number[], w: readonly number[], options: ops.ConvOptions) => {
  const [image, kernel] = [build.input("x", x, "f32"), build.input("w", w, "f32")];
  const y = ops.conv(image, kernel, options);
  const g = build.input("g", y.shape, "f32");
  const [dx] = gradient(ops.sum(ops.mul(y, g)), [image]);
  // Something elementwise goes along with the contraction.
  return { image, kernel, g, result: ops.maximum(dx!, image) };
};

const convIn = (node: Node): Node | undefined => {
  if (node.op === "conv") return node;
  for (const input of node.inputs) {
    const found = convIn(input);
    if (found !== undefined) return found;
  }
  return undefined;
};

for (const [name, [x, w, options]] of Object.entries(strided)) {
  test(`the gradient of an image under steps equals the reference: ${name}`, () => {
    const { image, kernel, g, result } = imageGradient(x, w, options);
    const graph = { inputs: [image, kernel, g], outputs: [result] };
    const random = seeded(7);
    const inputs = graph.inputs.map(({ shape, dtype }) => random.array(shape, dtype, -1, 1));
    const [expected] = interpret(graph, inputs);
    for (const target of [smallTarget, largeTarget]) {
      const [actual] = runClusters(graph, inputs, viewsInside(graph), target, "backward");
      assertClose(actual!, expected!, { relative: 1e-5, absolute: 1e-5 }, name);
    }
  });

  test(`each element is written once, from the taps that meet it: ${name}`, () => {
    const { result } = imageGradient(x, w, options);
    const node = convIn(result)!;
    const work: Work = {
      members: new Set([node]),
      stored: new Set(node.inputs),
      roots: [node],
      substitutes: new Map(),
    };
    const phases = phasesOf(work, node)!;
    const written = phases.reduce(
      (sum, { batch, rows, columns }) => sum + extentOf([...batch, ...rows, ...columns]),
      0,
    );
    assert.equal(written, sizeOf(node.shape));
    const products = phases.reduce(
      (sum, { batch, rows, columns, sum: terms }) => sum + extentOf([...batch, ...rows, ...columns, ...terms]),
      0,
    );
    const plain = sizeOf(node.shape) * sizeOf(w.slice(0, -1));
    assert.ok(products < 0.75 * plain, `${products} products of ${plain}`);
  });
}
