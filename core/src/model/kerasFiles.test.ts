import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Hdf5Group, openHdf5, openZip, type ZipMember } from "../formats/index.ts";
import { Layer, layers, registerFunction, registerLayer, type Structure } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, Tensor, tensor } from "../tensor/index.ts";
import { loadModel, type Model, modelToFormat, sequential } from "./index.ts";

/** What Keras itself has saved and computed: goldens/kerasFiles.py makes it and explains it. */
interface Case {
  readonly formats: readonly string[];
  readonly inputs?: readonly Values[];
  readonly outputs?: readonly Values[] | { readonly [name: string]: Values };
  readonly train?: {
    readonly x: Values;
    readonly y: Values;
    readonly evaluated: { readonly [name: string]: number };
    readonly losses: readonly number[];
    readonly iterations: number;
    readonly after: Values;
  };
}
type Values = readonly Values[] | readonly number[];

const here = dirname(fileURLToPath(import.meta.url));
const file = new Uint8Array(readFileSync(join(here, "..", "..", "src", "model", "goldens", "keras.zip")));
const archive = await openZip(file, "keras.zip");
const bytesOf = (name: string): Promise<Uint8Array> => (archive.get(name) as ZipMember).read();
const cases = JSON.parse(new TextDecoder().decode(await bytesOf("cases.json"))) as { readonly [name: string]: Case }; // our own file

const flat = (values: Values): number[] =>
  (values as readonly (number | Values)[]).flatMap((value) => (typeof value === "number" ? [value] : flat(value)));
const made = (values: Values): Tensor => tensor(values as number[]);

function assertClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, at) => {
    const near = Math.abs(found[at]! - value) <= tolerance * (1 + Math.abs(value));
    assert.ok(near, `element ${at}: ${found[at]} is not ${value}`);
  });
}

/** The outputs in Keras's order: lists as they are, records by name. */
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
function listed(result: Structure<Tensor>): [string, Tensor][] {
  if (isTensor(result)) return [["0", result]];
  return Object.entries(result as { readonly [name: string]: Tensor }); // no model here nests its outputs
}

/** The kernel of the first layer. */
const kernelOf = (model: Model): Tensor => (model.layers[0]!.own as { readonly [name: string]: Tensor })["kernel"]!;

/** Demands that the model computes what Keras did. */
async function assertComputes(model: Model, { inputs = [], outputs = [] }: Case): Promise<void> {
  const given = inputs.map(made);
  const result = await model.predict<Structure<Tensor>>(given.length === 1 ? given[0]! : given);
  const found = listed(result);
  assert.deepEqual(found.map(([name]) => name).sort(), Object.keys(outputs).sort());
  for (const [name, output] of found)
    assertClose(await output.data(), flat((outputs as { readonly [name: string]: Values })[name]!));
}

const dense = { units: 2 };

/** The class that the file "custom.keras" names, written here. */
class Scaled extends Layer {
  static readonly fields = {};
  readonly innerDense = layers.dense(dense.units);
  readonly startFactor: number;

  constructor(startFactor: number, options = {}) {
    super(options);
    this.startFactor = startFactor;
  }
  override build(shape: readonly number[]) {
    return { factor: this.addWeight([shape.at(-1)!], { initializer: "ones" }) };
  }
  override call(x: Tensor, { factor }: { readonly [name: string]: Tensor }) {
    return this.innerDense(x.mul(factor!) as Tensor);
  }
  override config() {
    return { startFactor: this.startFactor };
  }
}

before(() => setDevice("wasm"));
registerLayer("Scaled", (config, options) => new Scaled(Number(config["startFactor"]), options));

for (const [name, golden] of Object.entries(cases)) {
  if (golden.inputs === undefined) continue;
  for (const ending of golden.formats.filter((each) => each !== "weights.h5")) {
    test(`${name}.${ending} of Keras computes here what it computes there`, async () => {
      await assertComputes(await loadModel(await bytesOf(`${name}.${ending}`)), golden);
    });
  }
  for (const format of ["keras", "h5"] as const) {
    test(`${name}, written here as .${format} and read again, computes the same`, async () => {
      const model = await loadModel(await bytesOf(`${name}.keras`));
      await assertComputes(await loadModel(await modelToFormat(model, format)), golden);
    });
  }
}

for (const [name, { formats, train }] of Object.entries(cases)) {
  if (train === undefined) continue;
  const continues = async (model: Model): Promise<void> => {
    const [x, y] = [made(train.x), made(train.y)];
    assert.equal(await model.objective.optimizer.iterations.item(), train.iterations);
    const { loss: before, ...figures } = await model.evaluate(x, y);
    const { loss, ...others } = train.evaluated;
    // The order of metrics is Keras's alphabet's.
    const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
    assertClose([before!, ...sorted(Object.values(figures))], [loss!, ...sorted(Object.values(others))]);
    for (const expected of train.losses) {
      const { loss } = await model.trainOnBatch(x, y);
      assertClose([loss!], [expected], 5e-5);
    }
    assertClose(await (await model.predict(x)).data(), flat(train.after), 2e-4);
  };
  for (const ending of formats) {
    test(`a training with ${name}, from ${name}.${ending} of Keras, goes on as it does there`, async () => {
      await continues(await loadModel(await bytesOf(`${name}.${ending}`)));
    });
  }
  for (const format of ["keras", "h5"] as const) {
    test(`a training with ${name}, written here as .${format} and read again, goes on the same`, async () => {
      const model = await loadModel(await bytesOf(`${name}.keras`));
      await continues(await loadModel(await modelToFormat(model, format)));
    });
  }
}

test("an archive whose members are packed is read as well", async () => {
  await assertComputes(await loadModel(await bytesOf("packed.keras")), cases["sequential"]!);
});

test("a lambda is refused in words, and never run", async () => {
  await assert.rejects(loadModel(await bytesOf("lambda.keras")), (error: Error) => {
    assert.match(error.message, /Python code.*lambda.*never run/s);
    assert.match(error.message, /registerFunction/);
    return true;
  });
});

test("a class that nobody registered is named, with the way to register it", async () => {
  const bytes = await bytesOf("custom.keras");
  const text = new TextDecoder("latin1").decode(bytes).replaceAll("Scaled", "Sculed");
  const other = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const config = (await openZip(other)).get("config.json")!;
  await assert.rejects(config.read(), /sum/); // the archive tells that it was changed
  registerFunction("function", "nothing", (x) => x);
  const model = sequential([layers.lambda("nothing")]).buildFor([null, 3]);
  const written = await modelToFormat(model, "keras");
  await assertComputes(await loadModel(written), { formats: [], inputs: [[[1, 2, 3]]], outputs: [[[1, 2, 3]]] });
});

test("weights are read from .weights.h5, .keras and .h5 alike, and written", async () => {
  for (const ending of ["weights.h5", "keras", "h5"]) {
    const model = sequential([
      layers.dense(6, { activation: "leakyRelu" }),
      layers.batchNormalization(),
      layers.dropout(0.3),
      layers.dense(3, { activation: "softmax", useBias: false }),
    ]).buildFor([null, 4]);
    assert.deepEqual(await model.loadWeights(await bytesOf(`sequential.${ending}`)), []);
    await assertComputes(model, cases["sequential"]!);
  }
});

test("skipMismatch leaves out layers that differ, byName takes layers by their names", async () => {
  const model = sequential([
    layers.dense(6, { name: "first" }),
    layers.batchNormalization(),
    layers.dense(7, { useBias: false }),
  ]);
  model.buildFor([null, 4]);
  const bytes = await bytesOf("sequential.weights.h5");
  await assert.rejects(model.loadWeights(bytes), /does not fit the model/);
  assert.deepEqual(await model.loadWeights(bytes, { skipMismatch: true }), [model.layers[2]!.name]);
  const legacy = await bytesOf("sequential.h5");
  await assert.rejects(model.loadWeights(legacy), /does not fit/);
  const named = sequential([layers.dense(6, { name: "dense" }), layers.dense(3, { name: "another" })]).buildFor([
    null,
    4,
  ]);
  assert.deepEqual(await named.loadWeights(legacy, { byName: true }), ["another"]);
  const group = openHdf5(legacy).get("model_weights/dense") as Hdf5Group; // the layer's
  const dataset = group.get((group.attributes.get("weight_names") as readonly string[])[0]!);
  assert.ok(dataset?.kind === "dataset");
  const kernel = await kernelOf(named).data();
  assert.deepEqual(new Uint8Array(Float32Array.from(kernel as Float32Array).buffer), dataset.bytes().slice());
});

test("bfloat16 weights are read as the numbers that they are", async () => {
  const model = sequential([layers.dense(3)]).buildFor([null, 4]);
  await model.loadWeights(await bytesOf("bfloat16.weights.h5"));
  const { kernel } = cases["bfloat16"] as unknown as { readonly kernel: Values }; // its own form
  assertClose(await kernelOf(model).data(), flat(kernel), 1e-7);
});

test("whole learning rates are floats in Keras's files, as Python demands", async () => {
  const model = sequential([layers.dense(1)]).buildFor([null, 2]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 1 }), loss: "mse" });
  const config = (await openZip(await modelToFormat(model, "keras"))).get("config.json")!;
  assert.match(new TextDecoder().decode(await config.read()), /"learning_rate":1\.0,/);
  assert.equal((await loadModel(await modelToFormat(model, "h5"))).objective.optimizer.config()["learningRate"], 1);
});

test("a LossScaleOptimizer is written as Keras writes it, and goes on where it was", async () => {
  const x = tensor(
    Float32Array.from({ length: 24 }, (_, at) => Math.sin(at)),
    { shape: [8, 3] },
  ) as Tensor;
  const y = tensor(
    Float32Array.from({ length: 16 }, (_, at) => Math.cos(at)),
    { shape: [8, 2] },
  ) as Tensor;
  const model = sequential([layers.dense(2)]).buildFor([null, 3]);
  const scaling = { inner: optimizers.adam({ clipNorm: 2 }), initialScale: 1024, dynamicGrowthSteps: 3 };
  model.compile({ optimizer: optimizers.lossScale(scaling), loss: "mse" });
  for (let step = 0; step < 5; step++) await model.trainOnBatch(x, y);

  const bytes = await modelToFormat(model, "keras");
  const zip = await openZip(bytes);
  const text = new TextDecoder().decode(await zip.get("config.json")!.read());
  const { class_name, config } = JSON.parse(text).compile_config.optimizer;
  assert.equal(class_name, "LossScaleOptimizer");
  assert.deepEqual([config.initial_scale, config.dynamic_growth_steps], [1024, 3]);
  assert.deepEqual([config.inner_optimizer.class_name, config.inner_optimizer.config.clipnorm], ["Adam", 2]);
  // Its own counter and rate, which do nothing; good steps; the scale; then all of Adam's, which stands once more in its place.
  const weights = openHdf5(await zip.get("model.weights.h5")!.read());
  const at = (path: string): number => {
    const dataset = weights.get(path);
    assert.ok(dataset?.kind === "dataset", path);
    const view = new DataView(dataset.bytes().slice().buffer);
    return dataset.type.kind === "float" ? view.getFloat32(0, true) : view.getInt32(0, true);
  };
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((index) => at(`optimizer/vars/${index}`)),
    [0, 0, 2, 2048, 5],
  );
  assert.equal(at("optimizer/inner_optimizer/vars/2"), at("optimizer/vars/6"));

  const again = await loadModel(bytes);
  const next = async (each: typeof model): Promise<unknown> => Object.values(await each.trainOnBatch(x, y));
  for (let step = 0; step < 3; step++) assert.deepEqual(await next(again as typeof model), await next(model));
});

// Debian's, which has Debian's packages, before another one that may come first in PATH.
const python = process.env["CHAINRULE_PYTHON"] ?? (existsSync("/usr/bin/python3") ? "/usr/bin/python3" : "python3");
const noH5py = spawnSync(python, ["-c", "import h5py"]).status !== 0;

test("h5py finds in our files what Keras's own have: groups, names, shapes, bytes", {
  skip: noH5py && `${python} has no h5py: apt-get install python3-h5py`,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-keras-"));
  const walk = `
import h5py, io, json, sys, zipfile
def tree(path):
    f = h5py.File(io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5")) if path.endswith(".keras") else path)
    found = {}
    f.visititems(lambda n, o: found.update({n: [list(o.shape), str(o.dtype), o[()].tobytes().hex()]} if isinstance(o, h5py.Dataset) else {}))
    return found
print(json.dumps([tree(path) for path in sys.argv[1:]]))`;
  try {
    for (const name of ["sequential", "recurrent", "attention", "states", "adam", "rmsprop"]) {
      const theirs = join(folder, `${name}.theirs.keras`);
      const ours = join(folder, `${name}.ours.keras`);
      const bytes = await bytesOf(`${name}.keras`);
      writeFileSync(theirs, bytes);
      writeFileSync(ours, await modelToFormat(await loadModel(bytes), "keras"));
      const [first, second] = JSON.parse(
        execFileSync(python, ["-c", walk, theirs, ours], { encoding: "utf8" }),
      ) as object[];
      assert.deepEqual(second, first);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
