// Writes one model a row of the layer test, and all trained models of the goldens, as Keras files, with what they compute:
// `node scripts/keras/write.mjs FOLDER`, then `KERAS_BACKEND=torch python scripts/keras/check.py FOLDER` in Python.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const core = (path) => import(join(root, "core", "dist", path));
const { input, model, setDevice, setRandomSeed, tensor, loadModel, modelToFormat, saveWeights } =
  await core("index.js");
const { rows } = await core("model/rows/index.test.body.js");
const { openZip } = await core("formats/index.js");

const folder = process.argv[2];
if (folder === undefined) throw new Error("name the folder to write to");
mkdirSync(folder, { recursive: true });
await setDevice("wasm");

const isShape = (value) => Array.isArray(value) && value.every((size) => typeof size === "number");
const map = (structure, isLeaf, change) =>
  isLeaf(structure)
    ? change(structure)
    : Array.isArray(structure)
      ? structure.map((part) => map(part, isLeaf, change))
      : Object.fromEntries(Object.entries(structure).map(([name, part]) => [name, map(part, isLeaf, change)]));
const isTensor = (value) => typeof value?.data === "function";
/** Results in Keras's order, records by their sorted names. */
const flat = (value) =>
  isTensor(value)
    ? [value]
    : Array.isArray(value)
      ? value.flatMap(flat)
      : Object.keys(value)
          .sort()
          .flatMap((name) => flat(value[name]));
const numbers = async (results) => Promise.all(results.map(async (each) => [...(await each.data())].map(Number)));

const cases = [];
const refused = [];
let seed = 1;
const random = () => {
  seed = (seed * 48271) % 2147483647;
  return seed / 2147483647;
};

for (const [entry, list] of Object.entries(rows)) {
  for (const [index, row] of list.entries()) {
    if (row.host !== undefined) continue;
    const name = `${entry}_${index}`;
    setRandomSeed(3);
    let count = 0;
    const layer = row.make({ name: "tested" });
    const inputs = map(row.inputs, isShape, (shape) => input(shape.slice(1), { name: `x${count++}` }));
    const whole = model(inputs, layer.invoke(inputs));
    for (const [at, variable] of layer.variables.entries()) {
      if (variable.dtype !== "f32") continue;
      const data = Float32Array.from({ length: variable.size }, (_, place) => 0.5 + 0.4 * Math.sin(place * 7 + at));
      variable.assignBytes(new Uint8Array(data.buffer));
    }
    const arrays = map(row.inputs, isShape, (shape) => ({
      shape,
      values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () =>
        row.tokens === undefined ? Math.round(random() * 2000 - 1000) / 1000 : Math.floor(random() * row.tokens),
      ),
    }));
    const isArray = (value) => value?.values !== undefined && Array.isArray(value.values);
    const x = map(arrays, isArray, ({ shape, values }) => tensor(values, { shape }));
    const outputs = await numbers(flat(await whole.predict(x, { batchSize: 64 })));
    for (const format of ["keras", "h5"]) {
      try {
        writeFileSync(join(folder, `${name}.${format}`), await modelToFormat(whole, format));
        cases.push({ file: `${name}.${format}`, inputs: arrays, outputs });
      } catch (error) {
        if (format === "keras") refused.push(`${name}: ${error.message.split("\n")[0]}`);
      }
    }
    await saveWeights(whole, join(folder, `${name}.weights.h5`)).catch(() => {});
  }
}

// Trained models of Keras itself, read and written again here: training must go on as it did there.
const archive = await openZip(
  new Uint8Array(readFileSync(join(root, "core/src/model/goldens/keras.zip"))),
  "keras.zip",
);
const goldens = JSON.parse(new TextDecoder().decode(await archive.get("cases.json").read()));
for (const [name, { train, inputs, outputs }] of Object.entries(goldens)) {
  if (train === undefined && (inputs === undefined || name === "custom")) continue;
  const whole = await loadModel(await archive.get(`${name}.keras`).read());
  for (const format of ["keras", "h5"]) {
    writeFileSync(join(folder, `golden_${name}.${format}`), await modelToFormat(whole, format));
    cases.push({ file: `golden_${name}.${format}`, train, golden: inputs && { inputs, outputs } });
  }
}

writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
console.log(
  `${cases.length} files in ${folder}; ${refused.length} layers have no words in Keras:\n  ${refused.join("\n  ")}`,
);
