import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openHdf5, openZip } from "../formats/index.ts";
import { setDevice, tensor } from "../tensor/index.ts";
import { loadModel, type Model, modelToFormat } from "./index.ts";

// What Keras has saved of layers on texts, and what Keras takes back of ours: goldens/kerasTexts.py makes it and explains it. All files
// that are written here were opened in Keras 3.15 on TensorFlow, where they compute the same; what it was that Keras demands is held.

interface Case {
  readonly data: readonly string[] | readonly number[];
  readonly shape: readonly number[];
  readonly outputs: readonly number[];
}
const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "..", "..", "src", "model", "goldens", "kerasTexts.zip");
const archive = await openZip(new Uint8Array(readFileSync(golden)));
const bytesOf = (name: string): Promise<Uint8Array> => archive.get(name)!.read();
const cases = JSON.parse(new TextDecoder().decode(await bytesOf("cases.json"))) as { readonly [name: string]: Case }; // our own file

before(() => setDevice("wasm"));

async function assertComputes(model: Model, { data, shape, outputs }: Case): Promise<void> {
  const isText = typeof data[0] === "string";
  const found = await model.predict(isText ? (data as readonly string[]) : tensor(data as number[], { dtype: "i32" }));
  assert.deepEqual(found.shape, shape);
  (await found.data()).forEach((value, at) => {
    assert.ok(Math.abs(Number(value) - outputs[at]!) < 1e-5, `element ${at}: ${value} is not ${outputs[at]}`);
  });
}

for (const [name, golden] of Object.entries(cases))
  test(`${name}.keras of Keras computes here what it computes there, and so it does when written and read again`, async () => {
    const model = await loadModel(await bytesOf(`${name}.keras`));
    await assertComputes(model, golden);
    const written = await modelToFormat(model, "keras");
    await assertComputes(await loadModel(written), golden);

    const zip = await openZip(written);
    const { config } = JSON.parse(new TextDecoder().decode(await zip.get("config.json")!.read()));
    const layer = config.layers[1];
    if (layer.class_name === "TextVectorization") assert.ok("ngrams" in layer.config);
    if (layer.class_name === "Hashing") assert.equal(layer.config.dtype, "int64");
    if (layer.class_name === "IntegerLookup")
      assert.equal(layer.config.oov_method, name === "bins" ? "farmhash" : "floormod");
    if (layer.config.output_mode !== "tf_idf") return;
    // The weights of tokens stand among the model's, for the layer and for the lookup inside of it.
    const weights = openHdf5(await zip.get("model.weights.h5")!.read());
    for (const path of ["", "/_lookup_layer"]) {
      const dataset = weights.get(`layers/text_vectorization${path}/vars/idf_weights`);
      assert.ok(dataset?.kind === "dataset");
      assert.deepEqual(dataset.shape, [golden.shape[1]]);
    }
  });
