import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ArgumentError, DTypeError, ShapeError } from "../base/errors.ts";
import {
  customGradient,
  grad,
  jit,
  remat,
  scan,
  setDevice,
  stopGradient,
  Tensor,
  tensor,
  valueAndGrad,
  variable,
} from "./index.ts";

before(() => setDevice("reference"));

const close = (actual: number, expected: number): void =>
  assert(Math.abs(actual - expected) <= 1e-5 * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);

test("derivatives of any order", async () => {
  const cube = (x: Tensor) => x.pow(3);
  const orders: readonly [(x: Tensor) => Tensor, number][] = [
    [cube, 8],
    [grad(cube), 12],
    [grad(grad(cube)), 12],
    [grad(grad(grad(cube))), 6],
    [grad(grad(grad(grad(cube)))), 0],
  ];
  for (const [f, expected] of orders) {
    close(await f(tensor(2)).item(), expected);
    close(await jit(f)(tensor(2)).item(), expected);
  }
});

test("the derivative is about the argument, not about other uses of the same value", async () => {
  const outer = (x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(x)); // x · x
  close(await grad(outer)(tensor(3)).item(), 6);
});

test("arguments: trees, numbers, several of them", async () => {
  const loss = (p: { a: Tensor; b: Tensor[] }, x: Tensor) => p.a.mul(x).add(p.b[0]!).square().sum();
  const g = grad(loss)({ a: tensor(2), b: [tensor(1)] }, tensor([1, 2])); // (2x + 1)²
  close(await g.a.item(), 2 * (3 * 1 + 5 * 2));
  close(await g.b[0]!.item(), 2 * (3 + 5));
  const both = grad((x: Tensor, y: Tensor) => x.mul(y), { argnums: [0, 1] })(tensor(2), tensor(5)) as Tensor[];
  assert.deepEqual(await Promise.all(both.map((t) => t.item())), [5, 2]);
  close(await grad((x: number) => (x as never as Tensor).square())(3).item(), 6);
  assert.throws(() => grad((x: Tensor) => x, { argnums: 2 })(tensor(1)), ArgumentError);
});

test("valueAndGrad: the list form, aux values, inside and outside of jit", async () => {
  const w = variable(tensor([1, 2]));
  const b = variable(tensor(0.5));
  const x = tensor([3, 4]);
  const run = (input: Tensor) =>
    valueAndGrad(() => [w.mul(input).add(b).sum(), { twice: w.mul(2) }] as const, [w, b], { hasAux: true });
  for (const f of [run, jit(run)]) {
    const [[loss, { twice }], [gw, gb]] = f(x);
    assert.equal(await loss.item(), 12);
    assert.deepEqual(await twice.array(), [2, 4]);
    assert.deepEqual(await gw.array(), [3, 4]);
    assert.equal(await gb.item(), 2);
  }
  const [[value, note], g] = valueAndGrad((t: Tensor) => [t.square(), "note"] as const, { hasAux: true })(tensor(4));
  assert.deepEqual([await value.item(), note, await g.item()], [16, "note", 8]);
});

test("with respect to variables, inputs, and tensors in between", async () => {
  const w = variable(tensor(2));
  const x = tensor(3);
  const between = x.mul(w);
  const [loss, grads] = valueAndGrad(() => between.square(), [w, x, between]);
  assert.deepEqual(await Promise.all([loss, ...grads].map((t) => t.item())), [36, 36, 24, 12]);
  const [, [unconnected]] = valueAndGrad(() => x.square(), [w]);
  assert.equal(await unconnected.item(), 0);
});

test("two variables of one tensor have gradients of their own", async () => {
  const start = tensor(3);
  const [a, b] = [variable(start), variable(start)];
  const [, [ga, gb]] = valueAndGrad(() => a.mul(2).add(b.mul(5)), [a, b]);
  assert.deepEqual([await ga.item(), await gb.item()], [2, 5]);
});

test("variables that the loss assigns are differentiated where they were", async () => {
  const w = variable(tensor(3));
  const step = jit(() => {
    const [, [g]] = valueAndGrad(() => {
      const loss = w.square();
      w.assign(w.add(1));
      return loss;
    }, [w]);
    return g;
  });
  assert.equal(await step().item(), 6);
  assert.equal(await w.item(), 4);
});

test("stopGradient, customGradient, remat", async () => {
  const x = tensor(2);
  close(await grad((t: Tensor) => t.mul(stopGradient(t)))(x).item(), 2);
  const clipped = customGradient((t: Tensor) => ({ value: t.exp(), gradient: (g: Tensor) => g.mul(7) }));
  close(await clipped(x).item(), Math.fround(Math.exp(2)));
  close(await grad((t: Tensor) => clipped(t))(x).item(), 7);
  const deep = (t: Tensor) => remat((u: Tensor) => ({ a: u.sin().exp() }))(t).a;
  close(await grad(deep)(x).item(), Math.cos(2) * Math.exp(Math.sin(2)));
});

test("through a scan", async () => {
  const total = (w: Tensor) =>
    scan((h: Tensor, x: Tensor) => ({ carry: h.mul(w).add(x), out: h }), tensor(0), tensor([1, 1, 1])).carry;
  // w² + w + 1
  close(await grad(total)(tensor(3)).item(), 7);
  close(await jit(grad(total))(tensor(3)).item(), 7);
});

test("what has no derivative is refused in words", () => {
  assert.throws(
    () => grad((x: Tensor) => x.mul(2))(tensor([1, 2])),
    (error) => error instanceof ShapeError && /scalar/.test(error.message),
  );
  assert.throws(() => grad((x: Tensor) => x.sum())(tensor([1, 2], { dtype: "i32" })), DTypeError);
  assert.throws(
    () => grad(() => undefined as never as Tensor)(tensor(1)),
    /must return a scalar tensor, received nothing/,
  );
  assert.ok(Tensor);
});
