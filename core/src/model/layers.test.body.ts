import assert from "node:assert/strict";
import { checkGradient, sample } from "../autodiff/check.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { NdArray } from "../data/index.ts";
import type { Node } from "../graph/node.ts";
import {
  type AnyLayer,
  input,
  type LayerOptions,
  layers,
  leavesOf,
  likeStructure,
  Masked,
  type MaskedStructure,
  mapStructure,
  type Structure,
  type SymbolicTensor,
  withoutMasks,
} from "../nn/index.ts";
import {
  arange,
  concatenate,
  jit,
  setRandomSeed,
  Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from "../tensor/index.ts";
import { type Functional, model } from "./functional.ts";
import { modelFromBytes } from "./load.ts";
import type { Row } from "./rows/row.test.body.ts";
import { modelToBytes } from "./save.ts";

// What must hold of every layer. Each law is a function that throws where it does not hold.

export const isShape = (value: unknown): value is Shape =>
  Array.isArray(value) && value.every((size) => typeof size === "number");
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
export const shapesOf = (structure: Structure<Shape>): readonly Shape[] => leavesOf(structure, isShape);

/** Values of a shape that tell all elements apart; class numbers for layers that want them. */
function values(shape: Shape, { tokens }: Row, seed = 1): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) =>
    tokens === undefined ? Math.sin((index + 1) * 12.9898 * seed) : (index * 5 + seed) % tokens,
  );
}
let seeds = 0;
/** The inputs as arrays, in the form in which the layer takes them. */
function arrays(row: Row): Structure<NdArray> {
  if (row.host !== undefined) return row.host as unknown as NdArray; // data for the host, as a user would give them
  seeds = 0;
  return mapStructure(row.inputs, isShape, (shape) => new NdArray(values(shape, row, ++seeds), shape));
}
const changed = (data: Structure<NdArray>, change: (array: NdArray) => NdArray): Structure<NdArray> =>
  mapStructure(data, (value): value is NdArray => value instanceof NdArray, change);
const tensorsOf = (data: Structure<NdArray>): Structure<Tensor> =>
  mapStructure(
    data,
    (value): value is NdArray => value instanceof NdArray,
    ({ data, shape }) => tensor(data as Float32Array, { shape }),
  );
const bits = async (x: Tensor): Promise<readonly number[]> => [...new Uint8Array((await x.data()).buffer)];
const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())].map(Number);
const outputsOf = (structure: MaskedStructure<Tensor>): Tensor[] =>
  leavesOf(withoutMasks(structure, isTensor), isTensor);
const allBits = (structure: MaskedStructure<Tensor>) => Promise.all(outputsOf(structure).map(bits));

const inputType = ({ host }: Row) => (host === undefined ? "f32" : hasTexts(host) ? "string" : "i32");
const hasTexts = (data: unknown): boolean => (Array.isArray(data) ? hasTexts(data[0]) : typeof data === "string");

/** A model of the layer alone, in which it is named "tested". */
function modelOf(
  row: Row,
  options: LayerOptions = {},
): { readonly layer: AnyLayer; readonly whole: Functional<MaskedStructure<SymbolicTensor>> } {
  setRandomSeed(3);
  const layer = row.make({ name: "tested", ...options });
  let at = 0;
  const inputs = mapStructure(row.inputs, isShape, (shape) =>
    input(shape.slice(1), { name: `x${at++}`, dtype: inputType(row) }),
  );
  return { layer, whole: model(inputs, layer.invoke(inputs) as MaskedStructure<SymbolicTensor>) };
}

/** Changes all Variables from their initial zeros and ones, so that each of them matters. */
function stir({ variables }: AnyLayer): void {
  variables.forEach((variable, index) => {
    const data = Float32Array.from({ length: variable.size }, (_, at) => 0.5 + 0.4 * Math.sin(at * 7 + index));
    if (variable.dtype === "f32") variable.assignBytes(new Uint8Array(data.buffer));
  });
}

/** Shape rule, run-time shape, names and shapes of Variables. */
export async function shapesAndVariables(row: Row): Promise<void> {
  const { layer, whole } = modelOf(row);
  const expected = shapesOf(row.output);
  const symbols = leavesOf(withoutMasks(whole.outputs, isSymbol), isSymbol);
  assert.deepEqual(
    symbols.map(({ shape }) => shape),
    expected.map((shape) => [null, ...shape.slice(1)]),
  );
  const predicted = outputsOf(await whole.predict(arrays(row)));
  assert.deepEqual(
    predicted.map(({ shape }) => shape),
    expected,
  );
  assert.deepEqual(
    predicted.map(({ dtype }) => dtype),
    symbols.map(({ dtype }) => dtype),
  );
  const variables = row.variables ?? {};
  const found = layer.namedVariables().map(([key, { shape }]): [string, Shape] => [key, [...shape]]);
  assert.deepEqual(Object.fromEntries(found), variables);
  assert.deepEqual(
    whole.namedVariables().map(([key]) => key),
    Object.keys(variables).map((key) => `tested/${key}`),
  );
  const state = layer.namedVariables().filter(([, variable]) => !variable.trainable);
  assert.deepEqual(
    state.map(([key]) => key),
    row.state ?? [],
  );
  assert.equal(
    whole.countParams(),
    Object.values(variables).reduce((sum, shape) => sum + sizeOf(shape), 0),
  );
}
const isSymbol = (value: unknown): value is SymbolicTensor =>
  typeof value === "object" && value !== null && "source" in value;

/** Config, class and weights survive a file; the restored model predicts the same bits. */
export async function savedAndLoaded(row: Row): Promise<void> {
  const { layer, whole } = modelOf(row);
  stir(layer);
  const loaded = await modelFromBytes(await modelToBytes(whole));
  const again = loaded.getLayer("tested");
  assert.deepEqual([again.typeName, again.config()], [layer.typeName, layer.config()]);
  const x = arrays(row);
  assert.deepEqual(await allBits(await loaded.predict<Structure<Tensor>>(x)), await allBits(await whole.predict(x)));
}

/** Runs `body` while `nodes` stand for the values of `variables`, so that derivatives by them can be taken in f64. */
function withValues<T>(variables: readonly Variable[], nodes: readonly Node[], body: () => T): T {
  variables.forEach((variable, index) => {
    const node = nodes[index]!;
    Object.defineProperty(variable, "node", { get: () => node, configurable: true });
    Object.defineProperty(variable, "read", { value: () => new Tensor(node), configurable: true });
    Object.defineProperty(variable, "assign", { value: () => variable, configurable: true });
  });
  try {
    return body();
  } finally {
    for (const variable of variables) {
      for (const name of ["node", "read", "assign"]) delete (variable as unknown as Record<string, unknown>)[name];
    }
  }
}

/** The derivatives by inputs and Variables are the limits of differences. */
export function gradients(row: Row): void {
  const { layer } = modelOf(row);
  const variables = layer.variables.filter(({ dtype }) => dtype === "f32");
  const inputs = row.tokens === undefined ? shapesOf(row.inputs) : [];
  const shapes = [...inputs, ...variables.map(({ shape }) => shape)];
  if (shapes.length === 0 || row.roundsInput !== undefined || row.captures === true) return;
  for (const training of row.random ? [false] : [false, true]) {
    const fn = (...nodes: Node[]): Node => {
      const x =
        row.tokens === undefined
          ? likeStructure(
              row.inputs,
              isShape,
              nodes.slice(0, inputs.length).map((node) => new Tensor(node)),
            )
          : mapStructure(row.inputs, isShape, (shape): Tensor => arange(sizeOf(shape)).mod(row.tokens!).reshape(shape));
      return withValues(variables, nodes.slice(inputs.length), () => {
        const outputs = outputsOf(layer.compute(x, { training })).filter(({ dtype }) => dtype === "f32");
        return outputs.length === 1 ? outputs[0]!.node : concatenate(outputs.map((output) => output.ravel())).node;
      });
    };
    const points = shapes.map((shape, at) => {
      const point = sample(shape, 0.2, 1.2, at + 3);
      return row.kinks === true ? { ...point, data: point.data.map((_, i) => Math.sin((i + at + 1) * 77)) } : point;
    });
    checkGradient(fn, points, { tolerance: 1e-6, elements: 20 });
  }
}

/** One step of training changes every trainable Variable, and none of a frozen layer. */
export async function oneStep(row: Row): Promise<void> {
  const targets = mapStructure(
    row.output,
    isShape,
    (shape) =>
      new NdArray(
        Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at * 5)),
        shape,
      ),
  );
  const train = async (options: LayerOptions): Promise<Record<string, boolean>> => {
    const { layer, whole } = modelOf(row, options);
    const old = await Promise.all(layer.variables.map(async (variable) => bits(variable.read())));
    const several = !isShape(row.output);
    whole.compile({ optimizer: "sgd", loss: several ? shapesOf(row.output).map(() => "mse" as const) : "mse" });
    await whole.trainOnBatch(arrays(row), targets);
    const now = await Promise.all(layer.variables.map(bits));
    const names = layer.namedVariables().map(([name]) => name);
    return Object.fromEntries(names.map((name, at) => [name, String(now[at]) !== String(old[at])]));
  };
  // Generators go on also in a frozen layer: it still drops.
  const goesOn = (name: string): boolean => row.random === true && row.state?.includes(name) === true;
  const every = (moved: boolean): Record<string, boolean> =>
    Object.fromEntries(
      Object.keys(row.variables ?? {}).map((name) => [
        name,
        goesOn(name) || (moved && !Object.hasOwn(row.still ?? {}, name)),
      ]),
    );
  assert.deepEqual(await train({}), every(true));
  assert.deepEqual(await train({ trainable: false }), every(false));
}

/** Training and inference differ where the row says so, and nowhere else. */
export async function trainingAndInference(row: Row): Promise<void> {
  const { layer, whole } = modelOf(row);
  await whole.predict(arrays(row));
  const x = tensorsOf(arrays(row));
  const on = await allBits(layer.compute(x, { training: true }));
  const off = await allBits(layer.compute(x, { training: false }));
  assert.equal(String(on) === String(off), row.training !== true);
}

/** Integers are taken as the floats of the same value. */
export async function integersAsFloats(row: Row): Promise<void> {
  const { layer, whole } = modelOf(row);
  stir(layer);
  const whole8 = changed(
    arrays(row),
    ({ data, shape }) =>
      new NdArray(
        Uint8Array.from(data, (x) => Math.abs(Math.round(x * 5))),
        shape,
      ),
  );
  const floats = changed(whole8, ({ data, shape }) => new NdArray(Float32Array.from(data), shape));
  const [a, b] = [outputsOf(await whole.predict(whole8)), outputsOf(await whole.predict(floats))];
  assert.deepEqual(await Promise.all(a.map(numbers)), await Promise.all(b.map(numbers)));
}

/** A mask is refused in words, kept, dropped or made, as the row says. */
export function masking(row: Row): void {
  const { layer, whole } = modelOf(row);
  assert.equal(whole.outputs instanceof Masked, row.makesMask === true, "makes a mask");
  if (!isShape(row.inputs) || row.inputs.length < 2) return;
  const [, ...sizes] = row.inputs;
  const x = new Masked(input(sizes), input(sizes.slice(0, 1), { dtype: "bool" }));
  const { mask = "refuse" } = row;
  if (mask === "refuse")
    return void assert.throws(() => layer.invoke(x), /tested: the input has a mask[\s\S]*dropMask/);
  const result = layer.invoke(x);
  assert.equal(result instanceof Masked, mask === "keep");
  if (result instanceof Masked) assert.deepEqual(result.mask.shape, [null, sizes[0]]);
}

/** Called on data, in a model, and in a model behind another layer, a layer on the host gives the same; it comes first. */
export async function onTheHost(row: Row): Promise<void> {
  const { layer, whole } = modelOf(row);
  const [expected] = await allBits(await whole.predict(arrays(row)));
  const called = layer.invoke(row.host) as Tensor;
  assert.deepEqual([called.shape, await bits(called)], [row.output, expected]);
  assert.throws(() => layer.invoke(layers.identity()(input([2]))), /tested: a \w+ works on the host/);
  assert.throws(() => layer.compute(called, { training: false }), /works on the host/);
}

/** Wrong inputs are refused in the user's words, with the name of the layer. */
export function refusals(row: Row): void {
  for (const { inputs, message } of row.wrong ?? []) {
    const { layer } = modelOf(row);
    const given = mapStructure(inputs, isShape, (shape) => tensor(new Float32Array(sizeOf(shape)), { shape }));
    assert.throws(() => layer.invoke(given), message);
    assert.throws(() => layer.invoke(given), /tested/);
  }
}

/** Outputs and gradients on the selected device: of a training call where it draws no random numbers, else of inference. */
export async function resultsOf(row: Row): Promise<readonly number[][]> {
  const { layer } = modelOf(row);
  stir(layer);
  const variables = layer.trainableVariables;
  const step = jit((x: Structure<Tensor>) => {
    const [, found] = valueAndGrad(() => {
      const outputs = outputsOf(layer.compute(x, { training: row.random !== true }));
      return outputs
        .map((output, index) => {
          const values = output.cast("f32");
          const weights = arange(values.size)
            .cast("f32")
            .add(1 + index)
            .sin()
            .reshape(values.shape);
          return values.mul(weights as Tensor).sum() as Tensor;
        })
        .reduce((sum, part) => sum.add(part));
    }, variables);
    return [...outputsOf(layer.compute(x, { training: true })), ...found];
  });
  setRandomSeed(11);
  const results = step(tensorsOf(arrays(row)));
  return Promise.all([...results, ...layer.variables].map(numbers));
}

/** Numbers of two devices agree to f32's accuracy after a few operations. */
export function assertClose(actual: readonly number[][], expected: readonly number[][], tolerance = 2e-4): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((values, part) => {
    const scale = Math.max(1, ...values.map(Math.abs));
    values.forEach((value, at) => {
      const found = actual[part]![at]!;
      // Written so that NaN fails too.
      assert.ok(Math.abs(found - value) <= tolerance * scale, `result ${part}, element ${at}: ${found}, not ${value}`);
    });
  });
}
