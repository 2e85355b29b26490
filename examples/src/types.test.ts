import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { checkFile, checkText } from "./types/compiler.ts";
import { LanguageServer } from "./types/languageServer.ts";
import { lastName, thirtyLayers } from "./types/measure.ts";

/** What two models of thirty layers may cost the compiler, all that the library's types need included. */
const mostInstantiations = 100_000;

test("two models of thirty layers stay within the budget of the compiler", async () => {
  const { errors, figures } = await checkFile(thirtyLayers);
  assert.deepEqual(errors, []);
  const { Instantiations: spent } = figures;
  assert.ok(spent !== undefined && spent > 0, "the compiler no longer prints its instantiations");
  console.log(`types of two models of thirty layers: ${spent} instantiations of at most ${mostInstantiations}`);
  assert.ok(spent <= mostInstantiations, `${spent} instantiations, more than ${mostInstantiations}`);
});

test("the editor shows the shapes of the last line", { timeout: 60_000 }, async () => {
  const server = await LanguageServer.start();
  try {
    const uri = await server.open(thirtyLayers);
    const shown = await server.hover(uri, lastName(await readFile(thirtyLayers, "utf8")));
    assert.match(shown, /readonly kind: Tensor<\[number, 12\], DType>/);
    assert.match(shown, /readonly score: Tensor<\[number, 1\], DType>/);
  } finally {
    await server.stop();
  }
});

/** What is written, and the sentence that the compiler's error holds. */
const refused: readonly (readonly [string, string])[] = [
  ["layers.conv2d(8, 5)(input([3, 9, 1]))", "a window of 5 does not fit into 3: [number, 3, 9, 1]"],
  ["layers.maxPooling1d(4)(input([3, 8]))", "a window of 4 does not fit into 3"],
  ["layers.conv2d(8, 3)(input([28, 28]))", "expected 4 axes (batch, height, width, channels), received 3"],
  ["layers.dense(8)(input([]))", "expected at least 2 axes (batch, features), received 1"],
  ["layers.reshape([10, 10])(input([28, 28]))", "784 values do not fit into a shape of 100"],
  ["layers.reshape([-1, 10])(input([28, 28]))", "784 values cannot be split into parts of 10"],
  ["layers.add([input([32]), input([64])])", "sizes 32 and 64 differ, and neither is 1"],
  ["layers.add()([input([32]), input([64])])", "sizes 32 and 64 differ, and neither is 1"],
  ["layers.concatenate([input([5, 8]), input([6, 8])])", "sizes 5 and 6 differ along an axis that is not joined"],
  ["layers.dot(1)([input([3]), input([4])])", "axes of 3 and 4 cannot be summed over together"],
  ["layers.cropping1d(3)(input([5, 8]))", "cutting 6 leaves nothing of 5"],
  ["layers.permute([2, 1])(input([5]))", "2 axes are put in order, and the input has 1 after the batch"],
  ["layers.gru(8)(input([5]))", "expected at least 3 axes (batch, time, features), received 2"],
  ["layers.timeDistributed(layers.conv1d(2, 7))(input([4, 5, 1]))", "a window of 7 does not fit into 5"],
  [
    "layers.flatten()(layers.embedding(9, 8, { maskZero: true })(input([5])))",
    "the layer cannot take the input's mask into account: layers.dropMask()(x) drops it",
  ],
  [
    "sequential([input([28, 28, 1]), layers.conv2d(4, 3), layers.reshape([9]), layers.dense(1)])",
    "2704 values do not fit into a shape of 9",
  ],
  [
    "sequential([input([784]), layers.dense(10)])(zeros([32, 512]))",
    "the model takes [number, 784], received [32, 512]",
  ],
  ["sequential([layers.dense(10)]).add(layers.dense(5))", "this type lists the layers"],
  ["matmul(zeros([2, 3]), zeros([4, 5]))", "matmul: inner sizes differ, 3 and 4: [2, 3] and [4, 5]"],
  ["matmul(input([3]), zeros([4, 5]))", "matmul: inner sizes differ, 3 and 4: [number, 3] and [4, 5]"],
  ["add(input([3]), input([4]))", "sizes 3 and 4 differ, and neither is 1: [number, 3] and [number, 4]"],
  ["zeros([2, 3]).add(zeros([2, 4]))", "sizes 3 and 4 differ, and neither is 1: [2, 3] and [2, 4]"],
  ["reshape(input([28, 28]).mean(0), [10])", "784 values do not fit into a shape of 10: [28, 28] and [10]"],
  ["zeros([2, 3]).reshape([-1, 4])", "6 values cannot be split into parts of 4: [2, 3] to [-1, 4]"],
  [
    "concatenate([input([3]), input([4])])",
    "sizes 3 and 4 differ along an axis that is not joined: [number, 3] and [number, 4]",
  ],
  ["stack([zeros([2, 3]), zeros([3, 2])])", "stack: the shapes differ, [2, 3] and [3, 2]"],
  ['einsum("ij,jk->ik", input([3]), zeros([4, 5]))', "einsum: label j has the sizes 3 and 4"],
  ["maxPool(zeros([1, 4, 4, 1]), 5)", "a window of 5 does not fit into 4: [1, 4, 4, 1]"],
  [
    'model(input([2]), { a: input([2]), b: input([2]) }).compile({ loss: { nmae: "mse" } })',
    "'nmae' does not exist in type 'Loss | LossFunction | readonly (LossLike | null)[] | { readonly a?: LossLike",
  ],
  [
    "model(input([2]), { a: input([2]) }).fit({ x: zeros([4, 2]), y: { nmae: zeros([4, 2]) } })",
    'the model has no output \\"nmae\\"',
  ],
  ["layers.dense(8, { units: 3 })(input([8]))", "'units' does not exist in type 'DenseOptions'"],
];

test("each mistake is one error, a sentence with both sizes", async () => {
  const head =
    'import { add, concatenate, einsum, input, layers, matmul, maxPool, model, reshape, sequential, stack, zeros } from "chainrule";';
  const { errors } = await checkText([head, ...refused.map(([program]) => `${program};`)].join("\n"));
  for (const [index, [program, sentence]] of refused.entries()) {
    const found = errors.filter(({ line }) => line === index + 2);
    assert.equal(found.length, 1, `${program} gives ${found.length} errors`);
    const [text] = found.map(({ text }) => text) as [string]; // there is one
    assert.ok(text.includes(sentence), `${program}: ${text}`);
    assert.ok(!text.includes("Overload 2 of"), `${program}: ${text}`); // what other signatures would take is noise
  }
  assert.equal(errors.length, refused.length);
});
