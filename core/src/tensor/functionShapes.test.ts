import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ChainruleError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import * as t from "./index.ts";
import { setDevice, type Tensor, zeros } from "./index.ts";

// What the types know of functions and methods is checked when this file is compiled, and that it is true when it runs: a line
// gives a result and its shape.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type If<Holds, Wrong> = Holds extends true ? unknown : Wrong;
type ShapeOf<X> = X extends Tensor<infer S> ? S : never;
type Plain<S> = { -readonly [K in keyof S]: S[K] };

const gives = <X extends Tensor, const E extends Shape>(
  x: X,
  expected: E & If<Equal<Plain<ShapeOf<X>>, Plain<E>>, X>,
): void => assert.deepEqual([...x.shape], [...expected]);
/** Each of a list whose length the types know. */
const givesEach = <X extends readonly Tensor[], const E extends readonly Shape[]>(
  xs: X,
  expected: E &
    If<Equal<{ -readonly [K in keyof X]: Plain<ShapeOf<X[K]>> }, { -readonly [K in keyof E]: Plain<E[K]> }>, X>,
): void =>
  assert.deepEqual(
    xs.map(({ shape }) => shape),
    expected as readonly Shape[],
  );

before(() => setDevice("reference"));
const x = zeros([6, 7, 8]);
const matrix = zeros([4, 5]);
const image = zeros([2, 9, 8, 6]);
const indices = zeros([3, 2], "i32");

test("slices", () => {
  gives(t.slice(x, [2]), [7, 8]);
  gives(t.slice(x, [-1, {}, 3]), [7]);
  gives(t.slice(x, [{ start: 1 }, { stop: -2 }, { start: 2, stop: 5 }]), [5, 5, 3]);
  gives(t.slice(x, [{ start: -3 }, { stop: 100 }, { start: 9 }]), [3, 7, 0]);
  gives(t.slice(x, ["...", null, 0]), [6, 7, 1]);
  gives(t.slice(x, [null, 1, "..."]), [1, 7, 8]);
  gives(t.slice(x, [1, 2, 3, "..."]), []);
  gives(t.slice(x, [{ step: 2 }, { step: 3 }, { start: 1, step: 4 }]), [3, 3, 2]);
  gives(t.slice(x, [{ step: -1 }]), [6, 7, 8]);
  gives(x.slice([{ start: 5, stop: 2 }]), [0, 7, 8]);
  gives(x.slice([{ stop: undefined }, 6]), [6, 8]);
});

test("parts", () => {
  givesEach(t.split(x, 3), [[2, 7, 8], [2, 7, 8], [2, 7, 8]]); // biome-ignore format: a row of shapes
  givesEach(t.split(x, [2, 5], 1), [[6, 2, 8], [6, 3, 8], [6, 2, 8]]); // biome-ignore format: likewise
  givesEach(x.split([-3, 4], -1), [[6, 7, 5], [6, 7, 0], [6, 7, 4]]); // biome-ignore format: likewise
  givesEach(x.split(2, -1), [[6, 7, 4], [6, 7, 4]]); // biome-ignore format: likewise
  givesEach(t.unstack(matrix, 0), [[5], [5], [5], [5]]);
  givesEach(zeros([2, 3]).unstack(-1), [[2], [2], [2]]);
  gives(t.take(x, 3, 1), [6, 8]);
  gives(t.take(x, [3, 1], -1), [6, 7, 2]);
  gives(t.take(x, indices, 0), [3, 2, 7, 8]);
  gives(t.take(x, indices), [3, 2]);
  gives(x.take([1, 2, 3]), [3]);
  gives(x.take(1, 0), [7, 8]);
  gives(t.gather(x, indices), [3, 2, 7, 8]);
  gives(t.gather(x, indices, 2), [6, 7, 3, 2]);
  gives(t.takeAlongAxis(matrix, zeros([4, 2], "i32")), [4, 2]);
  gives(matrix.takeAlongAxis(zeros([1, 5], "i32"), 0), [1, 5]);
  gives(x.topK(2).values, [6, 7, 2]);
  gives(x.topK(3, 0).indices, [3, 7, 8]);
});

test("what moves, grows or is repeated", () => {
  gives(t.moveAxis(x, 0, -1), [7, 8, 6]);
  gives(t.moveAxis(x, -1, 0), [8, 6, 7]);
  gives(x.moveAxis(2, 1), [6, 8, 7]);
  gives(t.tile(x, 2), [6, 7, 16]);
  gives(t.tile(matrix, [3, 1, 2]), [3, 4, 10]);
  gives(x.tile([2, 1]), [6, 14, 8]);
  gives(t.repeat(x, 3, 1), [6, 21, 8]);
  gives(t.repeat(matrix, [1, 0, 2, 4], 0), [7, 5]);
  gives(matrix.repeat(2), [40]);
  gives(t.pad(x, 1), [8, 9, 10]);
  gives(t.pad(x, [0, 2]), [8, 9, 10]);
  gives(x.pad([[0, 0], [1, 2], [30, 0]]), [6, 10, 38]); // biome-ignore format: a row of pairs
  gives(t.flip(x, 1), [6, 7, 8]);
  gives(t.roll(x, 2), [6, 7, 8]);
  gives(t.squeeze(zeros([3, 1, 2]), 1), [3, 2]);
  gives(zeros([3, 1, 2, 1]).squeeze(), [3, 2]);
  gives(t.broadcastTo(matrix, [3, 4, 5]), [3, 4, 5]);
  gives(zeros([4, 1]).broadcastTo([4, 9]), [4, 9]);
  gives(t.where(zeros([6, 1, 1], "bool"), x, zeros([7, 8])), [6, 7, 8]);
  gives(t.where(zeros([7, 1], "bool"), zeros([8]), 0), [7, 8]);
  gives(zeros([8]).where(zeros([7, 1], "bool"), 0), [7, 8]);
});

test("products", () => {
  gives(t.dot(matrix, zeros([3, 5, 2])), [4, 3, 2]);
  gives(zeros([5]).dot(zeros([5])), []);
  gives(t.inner(matrix, zeros([3, 5])), [4, 3]);
  gives(t.outer(zeros([2, 3]), zeros([4])), [6, 4]);
  gives(zeros([3]).outer(zeros([4])), [3, 4]);
  gives(t.tensordot(x, zeros([7, 8, 3])), [6, 3]);
  gives(t.tensordot(x, matrix, 0), [6, 7, 8, 4, 5]);
  gives(t.tensordot(x, zeros([7, 2, 6]), [[0, 1], [2, 0]]), [8, 2]); // biome-ignore format: a pair of lists
  gives(t.trace(x), [8]);
  gives(t.matmul(zeros([2, 1, 4, 5]), zeros([3, 5, 6])), [2, 3, 4, 6]);
  gives(t.kron(matrix, zeros([2, 3])), [8, 15]);
});

test("convolutions and images", () => {
  gives(t.convTranspose(image, zeros([3, 3, 4, 6])), [2, 11, 10, 4]);
  gives(t.convTranspose(image, zeros([2, 3, 4, 6]), { strides: 2, padding: "same" }), [2, 18, 16, 4]);
  gives(t.convTranspose(image, zeros([2, 3, 4, 6]), { strides: [3, 1], dilation: 2 }), [2, 27, 12, 4]);
  gives(t.depthwiseConv(image, zeros([3, 5, 6, 2])), [2, 7, 4, 12]);
  gives(t.separableConv(image, zeros([3, 3, 6, 2]), zeros([1, 1, 12, 5]), { padding: "same" }), [2, 9, 8, 5]);
  gives(t.conv(image, zeros([3, 3, 2, 9]), { groups: 3 }), [2, 7, 6, 9]);
  gives(t.glu(image), [2, 9, 8, 3]);
  gives(t.glu(image, 2), [2, 9, 4, 6]);
  gives(t.depthToSpace(zeros([2, 3, 4, 12]), 2), [2, 6, 8, 3]);
  gives(t.spaceToDepth(zeros([2, 6, 8, 3]), 2), [2, 3, 4, 12]);
  gives(t.categoricalCrossentropy(zeros([4, 5]), matrix), [4]);
  gives(t.sparseCategoricalCrossentropy(zeros([4], "i32"), matrix, { fromLogits: true }), [4]);
  gives(t.categoricalCrossentropy(zeros([4, 5]), matrix, { axis: 0 }), [5]);
});

test("NumPy's ways to put together", () => {
  gives(t.hstack([matrix, zeros([4, 2])]), [4, 7]);
  gives(t.hstack([zeros([3]), zeros([2])]), [5]);
  gives(t.vstack([matrix, zeros([1, 5])]), [5, 5]);
  gives(t.vstack([zeros([3]), zeros([3])]), [2, 3]);
  gives(t.append(matrix, zeros([4, 1]), 1), [4, 6]);
  gives(t.append(matrix, zeros([3])), [23]);
  gives(t.diff(x), [6, 7, 7]);
  gives(t.diff(x, 2, 0), [4, 7, 8]);
});

test("what cannot fit is a sentence at the call, and an error when it runs", () => {
  const refuses = (call: () => unknown, words: RegExp): void =>
    assert.throws(call, (error) => error instanceof ChainruleError && words.test(error.message));
  // @ts-expect-error slice: index 6 is out of range for an axis of size 6: [6, 7, 8]
  refuses(() => t.slice(x, [6]), /index 6 is out of range/);
  // @ts-expect-error slice: index -8 is out of range for an axis of size 7
  refuses(() => x.slice([0, -8]), /index -8 is out of range/);
  // @ts-expect-error slice: 4 indices for 3 axes: [6, 7, 8]
  refuses(() => t.slice(x, [0, 0, 0, 0]), /4 indices for 3 axes/);
  // @ts-expect-error split: an axis of size 7 has no 2 equal parts
  refuses(() => t.split(x, 2, 1), /size 7 has no 2 equal parts/);
  // @ts-expect-error the same of the method
  refuses(() => x.split(4), /size 6 has no 4 equal parts/);
  // @ts-expect-error pad: 2 pairs for 3 axes
  refuses(() => t.pad(x, [[0, 1], [0, 1]]), /2 pairs for 3 axes/); // biome-ignore format: a row of pairs
  // @ts-expect-error squeeze: axis 1 has size 7, not 1
  refuses(() => x.squeeze(1), /axis 1 has size 7, not 1/);
  // @ts-expect-error [4, 5] does not broadcast to [4, 6]
  refuses(() => t.broadcastTo(matrix, [4, 6]), /\[4, 5\] does not broadcast to \[4, 6\]/);
  // @ts-expect-error [4, 5] does not broadcast to [5]
  refuses(() => matrix.broadcastTo([5]), /does not broadcast/);
  // @ts-expect-error sizes 5 and 3 differ, and neither is 1
  refuses(() => t.where(zeros([4, 1], "bool"), matrix, zeros([3])), /3/);
  // @ts-expect-error sizes 4 and 2 differ, and neither is 1
  refuses(() => t.where(zeros([2, 1], "bool"), matrix, 0), /2/);
  // @ts-expect-error dot: inner sizes differ, 5 and 4
  refuses(() => t.dot(matrix, zeros([4, 2])), /inner sizes differ, 5 and 4/);
  // @ts-expect-error tensordot: inner sizes differ, 7 and 4
  refuses(() => t.tensordot(x, zeros([4, 8])), /sizes 7 and 4/);
  // @ts-expect-error matmul: inner sizes differ, 5 and 4
  refuses(() => t.matmul(zeros([2, 4, 5]), zeros([2, 4, 5])), /inner sizes differ/);
  // @ts-expect-error sizes 2 and 3 differ, and neither is 1: [2] and [3]
  refuses(() => t.matmul(zeros([2, 4, 5]), zeros([3, 5, 4])), /broadcast/);
  // @ts-expect-error takeAlongAxis: the indices have 1 axes, not 2
  refuses(() => t.takeAlongAxis(matrix, zeros([3], "i32")), /indices have 1 axes, not 2/);
  // @ts-expect-error the kernel expects 5 channels, the input has 6: [2, 9, 8, 6]
  refuses(() => t.conv(image, zeros([3, 3, 5, 4])), /expects 5 channels, the input has 6/);
  // @ts-expect-error the same
  refuses(() => t.convTranspose(image, zeros([3, 3, 6, 4])), /expects 4 channels, the input has 6/);
  // @ts-expect-error the same
  refuses(() => t.depthwiseConv(image, zeros([3, 3, 5, 4])), /expects 5 channels, the input has 6/);
});

test("what is not known is any number", () => {
  const n: number = Math.random() < 2 ? 3 : 4;
  const open: Tensor<[number, 8]> = zeros([n, 8]);
  const some: Tensor = open;
  const [left, right] = t.split(open, 2, 1);
  const halves: readonly Tensor<[number, 4]>[] = [left, right];
  assert.deepEqual(halves.map(({ shape }) => shape), [[3, 4], [3, 4]]); // biome-ignore format: a row of shapes
  const rows: Tensor<[8]>[] = t.unstack(open);
  assert.equal(rows.length, 3);
  const part: Tensor<[number, 2]> = open.slice([{ stop: n }, { start: 6 }]);
  assert.deepEqual(part.shape, [3, 2]);
  const any: Tensor = some.slice([n - 1, "..."]);
  assert.deepEqual(any.shape, [8]);
  const parts: Tensor[] = some.split(n);
  assert.equal(parts.length, 3);
  const wide: Tensor<[number, number]> = open.pad(n);
  assert.deepEqual(wide.shape, [9, 14]);
  assert.deepEqual(some.squeeze().shape, [3, 8]);
  assert.deepEqual(t.where(some.greater(1), 0, some).shape, [3, 8]);
});
