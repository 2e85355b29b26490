import assert from "node:assert/strict";
import { test } from "node:test";
import { build, type Node } from "../graph/index.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { checkGradient, sample } from "./check.ts";
import { customGradient } from "./custom.ts";
import { gradient } from "./gradient.ts";
import { remat } from "./remat.ts";
import { add, div, mul, neg, plus, scale, sum } from "./terms.ts";

/** log(1 + eˣ), whose derivative is written so that it does not overflow. */
const softplus = customGradient((x) => {
  const e = build.unary("exp", x!);
  return { value: build.unary("log1p", e), gradient: (g) => div(g, plus(build.unary("exp", neg(x!)), 1)) };
});

/** The derivative in terms of the value: σ' = σ(1 − σ). */
const sigmoid = customGradient((x) => {
  const value = div(build.fill(1, x!), plus(build.unary("exp", neg(x!)), 1));
  return { value, gradient: (g) => mul(g, mul(value, plus(neg(value), 1))) };
});

const slope = (y: Node, x: Node, at: number): number => {
  const [g] = gradient(sum(y, [0]), [x]);
  return evaluate([g!], new Map([[x, hostArray([1], "f32", [at])]]))[0]!.data[0]!;
};

for (const [name, fn] of Object.entries({ softplus, sigmoid })) {
  test(`${name}: a custom derivative, its derivative, and both recomputed`, () => {
    for (const order of [1, 2] as const) {
      checkGradient((x) => fn(x!), [sample([4], -3, 3)], { order });
      checkGradient((x) => remat(fn)(mul(x!, x!)), [sample([4], -1, 1)], { order });
    }
  });
}

test("the custom derivative replaces the derivative of the value", () => {
  const x = build.input("x", [1], "f32");
  const reversed = customGradient((a) => ({ value: a!, gradient: (g) => neg(g) }));
  assert.equal(slope(reversed(scale(x, 3)), x, 1), -3);
  const wrong = customGradient((a) => ({ value: mul(a!, a!), gradient: (g) => scale(g, 42) }));
  assert.equal(slope(wrong(x), x, 1), 42);
});

test("softplus has no NaN where eˣ is infinite", () => {
  const x = build.input("x", [1], "f32");
  assert.equal(slope(softplus(x), x, 1000), 1);
});

test("several arguments; one without a gradient, one given twice", () => {
  const [x, y] = [build.input("x", [1], "f32"), build.input("y", [1], "f32")];
  const fn = customGradient((a, b) => ({ value: mul(a!, b!), gradient: (g) => [mul(g, b!), undefined] }));
  const at = new Map([x, y].map((node, index) => [node, hostArray([1], "f32", [index + 2])]));
  const values = (nodes: readonly Node[]): number[] => evaluate(nodes, at).map(({ data }) => data[0]!);
  assert.deepEqual(values(gradient(sum(fn(x, y), [0]), [x, y])), [3, 0]);
  assert.deepEqual(values(gradient(sum(fn(x, x), [0]), [x])), [2]);
});

test("an outer value that only the gradient reads takes part in higher orders", () => {
  // d/dx = c·g, hence ∂²/∂x∂c = 1
  const [x, c] = [build.input("x", [1], "f32"), build.input("c", [1], "f32")];
  const outer = mul(c, c);
  const y = customGradient((a) => ({ value: a!, gradient: (g) => mul(g, outer) }))(x);
  const [first] = gradient(sum(y, [0]), [x]);
  assert.equal(slope(first!, c, 3), 6);
});

test("wrong gradients are refused when the function is called", () => {
  const x = build.input("x", [2], "f32");
  assert.throws(
    () => customGradient((a) => ({ value: a!, gradient: (g) => [g, g] }))(x),
    /customGradient: 2 gradients for 1 arguments/,
  );
  assert.throws(
    () => customGradient((a) => ({ value: a!, gradient: (g) => sum(g, [0]) }))(x),
    /customGradient: the gradient of argument 0 must be f32 \[2\]/,
  );
});

test("the checker finds a wrong derivative, of first and of second order", () => {
  const off = (factor: number) =>
    customGradient((a) => ({ value: mul(a!, a!), gradient: (g) => scale(mul(g, a!), factor) }));
  checkGradient((x) => off(2)(x!), [sample([3])]);
  assert.throws(() => checkGradient((x) => off(2.001)(x!), [sample([3])]), /derivative of order 1/);
  const flat = customGradient((a) => ({ value: mul(a!, a!), gradient: (g) => mul(g, build.detach(scale(a!, 2))) }));
  checkGradient((x) => flat(x!), [sample([3])]);
  assert.throws(() => checkGradient((x) => flat(x!), [sample([3])], { order: 2 }), /derivative of order 2/);
  assert.throws(() => checkGradient((x) => add(x!, build.fill(Number.NaN, x!)), [sample([3])]), /differences give NaN/);
});
