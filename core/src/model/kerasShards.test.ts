import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { emptyGroup, encodeHdf5, encodeZip, groupAt, openZip } from "../formats/index.ts";
import { layers } from "../nn/index.ts";
import { setDevice } from "../tensor/index.ts";
import { loadModel, type Model, modelToFormat, sequential } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "chainrule-keras-shards-"));
after(() => rmSync(folder, { recursive: true }));
before(() => setDevice("wasm"));

const made = (): Model => {
  const model = sequential([layers.dense(8, { activation: "relu" }), layers.batchNormalization(), layers.dense(3)]);
  return model.buildFor([null, 5]); // of any shape
};
const x = [
  [1, 2, 3, 4, 5],
  [5, 4, 3, 2, 1],
  [0, 1, 0, 1, 0],
];
const predicted = async (model: Model): Promise<number[]> => [...(await (await model.predict(x)).data())];

test("weights that Keras has cut into files are read: goldens/shards.py", async () => {
  const archive = await openZip(
    new Uint8Array(readFileSync(new URL("../../src/model/goldens/shards.zip", import.meta.url))),
  );
  for (const [name, member] of archive) writeFileSync(join(folder, name), await member.read());
  const model = made();
  assert.deepEqual(await model.loadWeights(join(folder, "theirs.weights.json")), []);
  const expected = (JSON.parse(readFileSync(join(folder, "theirs.json"), "utf8")) as number[][]).flat(); // our own file
  const found = await predicted(model);
  expected.forEach((value, at) => {
    assert.ok(Math.abs(found[at]! - value) < 1e-5, `element ${at}: ${found[at]} is not ${value}`);
  });
});

test("weights are cut into files in Keras's way, and read again", async () => {
  const model = made();
  model.compile({ optimizer: "adam", loss: "mse" });
  await model.fit(
    x,
    x.map((row) => row.slice(2)),
    { verbose: "silent" },
  );
  const path = join(folder, "ours.weights.json");
  await model.saveWeights(path, { maxShardBytes: 200 });
  const other = made();
  assert.deepEqual(await other.loadWeights(path), []);
  assert.deepEqual(await predicted(other), await predicted(model));
  const { metadata, weight_map: map } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly metadata: { readonly total_size: number };
    readonly weight_map: Readonly<Record<string, string | readonly string[]>>;
  }; // what was just written
  assert.deepEqual(Object.keys(map), [
    "/layers/dense/vars",
    "/layers/batch_normalization/vars",
    "/layers/dense_1/vars",
    "/optimizer/vars",
  ]);
  // 107 weights, twice those that are trained, and the optimizer's iterations and rate.
  assert.equal(metadata.total_size, 4 * (107 + 2 * 91 + 2));
  const files = readdirSync(folder).filter((name) => /^ours_\d{5}\.weights\.h5$/.test(name));
  assert.deepEqual(new Set(Object.values(map).flat()), new Set(files));
  assert.ok(files.length > 4);
});

test("an index of files elsewhere, or of none, is refused", async () => {
  const path = join(folder, "bad.weights.json");
  for (const [map, reason] of [
    [
      { "/layers/dense/vars": "../theirs.weights.h5" },
      /weights are said to be in "\.\.\/theirs\.weights\.h5"\n {2}hint/,
    ],
    [{ "/layers/dense/vars": [3] }, /weights are said to be in 3\n/],
    [{ "/layers/dense/vars": "none.weights.h5" }, /cannot read .*none\.weights\.h5: no such file/],
    [undefined, /"weight_map" is missing, not an object/],
    [{}, /has 0 variables in the file, and 2 in the model/],
  ] as const) {
    writeFileSync(path, JSON.stringify({ metadata: {}, weight_map: map }));
    await assert.rejects(made().loadWeights(path), reason);
  }
});

test("a learned tf-idf vocabulary is read from a file and a dataset, as Keras writes it", async () => {
  const words = layers.textVectorization({ outputMode: "tfIdf" });
  await words.adapt(["a good film", "a bad film", "good good"]);
  const model = sequential([words, layers.dense(2)]);
  const given = ["a film", "good, what?"];
  const expected = [...(await (await model.predict(given)).data())];
  const parts = await openZip(await modelToFormat(model, "keras"));
  const config = JSON.parse(new TextDecoder().decode(await parts.get("config.json")!.read())) as {
    config: { layers: { class_name: string; config: Record<string, unknown> }[] };
  }; // ours
  // What was learned is not in Keras's config, but in an asset and among the weights.
  const layer = config.config.layers.find(({ class_name: name }) => name === "TextVectorization")!;
  const { vocabulary, idf_weights: weights } = layer.config as { vocabulary: string[]; idf_weights: number[] };
  layer.config["vocabulary"] = null;
  layer.config["idf_weights"] = null;
  assert.equal(vocabulary[0], "[UNK]");
  const root = emptyGroup();
  const dataset = (shape: readonly number[], values: readonly number[]) => ({
    shape,
    type: { kind: "float", bytes: 4, bigEndian: false } as const,
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  });
  groupAt(root, "layers/text_vectorization/vars").datasets.set(
    "idf_weights",
    dataset([weights.length + 2], [...weights, 0, 0]),
  );
  const dense = groupAt(root, "layers/dense/vars");
  for (const [index, variable] of model.layers[1]!.variables.entries())
    dense.datasets.set(String(index), dataset(variable.shape, [...(await variable.data())]));
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const archive = (members: Record<string, Uint8Array>): Uint8Array => encodeZip(new Map(Object.entries(members)));
  const files = {
    "config.json": bytes(JSON.stringify(config)),
    "model.weights.h5": encodeHdf5(root),
    "assets/layers/text_vectorization/vocabulary.txt": bytes(vocabulary.join("\n")),
  };
  const again = await loadModel(archive(files));
  assert.deepEqual([...(await (await again.predict(given)).data())], expected);
  root.groups.get("layers")!.groups.delete("text_vectorization");
  await assert.rejects(
    loadModel(archive({ ...files, "model.weights.h5": encodeHdf5(root) })),
    /the 5 weights of a learned tf-idf vocabulary are missing \(layers\/text_vectorization\/vars\/idf_weights\)/,
  );
});
