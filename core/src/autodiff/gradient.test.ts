import assert from "node:assert/strict";
import { test } from "node:test";
import { DTypeError, ShapeError } from "../base/errors.ts";
import { build, type Node, reachable, withScope } from "../graph/index.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { gradient } from "./gradient.ts";
import { add, mul, scale, sum } from "./terms.ts";

const x = build.input("x", [2], "f32");
const z = build.input("z", [3], "f32");
const bindings = new Map([[x, hostArray([2], "f32", [3, -2])]]);
const values = (nodes: readonly Node[]): number[][] => evaluate(nodes, bindings).map(({ data }) => [...data]);

test("what the output does not depend on has a gradient of zeros", () => {
  const [gx, gz] = gradient(sum(mul(x, x), [0]), [x, z]);
  assert.deepEqual(values([gx!, gz!]), [
    [6, -4],
    [0, 0, 0],
  ]);
});

test("intermediate nodes have gradients, and do not cut those before them", () => {
  const h = mul(x, x);
  const y = sum(mul(h, h), [0]);
  assert.deepEqual(values(gradient(y, [h, x])), [
    [18, 8],
    [4 * 27, 4 * -8],
  ]);
});

test("the output itself has the gradient 1, or the seed", () => {
  const y = sum(x, [0]);
  assert.deepEqual(values(gradient(y, [y])), [[1]]);
  assert.equal(gradient(x, [x], seed)[0], seed);
});

test("a seed weights the elements of the output", () => {
  assert.deepEqual(values(gradient(mul(x, x), [x], seed)), [[6, -40]]);
});
/** [1, 10] */
const seed = add(scale(build.iota([2], 0, "f32"), 9), build.fill(1, x));

test("a node that is used several times receives the sum", () => {
  assert.deepEqual(values(gradient(sum(add(add(x, x), mul(x, x)), [0]), [x])), [[8, -2]]);
});

test("gradients of gradients, to the fifth order: x⁵", () => {
  const scalar = build.input("s", [], "f32");
  const powers = [1, 2, 3, 4].reduce((y) => mul(y, scalar), scalar as Node);
  let y = powers;
  const found = [5 * 16, 20 * 8, 60 * 4, 120 * 2, 120, 0].map((expected) => {
    [y] = gradient(y, [scalar]) as [Node];
    return [evaluate([y], new Map([[scalar, hostArray([], "f32", [2])]]))[0]!.data[0], expected];
  });
  for (const [actual, expected] of found) assert.equal(actual, expected);
});

test("derivatives keep the scope of what they differentiate", () => {
  const h = withScope("encoder", () => withScope("dense_1", () => build.unary("exp", x)));
  const y = withScope("loss", () => sum(mul(h, h), [0]));
  const before = new Set(reachable([y]));
  const made = reachable(gradient(y, [x])).filter((node) => !before.has(node) && node.op === "mul");
  assert.deepEqual([...new Set(made.map(({ scope }) => scope))].sort(), ["encoder/dense_1", "loss"]);
});

test("only nodes between wrt and the output are differentiated", () => {
  const side = build.unary("exp", build.unary("sin", z));
  const y = add(sum(mul(x, x), [0]), sum(side, [0]));
  assert.ok(reachable(gradient(y, [x])).every(({ op }) => op !== "cos" && op !== "sin"));
});

test("a chain of 50,000 nodes is differentiated without recursion", () => {
  let y: Node = sum(x, [0]);
  for (let step = 0; step < 50_000; step++) y = scale(y, 1);
  assert.deepEqual(values(gradient(y, [x])), [[1, 1]]);
});

test("errors speak of the user's function", () => {
  const matrix = build.input("logits", [32, 10], "f32");
  assert.throws(
    () => withScope("loss", () => gradient(build.unary("exp", matrix), [matrix])),
    (error: Error) => {
      assert.ok(error instanceof ShapeError);
      assert.equal(
        error.message,
        [
          "grad: the function must return a scalar, received [32, 10]",
          "  result  [32, 10]  exp, in loss",
          "  hint    reduce the result with sum() or mean()",
        ].join("\n"),
      );
      return true;
    },
  );
  assert.throws(() => gradient(build.constant(1, "i32"), [x]), /grad: the function must return a float, received i32/);
  const labels = build.input("labels", [4], "i32");
  assert.throws(
    () => gradient(sum(x, [0]), [labels]),
    (error: Error) => error instanceof DTypeError && error.message.includes("labels"),
  );
  assert.throws(() => gradient(x, [x], build.constant(1)), /grad: the seed must be like the result, f32 \[2\]/);
});
