import assert from "node:assert/strict";
import { before, test } from "node:test";
import { checkGradient, sample } from "../autodiff/check.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { NdArray } from "../data/index.ts";
import type { Node } from "../graph/node.ts";
import { input, type Layer, type LayerOptions, layers, type Structure, type SymbolicTensor } from "../nn/index.ts";
import { arange, setDevice, setRandomSeed, Tensor, tensor, type Variable } from "../tensor/index.ts";
import { type Functional, model } from "./functional.ts";
import { modelFromBytes } from "./load.ts";
import { modelToBytes } from "./save.ts";

/** What must hold of one layer: Keras's run_layer_test as a table. Shapes include the batch. */
interface Case {
  readonly make: (options: LayerOptions) => Layer;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  /** Shapes of the Variables by name, in order. */
  readonly variables: Readonly<Record<string, Shape>>;
  /** Variables that optimizers leave alone. */
  readonly state?: readonly string[];
  /** Inputs are class numbers below this. */
  readonly tokens?: number;
  /** Training and inference differ. */
  readonly training?: boolean;
  readonly wrong: readonly { readonly inputs: readonly Shape[]; readonly message: RegExp }[];
}

type Entry = Exclude<keyof typeof layers, "input">;

const fourAxes = /expected 4 axes \(batch, height, width, channels\), received \[2, 6\]/;
const flat = { inputs: [[2, 6]], message: fourAxes };
const noBatch = {
  inputs: [[4]],
  message: /expected at least 2 axes \(batch, features\), received \[4\][\s\S]*expandDims\(0\)/,
};
const two = {
  inputs: [
    [2, 3],
    [2, 3],
  ],
  message: /expected one tensor, received several/,
};
const one = { inputs: [[2, 3]], message: /expected a list of two or more tensors/ };

const cases: { readonly [E in Entry]: readonly Case[] } = {
  dense: [
    {
      make: (options) => layers.dense(3, { ...options, activation: "tanh" }),
      inputs: [[4, 5]],
      output: [4, 3],
      variables: { kernel: [5, 3], bias: [3] },
      wrong: [
        noBatch,
        two,
        { inputs: [[4, 6]], message: /expected axis -1 of the input to have size 5, received \[4, 6\]/ },
      ],
    },
    {
      make: (options) => layers.dense(2, { ...options, useBias: false }),
      inputs: [[2, 3, 4]],
      output: [2, 3, 2],
      variables: { kernel: [4, 2] },
      wrong: [],
    },
  ],
  conv1d: [
    {
      make: (options) => layers.conv1d(3, 2, { ...options, dilationRate: 2 }),
      inputs: [[2, 7, 2]],
      output: [2, 5, 3],
      variables: { kernel: [2, 2, 3], bias: [3] },
      wrong: [{ inputs: [[2, 7]], message: /expected 3 axes \(batch, steps, channels\), received \[2, 7\]/ }],
    },
  ],
  conv2d: [
    {
      make: (options) => layers.conv2d(3, [3, 2], { ...options, activation: "sigmoid" }),
      inputs: [[2, 5, 4, 2]],
      output: [2, 3, 3, 3],
      variables: { kernel: [3, 2, 2, 3], bias: [3] },
      wrong: [
        flat,
        { inputs: [[2, 5, 4, 3]], message: /expected axis -1 of the input to have size 2, received \[2, 5, 4, 3\]/ },
        { inputs: [[2, 2, 4, 2]], message: /a window of 3×2 does not fit into \[2, 2, 4, 2\]/ },
      ],
    },
    {
      make: (options) => layers.conv2d(4, 3, { ...options, strides: 2, padding: "same", groups: 2, useBias: false }),
      inputs: [[1, 5, 5, 2]],
      output: [1, 3, 3, 4],
      variables: { kernel: [3, 3, 1, 4] },
      wrong: [],
    },
  ],
  conv3d: [
    {
      make: (options) => layers.conv3d(2, 2, options),
      inputs: [[1, 3, 3, 3, 2]],
      output: [1, 2, 2, 2, 2],
      variables: { kernel: [2, 2, 2, 2, 2], bias: [2] },
      wrong: [{ inputs: [[2, 6]], message: /expected 5 axes \(batch, depth, height, width, channels\)/ }],
    },
  ],
  maxPooling2d: [
    {
      make: (options) => layers.maxPooling2d(2, options),
      inputs: [[2, 5, 4, 3]],
      output: [2, 2, 2, 3],
      variables: {},
      wrong: [flat, { inputs: [[2, 1, 4, 3]], message: /a window of 2×2 does not fit into \[2, 1, 4, 3\]/ }],
    },
    {
      make: (options) => layers.maxPooling2d(3, { ...options, strides: 2, padding: "same" }),
      inputs: [[2, 5, 4, 3]],
      output: [2, 3, 2, 3],
      variables: {},
      wrong: [],
    },
  ],
  averagePooling2d: [
    {
      make: (options) => layers.averagePooling2d([2, 1], { ...options, padding: "same" }),
      inputs: [[2, 5, 4, 3]],
      output: [2, 3, 4, 3],
      variables: {},
      wrong: [flat],
    },
  ],
  globalAveragePooling2d: [
    {
      make: (options) => layers.globalAveragePooling2d(options),
      inputs: [[2, 3, 4, 5]],
      output: [2, 5],
      variables: {},
      wrong: [flat],
    },
    {
      make: (options) => layers.globalAveragePooling2d({ ...options, keepDims: true }),
      inputs: [[2, 3, 4, 5]],
      output: [2, 1, 1, 5],
      variables: {},
      wrong: [],
    },
  ],
  globalMaxPooling2d: [
    {
      make: (options) => layers.globalMaxPooling2d(options),
      inputs: [[2, 3, 4, 5]],
      output: [2, 5],
      variables: {},
      wrong: [flat],
    },
  ],
  flatten: [
    { make: (options) => layers.flatten(options), inputs: [[2, 3, 4]], output: [2, 12], variables: {}, wrong: [two] },
    { make: (options) => layers.flatten(options), inputs: [[3]], output: [3, 1], variables: {}, wrong: [] },
  ],
  reshape: [
    {
      make: (options) => layers.reshape([4, -1], options),
      inputs: [[2, 3, 8]],
      output: [2, 4, 6],
      variables: {},
      wrong: [two, { inputs: [[2, 9]], message: /9 values of \[2, 9\] do not fit \[4, -1\]/ }],
    },
  ],
  activation: [
    {
      make: (options) => layers.activation("softplus", options),
      inputs: [[2, 3]],
      output: [2, 3],
      variables: {},
      wrong: [two],
    },
  ],
  dropout: [
    {
      make: (options) => layers.dropout(0.5, options),
      inputs: [[8, 9]],
      output: [8, 9],
      variables: {},
      training: true,
      wrong: [two],
    },
  ],
  batchNormalization: [
    {
      make: (options) => layers.batchNormalization(options),
      inputs: [[6, 3, 2]],
      output: [6, 3, 2],
      variables: { gamma: [2], beta: [2], movingMean: [2], movingVariance: [2] },
      state: ["movingMean", "movingVariance"],
      training: true,
      wrong: [noBatch, { inputs: [[4, 6]], message: /axis -1 of the input to have size 2/ }],
    },
    {
      make: (options) =>
        layers.batchNormalization({ ...options, center: false, scale: false, momentum: 0.5, epsilon: 0.01 }),
      inputs: [[6, 2]],
      output: [6, 2],
      variables: { movingMean: [2], movingVariance: [2] },
      state: ["movingMean", "movingVariance"],
      training: true,
      wrong: [],
    },
  ],
  layerNormalization: [
    {
      make: (options) => layers.layerNormalization(options),
      inputs: [[3, 5]],
      output: [3, 5],
      variables: { gamma: [5], beta: [5] },
      wrong: [noBatch, { inputs: [[4, 6]], message: /axis -1 of the input to have size 5/ }],
    },
  ],
  embedding: [
    {
      make: (options) => layers.embedding(7, 3, options),
      inputs: [[2, 4]],
      output: [2, 4, 3],
      variables: { embeddings: [7, 3] },
      tokens: 7,
      wrong: [two],
    },
  ],
  dropMask: [
    { make: (options) => layers.dropMask(options), inputs: [[2, 3]], output: [2, 3], variables: {}, wrong: [] },
  ],
  add: [
    {
      make: (options) => layers.add(options),
      inputs: [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      output: [2, 3],
      variables: {},
      wrong: [
        one,
        {
          inputs: [
            [2, 3],
            [2, 4],
          ],
          message: /shapes differ\n +input 0 +\[2, 3\]\n +input 1 +\[2, 4\]/,
        },
      ],
    },
  ],
  concatenate: [
    {
      make: (options) => layers.concatenate(options),
      inputs: [
        [2, 3],
        [2, 4],
      ],
      output: [2, 7],
      variables: {},
      wrong: [
        one,
        {
          inputs: [
            [2, 3],
            [3, 3],
          ],
          message: /shapes differ outside axis -1/,
        },
      ],
    },
    {
      make: (options) => layers.concatenate({ ...options, axis: 1 }),
      inputs: [
        [2, 1, 4],
        [2, 3, 4],
      ],
      output: [2, 4, 4],
      variables: {},
      wrong: [],
    },
  ],
};

before(() => setDevice("reference"));

/** Values of a shape that tell all elements apart; class numbers for layers that want them. */
function values(shape: Shape, { tokens }: Case, seed = 1): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) =>
    tokens === undefined ? Math.sin((index + 1) * 12.9898 * seed) : (index * 5 + seed) % tokens,
  );
}
const arrays = (test: Case, seed = 1): NdArray[] =>
  test.inputs.map((shape, index) => new NdArray(values(shape, test, seed + index), shape));
const unwrap = <T>(list: readonly T[]): T | readonly T[] => (list.length === 1 ? list[0]! : list);
const bits = async (x: Tensor): Promise<readonly number[]> => [...new Uint8Array((await x.data()).buffer)];

function modelOf(test: Case, options: LayerOptions = {}): { readonly layer: Layer; readonly whole: Functional } {
  setRandomSeed(3);
  const layer = test.make({ name: "tested", ...options });
  const inputs = test.inputs.map((shape, index) => input(shape.slice(1), { name: `x${index}` }));
  return { layer, whole: model(unwrap(inputs), layer(unwrap(inputs) as SymbolicTensor)) };
}

/** Changes all Variables from their initial zeros and ones, so that each of them matters. */
function stir({ variables }: Functional): void {
  variables.forEach((variable, index) => {
    const data = Float32Array.from({ length: variable.size }, (_, at) => 0.5 + 0.4 * Math.sin(at * 7 + index));
    variable.assignBytes(new Uint8Array(data.buffer));
  });
}

test("the table is complete", () => {
  assert.deepEqual(
    Object.keys(cases).sort(),
    Object.keys(layers)
      .filter((name) => name !== "input")
      .sort(),
  );
  for (const [name, list] of Object.entries(cases)) assert.ok(list.length > 0, name);
});

for (const [name, list] of Object.entries(cases)) {
  list.forEach((entry, index) => {
    const title = list.length === 1 ? name : `${name} (${index + 1})`;

    test(`${title}: shapes, variables, names`, async () => {
      const { layer, whole } = modelOf(entry);
      assert.deepEqual((whole.outputs as SymbolicTensor).shape, [null, ...entry.output.slice(1)]);
      assert.deepEqual((await whole.predict(unwrap(arrays(entry)))).shape, entry.output);
      assert.deepEqual(
        Object.fromEntries(layer.namedVariables().map(([key, { shape }]) => [key, [...shape]])),
        entry.variables,
      );
      assert.deepEqual(
        whole.namedVariables().map(([key]) => key),
        Object.keys(entry.variables).map((key) => `tested/${key}`),
      );
      assert.deepEqual(
        layer.nonTrainableVariables.map(({ name }) => name.split("/").at(-1)),
        entry.state ?? [],
      );
      assert.equal(
        whole.countParams(),
        Object.values(entry.variables).reduce((sum, shape) => sum + sizeOf(shape), 0),
      );
    });

    test(`${title}: a saved model predicts the same bits`, async () => {
      const { whole } = modelOf(entry);
      stir(whole);
      const loaded = await modelFromBytes(await modelToBytes(whole));
      const again = loaded.getLayer("tested");
      assert.deepEqual(
        [again.name, again.typeName, again.config()],
        ["tested", whole.getLayer("tested").typeName, whole.getLayer("tested").config()],
      );
      const x = unwrap(arrays(entry));
      assert.deepEqual(await bits(await loaded.predict(x)), await bits(await whole.predict(x)));
    });

    test(`${title}: gradients match differences`, () => {
      const { layer } = modelOf(entry);
      const shapes = [...(entry.tokens === undefined ? entry.inputs : []), ...Object.values(entry.variables)];
      const names = Object.keys(entry.variables);
      for (const training of name === "dropout" ? [false] : [false, true]) {
        const fn = (...nodes: Node[]): Node => {
          const given = [...nodes];
          const x = entry.tokens === undefined ? entry.inputs.map(() => new Tensor(given.shift()!)) : tokensOf(entry);
          const variables = Object.fromEntries(names.map((key) => [key, standIn(given.shift()!)]));
          return (layer.call(unwrap(x), variables, { training }) as Tensor).node;
        };
        const points = shapes.map((shape, at) => {
          const point = sample(shape, 0.2, 1.2, at + 3);
          // Far apart, so that the largest of a window stays the largest.
          return name.includes("Max") || name.startsWith("max")
            ? { ...point, data: point.data.map((_, i) => Math.sin(i * 77)) }
            : point;
        });
        if (shapes.length > 0) checkGradient(fn, points, { tolerance: 1e-6, elements: 20 });
      }
    });

    test(`${title}: training changes every trainable variable, and none when frozen`, async () => {
      const y = new NdArray(
        Float32Array.from({ length: sizeOf(entry.output) }, (_, at) => Math.sin(at * 5)),
        entry.output,
      );
      const train = async (options: LayerOptions): Promise<boolean[]> => {
        const { whole } = modelOf(entry, options);
        const old = await Promise.all(whole.variables.map(async (variable) => bits(variable.read())));
        whole.compile({ optimizer: "sgd", loss: "mse" });
        await whole.trainOnBatch(unwrap(arrays(entry)), y);
        const now = await Promise.all(whole.variables.map(bits));
        return now.map((value, at) => String(value) !== String(old[at]));
      };
      assert.deepEqual(
        await train({}),
        Object.keys(entry.variables).map(() => true),
      );
      assert.deepEqual(
        await train({ trainable: false }),
        Object.keys(entry.variables).map(() => false),
      );
    });

    test(`${title}: training and inference ${entry.training ? "differ" : "agree"}`, async () => {
      const { layer, whole } = modelOf(entry);
      await whole.predict(unwrap(arrays(entry)));
      const x = unwrap(arrays(entry).map(({ data, shape }) => tensorOf(data as Float32Array, shape)));
      const [on, off] = [true, false].map((training) => layer.compute(x as Structure<Tensor>, { training }) as Tensor);
      const same = String(await bits(on!)) === String(await bits(off!));
      assert.equal(same, entry.training !== true);
    });

    test(`${title}: takes integers as it takes floats`, async () => {
      const { whole } = modelOf(entry);
      stir(whole);
      const whole8 = arrays(entry).map(
        ({ data, shape }) =>
          new NdArray(
            Uint8Array.from(data, (x) => Math.abs(Math.round(x * 5))),
            shape,
          ),
      );
      const floats = whole8.map(({ data, shape }) => new NdArray(Float32Array.from(data), shape));
      const [a, b] = [await whole.predict(unwrap(whole8)), await whole.predict(unwrap(floats))];
      assert.deepEqual([...(await a.data())].map(Number), [...(await b.data())].map(Number));
    });

    for (const { inputs, message } of entry.wrong) {
      test(`${title}: refuses ${inputs.map((shape) => `[${shape}]`).join(" and ")}`, async () => {
        const { layer } = modelOf(entry);
        const given = inputs.map((shape) => tensorOf(new Float32Array(sizeOf(shape)), shape));
        assert.throws(() => layer(unwrap(given) as Tensor), message);
        assert.throws(() => layer(unwrap(given) as Tensor), /tested/);
      });
    }
  });
}

const tensorOf = (data: Float32Array, shape: Shape): Tensor => tensor(data, { shape });

/** Class numbers as a part of the graph, without inputs. */
const tokensOf = ({ inputs, tokens }: Case): Tensor[] =>
  inputs.map((shape) => arange(sizeOf(shape)).mod(tokens!).reshape(shape));

/** A tensor in the place of a Variable, whose derivative can be taken in f64. */
const standIn = (node: Node): Variable =>
  Object.assign(new Tensor(node), {
    read: () => new Tensor(node),
    assign: () => {},
  }) as unknown as Variable;
