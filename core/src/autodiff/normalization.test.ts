import assert from "node:assert/strict";
import { test } from "node:test";
import { build, type Node } from "../graph/index.ts";
import * as ops from "../ops/index.ts";
import { interpret } from "../reference/interpret.ts";
import { seeded } from "../reference/samples/sample.ts";
import { assertClose } from "../reference/samples.ts";
import { gradient } from "./index.ts";

type Normalize = (x: Node, options: ops.BatchNormalizationOptions) => Node;

/** The same made of parts, which are differentiated one by one. */
const inParts: Normalize = (x, options) => {
  const { axis = -1 } = options;
  const channel = axis < 0 ? axis + x.shape.length : axis;
  const axes = x.shape.map((_, index) => index).filter((index) => index !== channel);
  return ops.batchNormalization(x, ops.mean(x, axes), ops.variance(x, axes), options);
};

/** The value, its gradients, and the gradient of a function of those. */
function derivatives(normalize: Normalize, shape: readonly number[], axis: number, affine: boolean) {
  const x = build.input("x", shape, "f32");
  const [scale, offset] = ["scale", "offset"].map((name) => build.input(name, [shape.at(axis)!], "f32"));
  const weight = build.input("weight", shape, "f32");
  const inputs = [x, scale!, offset!, weight] as Node<"input">[]; // `input` makes them
  const y = normalize(x, { axis, epsilon: 1e-2, ...(affine ? { scale, offset } : {}) });
  const sources = affine ? [x, scale!, offset!] : [x];
  const first = gradient(ops.sum(ops.mul(ops.mul(y, y), weight)), sources);
  const second = gradient(ops.sum(ops.mul(first[0]!, weight)), sources.slice(0, 2));
  return { inputs, outputs: [y, ...first, ...second] };
}

for (const [shape, axis] of [
  [[5, 3, 2, 4], -1],
  [[4, 3, 5], 1],
  [[7, 6], -1],
] as const) {
  for (const affine of [true, false]) {
    const name = `[${shape.join(", ")}] along axis ${axis}${affine ? ", scaled and offset" : ""}`;
    test(`normalizing by one's own moments differentiates as its parts do, twice: ${name}`, () => {
      const own = derivatives(ops.normalizeBatch, shape, axis, affine);
      const parts = derivatives(inParts, shape, axis, affine);
      const random = seeded(11);
      const given = own.inputs.map((node) => random.array(node.shape, node.dtype, -1, 1));
      const expected = interpret(parts, given);
      const actual = interpret(own, given);
      assert.equal(actual.length, expected.length);
      for (const [i, array] of actual.entries())
        assertClose(array, expected[i]!, { relative: 1e-5, absolute: 1e-5 }, `${name}, output ${i}`);
    });
  }
}
