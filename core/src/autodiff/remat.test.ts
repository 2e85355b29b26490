import assert from "node:assert/strict";
import { test } from "node:test";
import { build, isOp, type Node, reachable, withScope } from "../graph/index.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { checkGradient, sample } from "./check.ts";
import { gradient } from "./gradient.ts";
import { remat } from "./remat.ts";
import { add, mul, sum } from "./terms.ts";

const tanh = (x: Node): Node => build.unary("tanh", x);
const barriers = (nodes: readonly Node[]): Node<"barrier">[] =>
  reachable(nodes).filter((node) => isOp(node, "barrier"));

const [x, w] = [build.input("x", [3], "f32"), build.input("w", [3], "f32")];
const bindings = new Map([
  [x, sample([3])],
  [w, sample([3], 0.5, 1.5)],
]);
/** Three nonlinear steps with a captured weight. */
const block = (a?: Node): Node => tanh(mul(w, tanh(mul(w, tanh(a!)))));

test("remat changes neither values nor gradients", () => {
  const [plain, checkpointed] = [block, remat(block)].map((fn) => {
    const y = sum(fn(x), [0]);
    return evaluate([y, ...gradient(y, [x, w])], bindings).map(({ data }) => [...data]);
  });
  assert.deepEqual(checkpointed, plain);
});

test("remat recomputes on guarded copies of its argument and of the captured weight", () => {
  const y = sum(remat(block)(x), [0]);
  assert.equal(barriers([y]).length, 0);
  const gradients = gradient(y, [x, w]);
  const guards = barriers(gradients);
  assert.deepEqual(new Set(guards.map(({ inputs }) => inputs[0])), new Set([x, w]));
  // Nothing of the forward pass is read by the backward pass: each tanh exists once in each.
  const forward = new Set(reachable([y]).filter(({ op }) => op === "tanh"));
  const backward = reachable(gradients).filter(({ op }) => op === "tanh");
  assert.equal(forward.size, 3);
  assert.ok(backward.length >= 2 && backward.every((node) => !forward.has(node)));
});

test("several outputs share one recomputation", () => {
  const two = remat((a?: Node) => {
    const h = tanh(mul(w, a!));
    return [mul(h, h), add(h, a!), build.compare("lt", h, a!)];
  });
  const [first, second, third] = two(x);
  assert.equal(third!.dtype, "bool");
  const gradients = gradient(add(sum(first!, [0]), sum(second!, [0])), [x, w]);
  assert.equal(barriers(gradients).length, 2);
  for (const order of [1, 2] as const) {
    checkGradient((a, b) => remat((c) => [tanh(mul(b!, c!)), mul(c!, mul(c!, c!))])(a!), [sample([3]), sample([3])], {
      order,
    });
  }
});

test("one of several outputs is enough", () => {
  const [first] = remat((a) => [mul(a!, a!), tanh(a!)])(x);
  const [g] = gradient(sum(first!, [0]), [x]);
  const [value] = evaluate([g!], bindings);
  assert.deepEqual(
    [...value!.data],
    [...bindings.get(x)!.data].map((v) => 2 * v),
  );
});

test("gradients flow to an intermediate value that the function closed over", () => {
  for (const order of [1, 2] as const) {
    checkGradient(
      (a) => {
        const h = tanh(a!);
        return remat((b) => mul(mul(h, b!), h))(mul(a!, a!));
      },
      [sample([4])],
      { order },
    );
  }
});

test("remat within remat, and derivatives of higher order", () => {
  const nested = remat((a) => tanh(remat((b) => mul(tanh(b!), b!))(mul(a!, a!))));
  for (const order of [1, 2] as const) checkGradient((a) => nested(a!), [sample([3])], { order });
});

test("a mask that was drawn forward is the same mask backward", () => {
  const key = build.input("key", [2], "u32");
  const dropout = remat((a) => {
    const kept = build.compare(
      "lt",
      build.bits("shr", build.randomBits(key, [16]), build.fill(31, { shape: [16], dtype: "u32" })),
      build.fill(1, { shape: [16], dtype: "u32" }),
    );
    return build.where(kept, a!, build.fill(0, a!));
  });
  const input = build.input("x", [16], "f32");
  const y = dropout(input);
  const [g] = gradient(sum(y, [0]), [input]);
  const [value, slope] = evaluate(
    [y, g!],
    new Map([
      [input, hostArray([16], "f32", 1)],
      [key, hostArray([2], "u32", [3, 4])],
    ]),
  );
  assert.deepEqual([...slope!.data], [...value!.data]);
  assert.ok(value!.data.includes(0) && value!.data.includes(1));
});

test("recomputed nodes keep the layer that made them", () => {
  const y = withScope("encoder/block", () => sum(remat(block)(x), [0]));
  const scopes = reachable(gradient(y, [x]))
    .filter(({ op }) => op === "tanh")
    .map(({ scope }) => scope);
  assert.deepEqual([...new Set(scopes)], ["encoder/block"]);
});

test("without floats or arguments, remat is the function itself", () => {
  const count = build.iota([3], 0);
  assert.equal(remat(() => count)(), count);
});
