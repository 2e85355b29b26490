import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  add,
  grad,
  matmul,
  setDevice,
  sum,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
  variable,
  zeros,
} from "./index.ts";
import type { Broadcast, MatMul, Reduced, WithLast } from "./types.ts";

// What the types know is checked when this file is compiled: a wrong line here is a compile error.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};
type ShapeOf<T> = T extends Tensor<infer S> ? S : never;

before(() => setDevice("reference"));

test("shape arithmetic", () => {
  holds<Equal<Broadcast<readonly [32, 1], readonly [10]>, [32, 10]>>();
  holds<Equal<Broadcast<[2, 3], []>, [2, 3]>>();
  holds<Equal<Broadcast<readonly number[], readonly [2]>, readonly number[]>>();
  holds<Equal<Broadcast<readonly [number, 3], readonly [2, 1]>, [2, 3]>>();
  holds<Equal<MatMul<readonly [32, 784], readonly [784, 10]>, [32, 10]>>();
  holds<Equal<MatMul<readonly [784], readonly [784, 10]>, [10]>>();
  holds<Equal<MatMul<readonly [8, 32, 784], readonly [784, 10]>, [8, 32, 10]>>();
  holds<Equal<MatMul<readonly [4], readonly [4]>, []>>();
  holds<Equal<WithLast<readonly [2, 3], 5>, [2, 5]>>();
  holds<Equal<Reduced<readonly [2, 3, 4], undefined, false>, []>>();
  holds<Equal<Reduced<readonly [2, 3, 4], 1, false>, [2, 4]>>();
  holds<Equal<Reduced<readonly [2, 3, 4], -1, false>, [2, 3]>>();
  holds<Equal<Reduced<readonly [2, 3, 4], 1, true>, [2, 1, 4]>>();
  holds<Equal<Reduced<readonly [2, 3, 4], undefined, true>, [1, 1, 1]>>();
});

test("operations carry shapes and dtypes, and the values agree with them", async () => {
  const x = zeros([32, 784]);
  const w = variable([784, 10]);
  const y = x
    .matmul(w)
    .add(zeros([10]))
    .relu();
  holds<Equal<typeof y, Tensor<[32, 10], "f32">>>();
  assert.deepEqual(y.shape, [32, 10]);

  const total = y.sum();
  holds<Equal<typeof total, Tensor<[], "f32">>>();
  const rows = y.mean(1);
  holds<Equal<ShapeOf<typeof rows>, [32]>>();
  assert.deepEqual(rows.shape, [32]);
  const best = y.argmax(-1);
  holds<Equal<typeof best, Tensor<[32], "i32">>>();
  assert.deepEqual(best.shape, [32]);
  const large = y.greater(0.5);
  holds<Equal<typeof large, Tensor<[32, 10], "bool">>>();
  const turned = y.transpose();
  holds<Equal<ShapeOf<typeof turned>, [10, 32]>>();
  assert.deepEqual(turned.shape, [10, 32]);
  const folded = y.reshape([4, -1]);
  holds<Equal<ShapeOf<typeof folded>, [4, 80]>>();
  assert.deepEqual(folded.shape, [4, 80]);
  const free = add(1, sum(x, 0));
  holds<Equal<ShapeOf<typeof free>, [784]>>();

  const data = await large.data();
  holds<Equal<typeof data, Uint8Array>>();
  const nested = await y.array();
  holds<Equal<typeof nested, number[][]>>();
  const flat = await total.array();
  holds<Equal<typeof flat, number>>();
});

test("nested arrays give the rank and the dtype", () => {
  const x = tensor([
    [1, 2],
    [3, 4],
  ]);
  holds<Equal<typeof x, Tensor<[number, number], "f32">>>();
  const flags = tensor([true, false]);
  holds<Equal<typeof flags, Tensor<[number], "bool">>>();
  const shaped = tensor([1, 2, 3, 4], { shape: [2, 2], dtype: "i32" });
  holds<Equal<typeof shaped, Tensor<[2, 2], "i32">>>();
});

test("known sizes that do not fit are refused while you type", () => {
  const x = zeros([32, 784]);
  // @ts-expect-error: inner sizes differ, 784 and 512
  assert.throws(() => x.matmul(zeros([512, 10])), /784 and 512/);
  // @ts-expect-error: inner sizes differ, 784 and 512
  assert.throws(() => matmul(x, zeros([512, 10])), /784 and 512/);
  // @ts-expect-error: 784 and 10 do not broadcast
  assert.throws(() => x.add(zeros([10])), /\[32, 784\]/);
});

test("known shapes are shapes: specific tensors and variables go where any are wanted", () => {
  const rank = (x: Tensor): number => x.rank;
  const matrix = (x: Tensor<readonly [number, number], "f32">): number => x.shape[1];
  const v = variable([2, 3]);
  const list: readonly Variable[] = [v];
  assert.deepEqual([rank(zeros([2, 3])), rank(v), matrix(v), list.length], [2, 2, 3, 1]);
});

test("gradients have the types of what they are gradients of", () => {
  const w = variable([2, 3]);
  const b = variable([3]);
  const [loss, [gw, gb]] = valueAndGrad(() => zeros([4, 2]).matmul(w).add(b).sum(), [w, b]);
  holds<Equal<typeof gw, Tensor<[2, 3], "f32">>>();
  holds<Equal<typeof gb, Tensor<[3], "f32">>>();
  holds<Equal<ShapeOf<typeof loss>, []>>();
  const g = grad((p: { w: Tensor<readonly [2]>; k: number }, x: Tensor) => p.w.mul(p.k).mul(x).sum())(
    { w: zeros([2]), k: 3 },
    tensor(1),
  );
  holds<Equal<typeof g.k, Tensor<[], "f32">>>();
  assert.deepEqual([gw.shape, gb.shape, g.w.shape, g.k.shape], [[2, 3], [3], [2], []]);
});
