import assert from "node:assert/strict";
import { test } from "node:test";
import { jit, random, setDevice, setRandomSeed, type Tensor, valueAndGrad, variable } from "../../tensor/index.ts";
import { assertClose, cotangents, goldenFile, made, type Values } from "../golden.test.body.ts";
import { input, type Layer, layers, leavesOf, Masked, type MaskedStructure, type Recurrent } from "../index.ts";

/** What Keras says: nn/goldens/recurrent.py writes it and explains it. */
interface Case {
  readonly name: "SimpleRNN" | "LSTM" | "GRU";
  readonly options: object;
  readonly mergeMode: "concat" | "sum" | null;
  readonly mask: readonly (readonly number[])[] | null;
  readonly x: Values;
  readonly initialState: readonly Values[] | null;
  readonly weights: readonly Values[];
  readonly outputs: readonly Values[];
  readonly gradients: readonly Values[];
}

const { cases } = goldenFile("recurrent") as { readonly cases: readonly Case[] }; // our own file
const makers = { SimpleRNN: layers.simpleRnn, LSTM: layers.lstm, GRU: layers.gru } as const;
const units = 2;

const isTensor = (value: unknown): value is Tensor => typeof value === "object" && value !== null && "dtype" in value;

function layerOf({ name, options, mergeMode }: Case): Layer {
  const layer = makers[name](units, options) as unknown as Recurrent; // the golden's options
  return (mergeMode === null ? layer : layers.bidirectional(layer, { mergeMode })) as unknown as Layer;
}

for (const [index, each] of cases.entries()) {
  const { name, options, mergeMode, mask, initialState } = each;
  const words = [
    name,
    JSON.stringify(options),
    mergeMode ?? "",
    mask ? "masked" : "",
    initialState ? "with states" : "",
  ];
  test(`as Keras, outputs and gradients (${index}): ${words.filter((word) => word !== "").join(" ")}`, async () => {
    for (const [device, tolerance] of [
      ["reference", 1e-6],
      ["wasm", 2e-5],
    ] as const) {
      await setDevice(device);
      const layer = layerOf(each);
      const x = made(each.x);
      const run = (sequence: Tensor): Tensor[] => {
        const given = mask === null ? sequence : new Masked(sequence, made(mask).cast("bool") as Tensor);
        const states = initialState?.map(made);
        const outputs = layer.compute(states === undefined ? given : [given, ...states], { training: false });
        return leavesOf(withoutMask(outputs), isTensor);
      };
      run(x); // builds
      for (const [at, variable] of layer.variables.entries()) variable.assign(made(each.weights[at]!));
      const sequence = variable(x.shape).assign(x);
      const loss = (): readonly [Tensor, readonly Tensor[]] => {
        const outputs = run(sequence.mul(1) as Tensor);
        const weights = cotangents(outputs);
        const parts = outputs.map((output, at): Tensor => output.mul(weights[at]!).sum());
        return [parts.reduce((sum, part): Tensor => sum.add(part)), outputs] as const;
      };
      const step = jit(() => valueAndGrad(loss, [sequence, ...layer.variables], { hasAux: true }));
      const [[, outputs], gradients] = step();
      for (const [at, output] of outputs.entries())
        await assertClose(`${device}: output ${at}`, output, each.outputs[at]!, tolerance);
      assert.equal(outputs.length, each.outputs.length);
      for (const [at, gradient] of gradients.entries())
        await assertClose(`${device}: gradient ${at}`, gradient, each.gradients[at]!, 5 * tolerance);
    }
  });
}

const withoutMask = (outputs: MaskedStructure<Tensor>): MaskedStructure<Tensor> => {
  if (outputs instanceof Masked) return outputs.values;
  return Array.isArray(outputs) ? outputs.map((each) => withoutMask(each)) : outputs;
};

test("a stateful layer goes on where the last batch ended, until its state is reset", async () => {
  await setDevice("reference");
  setRandomSeed(1);
  const stateful = layers.lstm(3, { stateful: true });
  const whole = layers.lstm(3);
  const x = random.normal([2, 6, 4], { key: random.key(1) });
  whole(x);
  stateful(x.slice(["...", { stop: 3 }, { stop: 4 }]) as Tensor);
  for (const [at, variable] of stateful.cell.variables.entries()) variable.assign(whole.cell.variables[at]!);
  stateful.resetState();
  const expected = (await whole(x).array()) as unknown as Values;
  stateful(x.slice([{}, { stop: 3 }]) as Tensor);
  await assertClose("continued", stateful(x.slice([{}, { start: 3 }]) as Tensor), expected, 1e-6);
  await assert.rejects(assertClose("not reset", stateful(x), expected, 1e-6));
  stateful.resetState();
  await assertClose("reset", stateful(x), expected, 1e-6);
  assert.throws(
    () => stateful(random.normal([3, 6, 4])),
    /stateful and keeps the states of 2 examples, but the batch has 3[\s\S]*batchSize: 32/,
  );
});

test("a stateful layer in a functional model needs the batch size", () => {
  assert.throws(() => layers.gru(2, { stateful: true })(input([4, 3])), /batchSize: 32/);
  const output = layers.gru(2, { stateful: true })(input([4, 3], { batchSize: 2 }));
  assert.deepEqual(output.shape, [2, 2]);
});

test("dropout draws its masks once a call: the same values are dropped at every step", async () => {
  await setDevice("reference");
  setRandomSeed(2);
  // The identity over time: every step shows its input, and nothing of the state.
  const layer = layers.simpleRnn(8, {
    activation: "linear",
    kernelInitializer: "identity",
    recurrentInitializer: "zeros",
    returnSequences: true,
    dropout: 0.5,
  });
  const x = random.uniform([2, 5, 8], { low: 1, high: 2, key: random.key(3) });
  const out = layer(x, { training: true });
  const kept = (await (out as Tensor).notEqual(0).array()) as unknown as number[][][];
  for (const example of kept) {
    for (const step of example) assert.deepEqual(step, example[0]);
    assert.ok(example[0]!.some(Boolean) && !example[0]!.every(Boolean));
  }
});
