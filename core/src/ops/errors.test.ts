import assert from "node:assert/strict";
import { test } from "node:test";
import { withScope } from "../graph/index.ts";
import { messageOf, shaped } from "./check.ts";
import * as ops from "./index.ts";

const { random } = ops;
const m = shaped([32, 10], "f32", "m");
const n = shaped([32, 12], "f32", "n");
const whole = shaped([4], "i32", "whole");
const image = shaped([8, 5, 5, 3], "f32", "image");
const kernel = shaped([3, 3, 3, 6], "f32", "kernel");
const key = shaped([2], "u32", "key");

test("a broadcasting error tells shapes, origins and the axis", () => {
  const left = withScope("encoder", () => shaped([32, 10], "f32", "hidden"));
  assert.equal(
    messageOf(() => ops.add(left, n)),
    `ShapeError: add: shapes [32, 10] and [32, 12] do not broadcast
  left   [32, 10]  hidden, in encoder
  right  [32, 12]  n
  hint   axis -1 has sizes 10 and 12; they must be equal, or one of them 1`,
  );
});

test("a matmul error is the one of the design", () => {
  const left = withScope("encoder", () => ops.reshape(shaped([32, 28, 28]), [32, -1]));
  const right = shaped([512, 128], "f32", "variable encoder/dense_1/kernel");
  assert.equal(
    messageOf(() => ops.matmul(left, right)),
    `ShapeError: matmul: inner sizes differ, 784 and 512
  left   [32, 784]   reshape, in encoder
  right  [512, 128]  variable encoder/dense_1/kernel
  hint   the last axis of left must have the size of the second last axis of right`,
  );
});

test("numbers are weak, but do not change a tensor's dtype", () => {
  assert.equal(ops.add(whole, 2).dtype, "i32");
  assert.equal(ops.mul(0.5, shaped([2], "bf16")).dtype, "bf16");
  assert.equal(ops.add(1, 2).dtype, "f32");
  assert.equal(
    messageOf(() => ops.add(whole, 0.5)),
    `DTypeError: add: the number 0.5 does not fit dtype i32
  tensor  i32 [4]  whole
  number  0.5      takes the tensor's dtype
  hint    cast the tensor first: cast(x, "f32")`,
  );
  assert.equal(
    messageOf(() => ops.mul(m, ops.cast(n, "f16"))),
    `DTypeError: mul: dtypes differ, f32 and f16
  left   [32, 10]      m
  right  f16 [32, 12]  cast
  hint   cast one of them: cast(x, "f32")`,
  );
});

/** What is refused, and the first line of the message. */
const refused: readonly (readonly [string, () => unknown])[] = [
  ["DTypeError: add: the number 300 does not fit dtype u8", () => ops.add(shaped([1], "u8"), 300)],
  ["DTypeError: add: the number -1 does not fit dtype u32", () => ops.add(shaped([1], "u32"), -1)],
  ["DTypeError: add: the number NaN does not fit dtype i32", () => ops.add(whole, NaN)],
  ["DTypeError: div: i32 tensors have no exact quotient", () => ops.div(whole, 2)],
  ["DTypeError: pow: a i32 tensor needs a whole, non-negative number as exponent", () => ops.pow(whole, -1)],
  ["DTypeError: exp: needs a float tensor, received i32", () => ops.exp(whole)],
  ["DTypeError: softmax: needs a float tensor, received i32", () => ops.softmax(whole)],
  ["ShapeError: where: shapes [3], [32, 10] and [] do not broadcast", () => ops.where(shaped([3]), m, 0)],
  ["ShapeError: sum: axis 2 is out of range for rank 2", () => ops.sum(m, 2)],
  ["ShapeError: sum: axis -3 is out of range for rank 2", () => ops.sum(m, -3)],
  ["ArgumentError: sum: axes [1,-1] name an axis twice", () => ops.sum(m, [1, -1])],
  ["ShapeError: max: axis 1 is empty and has no max", () => ops.max(shaped([2, 0]), 1)],
  ["ShapeError: argmax: axis 0 is empty", () => ops.argmax(shaped([0]), 0)],
  ["ShapeError: softmax: axis 5 is out of range for rank 2", () => ops.softmax(m, 5)],
  ["ShapeError: reshape: 320 elements do not fit [7, 5]", () => ops.reshape(m, [7, 5])],
  ["ShapeError: reshape: 320 elements do not fit [7, -1]", () => ops.reshape(m, [7, -1])],
  ["ShapeError: reshape: [32, 10] to [-1, -1]: only one size may be -1", () => ops.reshape(m, [-1, -1])],
  ["ShapeError: reshape: [32, 10] to [1.5, 2]: 1.5 is not a size", () => ops.reshape(m, [1.5, 2])],
  ["ShapeError: transpose: [0, 0] is no order of 2 axes", () => ops.transpose(m, [0, 0])],
  ["ShapeError: squeeze: axis 1 has size 10, not 1", () => ops.squeeze(m, 1)],
  ["ShapeError: broadcastTo: [32, 10] does not broadcast to [32, 20]", () => ops.broadcastTo(m, [32, 20])],
  ["ShapeError: concatenate: shapes [32, 10] and [32, 12] differ outside axis 0", () => ops.concatenate([m, n])],
  ["DTypeError: concatenate: dtypes differ, f32 and i32", () => ops.concatenate([m, ops.cast(m, "i32")])],
  ["ArgumentError: concatenate: needs at least one tensor", () => ops.concatenate([])],
  ["ShapeError: stack: shapes [32, 10] and [32, 12] differ", () => ops.stack([m, n])],
  ["ShapeError: split: axis 1 of size 10 has no 3 equal parts", () => ops.split(m, 3, 1)],
  ["ShapeError: slice: index 10 is out of range for axis 1 of size 10", () => ops.slice(m, [0, 10])],
  ["ShapeError: slice: 3 indices for 2 axes", () => ops.slice(m, [0, 0, {}])],
  ['ArgumentError: slice: "..." may appear only once', () => ops.slice(m, ["...", "..."])],
  ["ArgumentError: slice: the step of axis 0 is 0", () => ops.slice(m, [{ step: 0 }])],
  ["ArgumentError: slice: 0.5 is no whole number, at axis 0", () => ops.slice(m, [{ stop: 0.5 }])],
  [
    "ShapeError: sliceUpdate: an update of [2, 2] from [31, 0] leaves [32, 10] at axis 0",
    () => ops.sliceUpdate(m, [31, 0], shaped([2, 2])),
  ],
  [
    'ShapeError: pad: axis 0 of size 4 cannot be padded by 4 in mode "reflect"',
    () => ops.pad(shaped([4]), 4, { mode: "reflect" }),
  ],
  [
    "ArgumentError: pad: widths [-1,0] of axis 0 must be two whole numbers of at least 0",
    () => ops.pad(whole, [-1, 0]),
  ],
  ["DTypeError: gather: indices are f32, not integers", () => ops.gather(m, shaped([3]))],
  [
    "ShapeError: scatterAdd: shapes [4, 9] and [4, 10] do not broadcast",
    () => ops.scatterAdd(m, whole, shaped([4, 9])),
  ],
  ["ShapeError: scatterAdd: updates [2, 4, 10] do not fit [4, 10]", () => ops.scatterAdd(m, whole, shaped([2, 4, 10]))],
  ["ShapeError: takeAlongAxis: the indices have 1 axes, not 2", () => ops.takeAlongAxis(m, whole)],
  ["ShapeError: topK: k = 11 is larger than axis -1 of size 10", () => ops.topK(m, 11)],
  ["ShapeError: matmul: a scalar is no matrix", () => ops.matmul(m, shaped([]))],
  [
    "ShapeError: matmul, batch axes: shapes [2] and [3] do not broadcast",
    () => ops.matmul(shaped([2, 4, 5]), shaped([3, 5, 4])),
  ],
  ["ShapeError: dot: inner sizes differ, 10 and 32", () => ops.dot(m, n)],
  ["ShapeError: tensordot: axes 0 and 1 have sizes 32 and 12", () => ops.tensordot(m, n, [[0], [1]])],
  ['ArgumentError: einsum: "ij->ij->i" has more than one "->"', () => ops.einsum("ij->ij->i", m)],
  ['ArgumentError: einsum: "ij,jk" names 2 operands, received 1', () => ops.einsum("ij,jk", m)],
  ['ArgumentError: einsum: "i?->i" contains "?", which is no label', () => ops.einsum("i?->i", m)],
  ['ArgumentError: einsum: "ij->k" has "k" in the output but in no operand', () => ops.einsum("ij->k", m)],
  ['ArgumentError: einsum: "ij->ii" repeats a label in the output', () => ops.einsum("ij->ii", m)],
  ['ShapeError: einsum: "ijk" names 3 axes, operand 0 has 2', () => ops.einsum("ijk->i", m)],
  ['ShapeError: einsum: label "j" has sizes 10 and 12 in "ij,ij->i"', () => ops.einsum("ij,ij->i", m, n)],
  ["ShapeError: conv: the kernel expects 3 channels, the input has 4", () => ops.conv(shaped([1, 5, 5, 4]), kernel)],
  [
    "ShapeError: conv: the kernel expects 3 in each of 2 groups channels, the input has 3",
    () => ops.conv(image, kernel, { groups: 2 }),
  ],
  ["ShapeError: conv: the input has 1 spatial axes, the kernel 2", () => ops.conv(shaped([1, 5, 3]), kernel)],
  ["ShapeError: conv: needs [batch, ...1 to 3 spatial axes, channels], received 2 axes", () => ops.conv(m, kernel)],
  [
    "ShapeError: conv: a window of 7 does not fit spatial axis 0 of size 5",
    () => ops.conv(image, kernel, { dilation: 3 }),
  ],
  [
    'ArgumentError: conv: padding "causal" needs one spatial axis, not 2',
    () => ops.conv(image, kernel, { padding: "causal" }),
  ],
  [
    "ArgumentError: conv: strides has 3 entries for 2 spatial axes",
    () => ops.conv(image, kernel, { strides: [1, 1, 1] }),
  ],
  ["ArgumentError: conv: strides must be whole numbers of at least 1", () => ops.conv(image, kernel, { strides: 0 })],
  [
    "ShapeError: conv: 6 filters do not divide into 4 groups",
    () => ops.conv(shaped([1, 5, 5, 12]), kernel, { groups: 4 }),
  ],
  ["ShapeError: convTranspose: the kernel expects 6 channels, the input has 3", () => ops.convTranspose(image, kernel)],
  [
    "ArgumentError: convTranspose: outputPadding [2, 2] does not fit strides [2, 2]",
    () => ops.convTranspose(image, shaped([3, 3, 1, 3]), { strides: 2, outputPadding: 2 }),
  ],
  ["ShapeError: maxPool: a window of 6 does not fit spatial axis 0 of size 5", () => ops.maxPool(image, 6)],
  [
    "ShapeError: categoricalCrossentropy: the targets are [32], the output is [32, 10]",
    () => ops.categoricalCrossentropy(shaped([32]), m),
  ],
  [
    "ShapeError: sparseCategoricalCrossentropy: the labels are [4], expected [32] for an output of [32, 10]",
    () => ops.sparseCategoricalCrossentropy(whole, m),
  ],
  ["ShapeError: random.bits: the first argument is no key (u32 [2])", () => random.bits(whole, [3])],
  ["ArgumentError: random.key: the seed -1 is no whole number from 0 to 2^53 - 1", () => random.key(-1)],
  ["ArgumentError: random.randint: no i32 range from 5 to 5", () => random.randint(key, [1], 5, 5)],
  ["ArgumentError: random.uniform: no range from 1 to 1", () => random.uniform(key, [1], { low: 1 })],
  ["ArgumentError: random.normal: dtype i32 is no float", () => random.normal(key, [1], { dtype: "i32" })],
  ["ArgumentError: random.dropout: the rate 2 is not in 0 to 1", () => random.dropout(key, m, 2)],
  ["ArgumentError: scan: the number of steps is unknown", () => ops.scan((carry) => ({ carry, out: [] }), [m], [])],
  [
    "ShapeError: scan: sequences have 32 and 4 steps along axis 0",
    () => ops.scan((carry) => ({ carry, out: [] }), [], [m, whole]),
  ],
  [
    "ShapeError: scan: carry 0 is f32 [10], the body returned f32 []",
    () => ops.scan(([c]) => ({ carry: [ops.sum(c!)], out: [] }), [shaped([10])], [m]),
  ],
  [
    "ShapeError: cond: the condition is no scalar but [4]",
    () =>
      ops.cond(
        whole,
        () => [m],
        () => [m],
      ),
  ],
  [
    "ShapeError: cond: result 0 is f32 [32, 10] or f32 [32, 12]",
    () =>
      ops.cond(
        shaped([], "bool"),
        () => [m],
        () => [n],
      ),
  ],
];

test("callers without types are told what is no list, no tensor and no norm", () => {
  const other = (value: unknown): never => value as never;
  for (const [body, first] of [
    [() => ops.sum(m, other("0")), 'sum: axes must be a list, received "0"'],
    [() => ops.max(m, other({ axis: 0 })), 'max: axes must be a list, received {"axis":0}'],
    [() => ops.reshape(m, other("1")), 'reshape: the shape must be a list, received "1"'],
    [() => ops.slice(m, other(3)), "slice: the spec must be a list, received 3"],
    [() => ops.pad(m, other([1, 1, 1])), "pad: widths 1 of axis 0 must be two whole numbers of at least 0"],
    [
      () => ops.pad(m, other([[1, 1, 1], [1]])),
      "pad: widths [1,1,1] of axis 0 must be two whole numbers of at least 0",
    ],
    [() => ops.pad(ops.less(m, 0), 1, { value: 2 }), "pad: the number 2 does not fit dtype bool"],
    [() => ops.mul(m, other("2")), "mul: dtypes differ, f32 and undefined"],
    [() => ops.cast(m, other({ dtype: "i32" })), 'cast: unknown dtype {"dtype":"i32"}'],
    [() => ops.norm(m, [0, 1], { order: 1 }), "norm: no order 1 along 2 axes"],
    [() => ops.normOf(m, [0, 1], { order: 3 }), "norm: matrices have no norm of order 3"],
    [() => ops.normOf(m, 0, { order: "fro" }), "norm: no order fro along 1 axes"],
  ] as const)
    assert.equal(
      messageOf(body)
        .split("\n")[0]
        ?.replace(/^\w+: /, ""),
      first,
    );
});

test("what does not fit is refused at the door, in the user's words", () => {
  for (const [first, body] of refused) assert.equal(messageOf(body).split("\n")[0], first);
});

test("an impossible window tells everything that decided it", () => {
  assert.equal(
    messageOf(() => ops.conv(image, shaped([7, 3, 3, 6], "f32", "kernel"), { strides: 2 })),
    `ShapeError: conv: a window of 7 does not fit spatial axis 0 of size 5
  input    [8, 5, 5, 3]  image
  window   [7, 3]
  strides  [2, 2]
  padding  "valid"
  hint     use a smaller window, padding "same", or a larger input`,
  );
});

/** What nobody's type checker has seen: names out of a file, or of a program in JavaScript. */
const unknown = (name: string): never => name as never;

const misspelt: Readonly<Record<string, readonly [make: () => unknown, told: string]>> = {
  dtype: [() => ops.cast(m, unknown("float32")), 'cast: unknown dtype "float32"'],
  "a constant's dtype": [() => ops.zeros([2], unknown("f64")), 'const: unknown dtype "f64"'],
  "mode of pad": [() => ops.pad(m, 1, { mode: unknown("reflekt") }), 'pad: unknown mode "reflekt"'],
  "interpolation of resize": [
    () => ops.resize(image, [2, 2], { interpolation: unknown("bilinar") }),
    'resize: unknown interpolation "bilinar"',
  ],
  "padding of conv": [() => ops.conv(image, kernel, { padding: unknown("sam") }), 'conv: unknown padding "sam"'],
  "padding of convTranspose": [
    () => ops.convTranspose(image, shaped([3, 3, 6, 3]), { padding: unknown("sam") }),
    'convTranspose: unknown padding "sam"',
  ],
  "padding of extractPatches": [
    () => ops.extractPatches(image, 2, { padding: unknown("sam") }),
    'extractPatches: unknown padding "sam"',
  ],
  "method of quantile": [
    () => ops.quantile(m, 0.5, undefined, { method: unknown("liner") }),
    'quantile: unknown method "liner"',
  ],
  "side of searchSorted": [
    () => ops.searchSorted(shaped([3]), 1, unknown("middle")),
    'searchSorted: unknown side "middle"',
  ],
};
for (const [name, [make, told]] of Object.entries(misspelt))
  test(`an unknown ${name} is refused, with the names that there are`, () => {
    const lines = messageOf(make).split("\n");
    assert.equal(lines[0], `ArgumentError: ${told}`);
    assert.match(lines[1] ?? "", /^ {2}hint +(did you mean|use|valid names)/);
  });
