import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Dataset, ndarray } from "../data/index.ts";
import { clearSession, input, layers } from "../nn/index.ts";
import { setDevice, type Tensor, zeros } from "../tensor/index.ts";
import { type Model, model, sequential } from "./index.ts";

// What is given to a model is checked when this file is compiled, and again when it runs: each line that the types refuse, the
// model refuses as well.

before(() => setDevice("reference"));

const digits = () => {
  const network = sequential([input([4, 4, 1]), layers.flatten(), layers.dense(3)]);
  network.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
  return network;
};
/** Two inputs and two outputs by name. */
const named = () => {
  clearSession();
  const title = input([5], { name: "title" });
  const tags = input([2], { name: "tags" });
  const network = model(
    { title, tags },
    { priority: layers.dense(1)(title), department: layers.dense(4)(layers.concatenate([title, tags])) },
  );
  network.compile({ optimizer: "sgd", loss: { priority: "meanSquaredError", department: "meanSquaredError" } });
  return network;
};
const listed = () => {
  const [a, b] = [input([5]), input([2])];
  return model([a, b], layers.concatenate([a, b]));
};
const quietly = { verbose: "silent" } as const;

test("what fits is taken, in every form", async () => {
  const network = digits();
  const y = new Uint8Array(6);
  await network.fit(zeros([6, 4, 4, 1]), y, quietly);
  await network.fit({ x: ndarray(new Float32Array(96), [6, 4, 4, 1]), y }, quietly);
  await network.fit({ x: zeros([6, 4, 4, 1]) as Tensor, y: zeros([6, 1]) }, { epochs: 1, ...quietly });
  const rows = { x: ndarray(new Float32Array(96), [6, 4, 4, 1]), y };
  await network.fit(Dataset.fromTensorSlices(rows).batch(4), quietly);
  const anything: readonly number[][][][] = [
    [
      [[1], [1], [1], [1]],
      [[1], [1], [1], [1]],
      [[1], [1], [1], [1]],
      [[1], [1], [1], [1]],
    ],
  ];
  const guess: Tensor<[number, 3]> = await network.predict(anything);
  assert.deepEqual(guess.shape, [1, 3]);
  assert.equal(typeof (await network.trainOnBatch(zeros([2, 4, 4, 1]), zeros([2]))).loss, "number");
  assert.equal(typeof (await network.evaluate(zeros([2, 4, 4, 1]), zeros([2]))).loss, "number");

  const both = named();
  const x = { title: zeros([3, 5]), tags: zeros([3, 2]) };
  await both.fit(x, { priority: zeros([3, 1]), department: zeros([3, 4]) }, quietly);
  const { department } = await both.predict(x);
  const known: Tensor<[number, 4]> = department;
  assert.deepEqual(known.shape, [3, 4]);
  assert.deepEqual((await listed().predict([zeros([3, 5]), zeros([3, 2])])).shape, [3, 7]);

  // A model that does not know its input takes what its layers can be called on.
  const lazy = sequential([layers.flatten(), layers.dense(2)]);
  assert.deepEqual((await lazy.predict(zeros([2, 3, 4]))).shape, [2, 2]);
  // Of what is any model, nothing is known.
  const some: Model = digits();
  await assert.rejects(some.predict(zeros([2, 3])), /another shape/);
});

test("what cannot fit is underlined where it is written, and refused when it runs", async () => {
  const network = digits();
  const wrong = zeros([6, 4, 4, 3]);
  const shape = /another shape|expected/;
  // @ts-expect-error the model takes [number, 4, 4, 1], received [6, 4, 4, 3]
  await assert.rejects(network.fit(wrong, zeros([6]), quietly), shape);
  // @ts-expect-error the same, under x
  await assert.rejects(network.fit({ x: wrong, y: zeros([6]) }, quietly), shape);
  const right = zeros([6, 4, 4, 1]);
  const y = zeros([6]);
  // @ts-expect-error the same of what is validated on
  await assert.rejects(network.fit(right, y, { validationData: { x: wrong, y }, ...quietly }), shape);
  const validated = { x: right, y };
  const held = { x: ndarray(new Float32Array(96), [6, 4, 4, 1]), y: new Uint8Array(6) };
  // @ts-expect-error the same, with examples in one
  await assert.rejects(network.fit(validated, { validationData: { x: wrong, y }, ...quietly }), shape);
  await network.fit(right, zeros([6]), { validationData: validated, ...quietly });
  await network.fit(validated, { validationData: Dataset.fromTensorSlices(held).batch(2), ...quietly });
  // @ts-expect-error the same of evaluate
  await assert.rejects(network.evaluate(wrong, zeros([6])), shape);
  // @ts-expect-error the same of predict
  await assert.rejects(network.predict(wrong), shape);
  // @ts-expect-error the same of a batch
  assert.throws(() => network.predictOnBatch(wrong), shape);
  // @ts-expect-error the same of a batch
  await assert.rejects(network.trainOnBatch(wrong, zeros([6])), shape);
  // @ts-expect-error the model takes [number, 4, 4, 1], received [1, 3]
  await assert.rejects(network.predict([[1, 2, 3]]), shape);
  // @ts-expect-error the model takes [number, 4, 4, 1], received [number]
  await assert.rejects(network.predict(new Float32Array(16)), shape);
  const rows = Dataset.fromTensorSlices({ x: ndarray(new Float32Array(288), [6, 4, 4, 3]), y: new Uint8Array(6) });
  // @ts-expect-error the model takes [number, 4, 4, 1], received [number, 4, 4, 3]
  await assert.rejects(network.fit(rows.batch(2), quietly), shape);
  // @ts-expect-error there are 6 examples in x, and 5 in y
  await assert.rejects(network.fit(zeros([6, 4, 4, 1]), zeros([5]), quietly), /different numbers of examples/);

  const both = named();
  const title = zeros([3, 5]);
  const tags = zeros([3, 2]);
  // @ts-expect-error missing data for input "tags"
  await assert.rejects(both.predict({ title }), /missing data for input "tags"/);
  // @ts-expect-error there is no input "tag"
  await assert.rejects(both.predict({ title, tags, tag: tags }), /there is no input "tag"/);
  // @ts-expect-error the model takes [number, 2], received [3, 5]
  await assert.rejects(both.predict({ title, tags: title }), shape);
  const targets = { priority: tags, kind: tags };
  // @ts-expect-error the model has no output "kind"
  await assert.rejects(both.fit({ title, tags }, targets, quietly), /"kind", which is no output/);
  const some = { x: { title, tags }, y: { priority: tags } };
  // @ts-expect-error there are no targets for output "department"
  await assert.rejects(both.fit(some, quietly), /no targets for output "department"/);
  // @ts-expect-error the model has no output "kind"
  await assert.rejects(both.evaluate({ x: { title, tags }, y: targets }), /"kind", which is no output/);
  // @ts-expect-error the model takes [number, 5], received [3, 2]
  await assert.rejects(listed().predict([tags, title]), shape);
  // @ts-expect-error the model has 2 inputs, received 1
  await assert.rejects(listed().predict([title]), /2 inputs, received 1/);

  // @ts-expect-error expected 4 axes (batch, height, width, channels), received 3
  await assert.rejects(sequential([layers.conv2d(2, 3)]).predict(zeros([2, 8, 8])), /expected 4 axes/);
});

test("compile knows the outputs by name", () => {
  const both = named();
  // One loss stands for all; an output without one does not train.
  both.compile({ loss: "meanSquaredError", lossWeights: { priority: 2 } });
  both.compile({ loss: { priority: (y, p) => y.sub(p).square().mean() }, metrics: { department: ["accuracy"] } });
  both.compile({ loss: ["meanSquaredError", null] });
  const unknown = /names? the unknown output "kind"/;
  // @ts-expect-error 'kind' does not exist in type { priority, department }
  assert.throws(() => both.compile({ loss: { kind: "meanSquaredError", department: "mse" } }), unknown);
  // @ts-expect-error the same of metrics
  assert.throws(() => both.compile({ loss: "mse", metrics: { kind: ["accuracy"] } }), unknown);
  // @ts-expect-error the same of weighted metrics
  assert.throws(() => both.compile({ loss: "mse", weightedMetrics: { kind: ["accuracy"] } }), unknown);
  // @ts-expect-error the same of weights
  assert.throws(() => both.compile({ loss: "mse", lossWeights: { kind: 2 } }), unknown);
  const x = input([2]);
  const alone = model(x, x);
  // @ts-expect-error the only output is named "output"
  assert.throws(() => alone.compile({ loss: { kind: "mse" } }), unknown);
  // Outputs in a list have the names of their layers, which types do not know.
  const listing = model(x, [layers.dense(1, { name: "a" })(x), layers.dense(1, { name: "b" })(x)]);
  listing.compile({ loss: { a: "mse", b: "mae" } });
  assert.throws(() => listing.compile({ loss: { c: "mse" } }), /names the unknown output "c"/);
});

test("one loss drives all outputs down, and an output without one stays as it is", async () => {
  const x = { title: zeros([4, 5]).add(1), tags: zeros([4, 2]).add(1) };
  const y = { priority: zeros([4, 1]), department: zeros([4, 4]) };
  const trained = async (loss: Parameters<ReturnType<typeof named>["compile"]>[0]) => {
    const network = named().compile({ optimizer: "sgd", metrics: { department: ["mae"] }, ...loss });
    const before: Record<string, Tensor> = await network.predict(x);
    const { history } = await network.fit(x, y, quietly);
    const after: Record<string, Tensor> = await network.predict(x);
    const moved = async (name: string) => {
      const [from, to] = [before[name], after[name]];
      return from !== undefined && to !== undefined && (await to.sub(from).abs().max().item()) > 1e-6;
    };
    return { figures: Object.keys(history), moved: [await moved("priority"), await moved("department")] };
  };
  const all = ["loss", "priorityLoss", "departmentLoss", "departmentMae"];
  assert.deepEqual(await trained({ loss: "mse" }), { figures: all, moved: [true, true] });
  const one = { figures: ["loss", "departmentMae"], moved: [true, false] };
  assert.deepEqual(await trained({ loss: { priority: "mse" } }), one);
  assert.deepEqual(await trained({ loss: ["mse", null], lossWeights: [2, 1] }), one);
});
