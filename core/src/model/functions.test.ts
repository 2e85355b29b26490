import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { clearSession, input, layers, type SymbolicTensor } from "../nn/index.ts";
import * as t from "../tensor/index.ts";
import { isRecorded } from "../tensor/recorded.ts";
import { model } from "./functional.ts";
import { modelFromBytes } from "./load.ts";
import { modelToBytes } from "./save.ts";

// Free functions of symbolic tensors: layers of the graph, which files hold.

const shape = [3, 4, 6] as const;
const values = [1, 2].map((seed) => Float32Array.from({ length: 72 }, (_, at) => Math.sin(seed * 12.9898 * (at + 1))));

const identity = [0, 1, 2, 3].map((row) => [0, 1, 2, 3].map((column) => Number(row === column)));

/** Each computes something of x [batch, 4, 6] and y [batch, 4, 6]; the same function runs on tensors and on symbols. */
const programs = {
  elementwise: (x, y) => t.add(t.relu(x), t.mul(t.sigmoid(y), 2)),
  numbersFirst: (x) => t.sub(1, t.exp(x)),
  lists: (x, y) => t.concatenate([x, y, x], -1),
  stacked: (x, y) => t.stack([x, y], 1),
  reduced: (x) => t.mean(x, [1, 2], { keepDims: true }),
  einsum: (x, y) => t.einsum("bij,bkj->bik", x, y),
  chosen: (x, y) => t.where(t.greater(x, 0), x, y),
  options: (x) => t.layerNormalization(x, { axes: [-1], epsilon: 1e-3 }),
  parts: (x) => t.add(...(t.split(x, 2, 1) as [typeof x, typeof x])),
  several: (x) => t.topK(x, 2).values,
  shapes: (x) => t.transpose(t.reshape(x, [-1, 6, 4]), [0, 2, 1]),
  attention: (x, y) => {
    const [q, k] = [x, y].map((each) => t.expandDims(each, 2)) as [typeof x, typeof x];
    return t.dotProductAttention(q, k, k, { causal: true });
  },
  scores: (x, y) => t.softmax(t.matmul(x, t.swapAxes(y, 1, 2))),
  statistics: (x) => t.median(x, 1),
  linalg: (x) => t.inv(t.add(t.matmul(x, t.swapAxes(x, 1, 2)), identity)),
  conditions: (x, y) => t.select([t.less(x, 0), t.less(y, 0)], [x, y], 7),
} satisfies Record<string, (x: t.Tensor, y: t.Tensor) => t.Tensor>;

for (const [name, program] of Object.entries(programs)) {
  test(`${name}: a model of free functions computes what they compute, also from a file`, async () => {
    clearSession();
    await t.setDevice("reference");
    const [x, y] = [input([4, 6]), input([4, 6])];
    // Written for tensors; symbols are taken wherever tensors are.
    const made = program as unknown as (x: SymbolicTensor, y: SymbolicTensor) => SymbolicTensor;
    const whole = model([x, y], made(x, y));
    const [a, b] = values.map((each): t.Tensor => t.tensor(each, { shape })) as [t.Tensor, t.Tensor];
    const expected = await (program(a, b) as t.Tensor).array();
    const arrays = values.map((each) => ndarray(each, shape));
    const predict = async (from: typeof whole): Promise<unknown> => ((await from.predict(arrays)) as t.Tensor).array();
    assert.deepEqual(await predict(whole), expected);
    const again = (await modelFromBytes(await modelToBytes(whole))) as typeof whole;
    assert.deepEqual(await predict(again), expected);
  });
}

test("types: a function of a symbolic tensor is one, and lists and records of results hold them", () => {
  const x = input([4, 6]);
  const one: SymbolicTensor = t.relu(x);
  const two: SymbolicTensor = t.add(x, 1);
  const three: SymbolicTensor = t.add(1, x);
  const parts: readonly SymbolicTensor[] = t.split(x, 2, 1);
  const { values }: { readonly values: SymbolicTensor } = t.topK(x, 2);
  const joined: SymbolicTensor = t.concatenate([one, two, three]);
  assert.deepEqual(
    [one, two, three, ...parts, values, joined].map(({ shape }) => shape[0]),
    new Array(7).fill(null),
  );
  // @ts-expect-error sizes that do not broadcast stay an error of the types
  assert.throws(() => t.add(t.zeros([2, 3]), t.zeros([2, 4])));
});

test("layers made by functions have names, train with their neighbours, and refuse constants", async () => {
  clearSession();
  const x = input([3]);
  const h = t.relu(layers.dense(4)(x));
  const whole = model(x, layers.dense(1)(t.concatenate([h, t.square(h)], -1)));
  assert.deepEqual(
    whole.layers.map(({ name }) => name),
    ["input_layer", "dense", "relu", "square", "concatenate", "dense_1"],
  );
  whole.compile({ optimizer: "sgd", loss: "mse" });
  const { history } = await whole.fit(
    [
      [1, 2, 3],
      [0, 1, 0],
    ],
    [[1], [2]],
    { epochs: 3, verbose: "silent" },
  );
  assert.ok(history.loss!.at(-1)! < history.loss![0]!);
  assert.throws(() => t.add(x, t.tensor([1, 2, 3])), /numbers, lists, options, or symbolic tensors[\s\S]*nested lists/);
});

test("nearly every function of tensors is recorded; those that are not take functions, make tensors, wait for values, or run the device", () => {
  const others = Object.entries(t)
    .filter(([, value]) => typeof value === "function" && !isRecorded(value) && !/^class/.test(String(value)))
    .map(([name]) => name);
  const transforms = [
    "cond",
    "customGradient",
    "grad",
    "jit",
    "forLoop",
    "whileLoop",
    "switchCase",
    "mapOver",
    "associativeScan",
    "vectorize",
    "remat",
    "scan",
    "valueAndGrad",
  ];
  const makers = ["arange", "asTensor", "eye", "full", "linspace", "ones", "tensor", "zeros"];
  const more = ["tri", "geomspace", "logspace", "hanning", "hamming", "blackman", "bartlett", "kaiser", "variable"];
  const host = ["nonzero", "unique"];
  const program = [
    "attentionWatch",
    "watchAttention",
    "defaultDevice",
    "deviceReport",
    "engineStatistics",
    "flatten",
    "inspect",
    "randomSeed",
  ];
  const rest = ["withKey", "setDevice", "setRandomSeed", "setThreads"];
  assert.deepEqual(others.sort(), [...transforms, ...makers, ...more, ...program, ...host, ...rest].sort());
});

test("transforms give records, in graphs as of tensors", async () => {
  const x = input([6]);
  const { real, imaginary } = t.rfft(x);
  const whole = model(x, t.irfft({ real, imaginary }));
  const values = t.tensor([[1, 2, -3, 4, 0, 1]]);
  const found = [...(await (whole(values) as t.Tensor).data())];
  assert.ok(found.every((value, at) => Math.abs(value - [1, 2, -3, 4, 0, 1][at]!) < 1e-6));
});
