import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Dataset, ndarray } from "../data/index.ts";
import { input, layers, registerFunction } from "../nn/index.ts";
import { setDevice, setRandomSeed, type Tensor, tensor } from "../tensor/index.ts";
import { model, sequential } from "./index.ts";
import { modelFromBytes } from "./load.ts";
import { modelToBytes } from "./save.ts";

before(() => setDevice("wasm"));

const good = ["what a good film", "Good, good fun!", "a joy; really good", "fine and good"];
const bad = ["a bad film", "Bad. Just bad!", "really bad and dull", "no fun, bad"];
const texts = [...good, ...bad];
const labels = [1, 1, 1, 1, 0, 0, 0, 0];

async function vectorizer() {
  return layers.textVectorization({ maxTokens: 20, outputSequenceLength: 6 }).adapt(texts);
}

const classifier = (vectors: Awaited<ReturnType<typeof vectorizer>>) =>
  sequential([
    vectors,
    layers.embedding(20, 8, { maskZero: true }),
    layers.globalAveragePooling1d(),
    layers.dense(1, { activation: "sigmoid" }),
  ]);

test("a model that begins with texts is trained, evaluated, called, saved and loaded on texts", async () => {
  setRandomSeed(1);
  const whole = classifier(await vectorizer());
  whole.compile({ optimizer: "rmsprop", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  await whole.fit(texts, labels, {
    epochs: 60,
    batchSize: 4,
    verbose: "silent",
    validationData: { x: texts, y: labels },
  });
  assert.equal((await whole.evaluate(texts, labels))["accuracy"], 1);
  const asked = ["a good joke", "bad, bad, bad"];
  const [likes, dislikes] = [...(await (await whole.predict(asked)).data())];
  assert.ok(likes! > 0.5 && dislikes! < 0.5, `${likes} ${dislikes}`);
  const loaded = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(await (await loaded.predict(asked)).data(), await (await whole.predict(asked)).data());
});

test("a trained model gets its texts in front of it: the same numbers as in two steps", async () => {
  setRandomSeed(1);
  const vectors = await vectorizer();
  const inner = sequential([layers.embedding(20, 8), layers.flatten(), layers.dense(1)]);
  const tokens = vectors(texts);
  const expected = await (await inner.predict(tokens)).data();
  for (const shape of [[], [1]] as const) {
    const raw = input(shape, { dtype: "string" });
    const whole = model(raw, inner(vectors(raw)));
    const given = shape.length === 0 ? texts : texts.map((text) => [text]);
    assert.deepEqual(await (await whole.predict(given)).data(), expected);
  }
  assert.deepEqual(await (await sequential([vectors, inner]).predict(texts)).data(), expected);
});

test("texts, categories and numbers enter one model by name", async () => {
  setRandomSeed(1);
  const title = input([], { name: "title", dtype: "string" });
  const kind = input([1], { name: "kind", dtype: "string" });
  const zip = input([1], { name: "zip", dtype: "i32" });
  const price = input([1], { name: "price" });
  const words = layers.textVectorization({ vocabulary: ["good", "bad"], outputMode: "multiHot" });
  const kinds = layers.stringLookup({ vocabulary: ["film", "book"], outputMode: "oneHot" });
  const places = layers.hashing(5, { outputMode: "oneHot" });
  const joined = layers.concatenate()([words(title), kinds(kind), places(zip), price, layers.rescaling(2)(price)]);
  const whole = model([title, kind, zip, price], { joined });
  const x = { title: ["good film"], kind: [["book"]], zip: [[12345]], price: [[0.5]] };
  const { joined: found } = await whole.predict(x);
  const expected = await places([[12345]]).data();
  assert.deepEqual([...(await (found as Tensor).data())], [1, 1, 0, 0, 0, 1, ...expected, 0.5, 1]);
  assert.throws(() => whole.feed({ title: ["a"], kinds: [["a"]] }), /no input "kinds"[\s\S]*kind/);
  assert.throws(() => whole.feed({ title: ["a"] }), /missing data for input "kind"/);
  assert.throws(() => whole.feed(["a"]), /give a list of 4 arrays/);
});

test("functions of the user's own standardize and split; files hold their registered names", async () => {
  const standardize = (text: string): string => text.toUpperCase();
  const split = (text: string): string[] => text.split("|");
  const make = () => layers.textVectorization({ standardize, split, vocabulary: ["A", "B"] });
  assert.deepEqual(await make()(["a|b|c"]).array(), [[2, 3, 1]]);
  const whole = sequential([input([], { dtype: "string" }), make(), layers.embedding(4, 2)]);
  await assert.rejects(
    modelToBytes(whole),
    /standardize is a function of your own[\s\S]*registerFunction\("standardize"/,
  );
  registerFunction("standardize", "shout", standardize);
  registerFunction("split", "bars", split);
  const loaded = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(await (await loaded.predict(["a|x"])).data(), await (await whole.predict(["a|x"])).data());
});

test("what does not fit is said in words", async () => {
  const vectors = layers.textVectorization();
  assert.throws(() => vectors(["a"]), /no vocabulary yet[\s\S]*adapt/);
  assert.throws(() => vectors([1, 2]), /expected texts, in lists or arrays; received/);
  assert.throws(() => vectors(["a", ["b"]]), /expected a text at \[1\], received a list of 1/);
  assert.throws(() => layers.textVectorization({ vocabulary: ["a", "a"] }), /"a" twice/);
  assert.throws(() => layers.textVectorization({ maxTokens: 3, vocabulary: ["a", "b"] }), /maxTokens is 3/);
  assert.throws(
    () => layers.stringLookup({ vocabulary: ["a"], numOovIndices: 0 })(["b"]),
    /"b" is not in the vocabulary/,
  );
  assert.throws(() => layers.stringLookup({ vocabulary: ["a"], outputMode: "tfIdf" }), /idfWeights are missing/);
  assert.throws(
    // @ts-expect-error the type says it as well: expected at least 2 axes (batch, features), received 1
    () => layers.dense(2)(input([], { dtype: "string" })),
    /holds texts, and a Dense computes with numbers/,
  );
  const numbers = sequential([layers.dense(2)]);
  await assert.rejects(numbers.predict(["a"]), /must be arrays of numbers, received text[\s\S]*textVectorization/);
  const late = sequential([layers.embedding(3, 2), layers.hashing(3)]);
  await assert.rejects(late.predict(tensor([[1, 2]])), /works on the host/);
});

test("numbers go back to texts", () => {
  const lookup = layers.stringLookup({ vocabulary: ["a", "b"], maskToken: "" });
  assert.deepEqual(lookup.getVocabulary(), ["", "[UNK]", "a", "b"]);
  assert.deepEqual(lookup.lookup([3, 0, 1, 9]), ["b", "", "[UNK]", "[UNK]"]);
  assert.deepEqual(layers.textVectorization({ vocabulary: ["a", "b"] }).ragged(["a b x", "b"]), [[2, 3, 1], [3]]);
});

test("layers adapt to data sets of whatever form: elements, batches, inputs with their targets", async () => {
  const y = ndarray(labels);
  const forms: Dataset<unknown>[] = [
    Dataset.from(texts),
    Dataset.from(texts).batch(3),
    Dataset.fromTensorSlices({ x: texts, y }).batch(3),
    Dataset.fromTensorSlices([texts, y]).batch(3),
    Dataset.fromTensorSlices({ x: texts, y }),
  ];
  const expected = (await layers.textVectorization().adapt(texts)).getVocabulary();
  for (const [at, form] of forms.entries())
    assert.deepEqual((await layers.textVectorization().adapt(form as never)).getVocabulary(), expected, `form ${at}`);
  const rows = ndarray(
    Float32Array.from({ length: 24 }, (_, at) => Math.sin(at) * 9),
    [8, 3],
  );
  const means = await (await layers.normalization().adapt(rows)).mean!.array();
  for (const form of [Dataset.fromTensorSlices(rows), Dataset.fromTensorSlices([rows, y]).batch(3)]) {
    const found = await (await layers.normalization().adapt(form as never)).mean!.array();
    (found as number[]).forEach((mean, at) => {
      assert.ok(Math.abs(mean - (means as number[])[at]!) < 1e-6);
    });
  }
  await assert.rejects(
    layers.normalization().adapt(Dataset.from(texts) as never),
    /adapt takes numbers, received texts/,
  );
  await assert.rejects(
    layers.textVectorization().adapt(Dataset.from([{ z: 1 }]) as never),
    /neither numbers nor texts/,
  );
});
