import assert from "node:assert/strict";
import { test } from "node:test";
import { ShapeError } from "../base/errors.ts";
import type { Concatenated, Inserted, Transposed } from "./axes.ts";
import { concatenate, conv, einsum, type expandDims, maxPool, setDevice, type Tensor, zeros } from "./index.ts";
import type { Einsum } from "./notation.ts";
import type { Add, Divide, Multiply, Product, Subtract } from "./numerals.ts";
import type { Convolved } from "./windows.ts";

// What the types know is checked when this file is compiled: a wrong line here is a compile error.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._: T[]): void => {};

test("arithmetic of sizes", () => {
  holds<Equal<Add<0, 0>, 0>>();
  holds<Equal<Add<999, 1>, 1000>>();
  holds<Equal<Add<150_528, 86_471>, 236_999>>();
  holds<Equal<Subtract<1000, 1>, 999>>();
  holds<Equal<Subtract<7, 7>, 0>>();
  holds<Equal<Subtract<224, 5>, 219>>();
  holds<Equal<Subtract<3, 5>, never>>();
  holds<Equal<Multiply<224, 672>, 150_528>>();
  holds<Equal<Multiply<30_000, 0>, 0>>();
  holds<Equal<Multiply<999, 9_999>, 9_989_001>>();
  holds<Equal<Multiply<1_000, 1_000>, 1_000_000>>();
  holds<Equal<Multiply<7, 8>, 56>>();
  holds<Equal<Divide<150_528, 3>, 50_176>>();
  holds<Equal<Divide<99, 10>, 9>>();
  holds<Equal<Divide<5, 7>, 0>>();
  holds<Equal<Product<readonly [3, 3, 128]>, 1152>>();
  holds<Equal<Product<readonly []>, 1>>();
  holds<Equal<Add<number, 1>, number>>();
  holds<Equal<Product<readonly [3, number]>, number>>();
});

test("windows", () => {
  holds<Equal<Convolved<readonly [number, 28, 28, 1], 3, 32, object>, [number, 26, 26, 32]>>();
  holds<Equal<Convolved<readonly [8, 28, 28, 1], readonly [3, 5], 32, object>, [8, 26, 24, 32]>>();
  type Strided = { readonly strides: 2; readonly padding: "same" };
  holds<Equal<Convolved<readonly [8, 7, 8, 4], 3, 4, Strided>, [8, 4, 4, 4]>>();
  holds<Equal<Convolved<readonly [8, 13, 13, 4], 2, 4, object, 2>, [8, 6, 6, 4]>>();
  holds<Equal<Convolved<readonly [8, 100, 4], 3, 4, { readonly dilation: 2 }>, [8, 96, 4]>>();
  holds<Equal<Convolved<readonly [8, 28, number, 1], 3, 32, object>, [8, 26, number, 32]>>();
  holds<Equal<Convolved<readonly number[], 3, 32, object>, readonly number[]>>();
  holds<Equal<Convolved<readonly [8, 3, 9, 1], 5, 32, object>, "a window of 5 does not fit into 3: [8, 3, 9, 1]">>();
});

test("axes", () => {
  holds<Equal<Transposed<readonly [2, 3, 4], readonly [0, 2, 1]>, [2, 4, 3]>>();
  holds<Equal<Transposed<readonly [2, 3, 4], readonly [-1, 0, 1]>, [4, 2, 3]>>();
  holds<Equal<Inserted<readonly [2, 3], 1, 5>, [2, 5, 3]>>();
  holds<Equal<Inserted<readonly [2, 3], -1, 1>, [2, 3, 1]>>();
  holds<Equal<Concatenated<readonly [readonly [2, 3], readonly [2, 70]], 1>, [2, 73]>>();
  holds<Equal<Concatenated<readonly [readonly [2, 3], readonly [number, 4]], -1>, [2, 7]>>();
  holds<
    Equal<
      Concatenated<readonly [readonly [2, 3], readonly [4, 3]], 1>,
      "sizes 2 and 4 differ along an axis that is not joined: [2, 3] and [4, 3]"
    >
  >();
});

test("Einstein's notation", () => {
  holds<Equal<Einsum<"bij,bjk->bik", readonly [readonly [8, 2, 3], readonly [8, 3, 4]]>, [8, 2, 4]>>();
  holds<Equal<Einsum<"ij,jk->", readonly [readonly [2, 3], readonly [3, 4]]>, []>>();
  holds<Equal<Einsum<"ij,jk->ki", readonly [readonly [number, 3], readonly [3, 4]]>, [4, number]>>();
  holds<Equal<Einsum<"...i,ij->...j", readonly [readonly [2, 3], readonly [3, 4]]>, readonly number[]>>();
  holds<
    Equal<Einsum<"ij,jk->ik", readonly [readonly [2, 3], readonly [5, 4]]>, "einsum: label j has the sizes 3 and 5">
  >();
});

type ShapeOf<T> = T extends Tensor<infer S> ? S : never;

test("operations carry the sizes, and their values have them", async () => {
  await setDevice("reference");
  const images = zeros([2, 28, 28, 1]);
  const features = conv(images, zeros([3, 3, 1, 8]));
  holds<Equal<ShapeOf<typeof features>, [2, 26, 26, 8]>>();
  assert.deepEqual(features.shape, [2, 26, 26, 8]);
  const strided = conv(images, zeros([5, 3, 1, 8]), { strides: 2, padding: "same" });
  holds<Equal<ShapeOf<typeof strided>, [2, 14, 14, 8]>>();
  assert.deepEqual(strided.shape, [2, 14, 14, 8]);
  const pooled = maxPool(features, 3);
  holds<Equal<ShapeOf<typeof pooled>, [2, 8, 8, 8]>>();
  assert.deepEqual(pooled.shape, [2, 8, 8, 8]);
  const turned = pooled.transpose([0, 3, 1, -2]).expandDims(1);
  holds<Equal<ShapeOf<typeof turned>, [2, 1, 8, 8, 8]>>();
  assert.deepEqual(turned.shape, [2, 1, 8, 8, 8]);
  const joined = concatenate([zeros([4, 3]), zeros([4, 10]), zeros([4, 1])], -1);
  holds<Equal<ShapeOf<typeof joined>, [4, 14]>>();
  assert.deepEqual(joined.shape, [4, 14]);
  const product = einsum("bij,bjk->bki", zeros([4, 2, 3]), zeros([4, 3, 5]));
  holds<Equal<ShapeOf<typeof product>, [4, 5, 2]>>();
  assert.deepEqual(product.shape, [4, 5, 2]);
  // What is not known defers to run time.
  const some: Tensor = zeros([4, 3]);
  holds<Equal<ShapeOf<ReturnType<typeof expandDims<typeof some, 0>>>, readonly number[]>>();
  assert.deepEqual(concatenate([some, zeros([4, 1])], 1).shape, [4, 4]);
});

test("what cannot fit is an error where it is written, and when it runs", async () => {
  await setDevice("reference");
  // @ts-expect-error a window of 5 does not fit into 3
  assert.throws(() => conv(zeros([1, 3, 3, 1]), zeros([5, 5, 1, 2])), ShapeError);
  // @ts-expect-error a window of 4 does not fit into 3
  assert.throws(() => maxPool(zeros([1, 3, 3, 1]), 4), ShapeError);
  // @ts-expect-error sizes 2 and 4 differ along an axis that is not joined
  assert.throws(() => concatenate([zeros([2, 3]), zeros([4, 3])], 1), ShapeError);
  // @ts-expect-error einsum: label j has the sizes 3 and 5
  assert.throws(() => einsum("ij,jk->ik", zeros([2, 3]), zeros([5, 4])), ShapeError);
});
