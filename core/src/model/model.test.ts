import assert from "node:assert/strict";
import { before, test } from "node:test";
import { digitsModel } from "../cli/digits/model.ts";
import { NdArray, ndarray } from "../data/index.ts";
import {
  type CallContext,
  clearSession,
  type Inputs,
  input,
  Layer,
  layers,
  metrics,
  type Outputs,
  type SymbolicTensor,
} from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import {
  concatenate,
  random,
  setDevice,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
  variable,
} from "../tensor/index.ts";
import { earlyStopping } from "../train/index.ts";
import { type Functional, model } from "./functional.ts";
import { Model } from "./model.ts";
import { type Sequential, sequential } from "./sequential.ts";

before(() => setDevice("reference"));

/** Numbers that look random and are always the same. */
const noise = (shape: readonly number[], seed = 1): NdArray =>
  new NdArray(
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, at) => Math.sin((at + 1) * 12.9898 * seed) * 0.9,
    ),
    shape,
  );
const quiet = { verbose: "silent" } as const;
const close = (a: number, b: number, tolerance = 1e-5): void =>
  assert.ok(Math.abs(a - b) <= tolerance * (1 + Math.abs(b)), `${a} is not ${b}`);

test("the digits convnet of the book has 104,202 parameters", () => {
  const digits = digitsModel();
  assert.equal(digits.countParams(), 104_202);
  assert.deepEqual(digits.graph?.outputs.shape, [null, 10]);
});

/** The ticket classifier of the book (section 7.2): three inputs, two outputs. */
function tickets(): {
  readonly whole: Functional<readonly [SymbolicTensor, SymbolicTensor]>;
  readonly features: SymbolicTensor;
} {
  const vocabulary = 10_000;
  const title = input([vocabulary], { name: "title" });
  const body = input([vocabulary], { name: "body" });
  const tags = input([100], { name: "tags" });
  const features = layers.dense(64, { activation: "relu", name: "features" })(
    layers.concatenate({ name: "joined" })([title, body, tags]),
  );
  const priority = layers.dense(1, { activation: "sigmoid", name: "priority" })(features);
  const department = layers.dense(4, { activation: "softmax", name: "department" })(features);
  return { whole: model([title, body, tags], [priority, department], { name: "tickets" }), features };
}

test("the book's functional model: counts, extension from an intermediate tensor", () => {
  const { whole } = tickets();
  assert.equal(whole.countParams(), 1_286_789);
  const difficulty = layers.dense(3, { activation: "softmax", name: "difficulty" })(whole.outputOf("features"));
  const extended = model(whole.inputs, [...whole.outputs, difficulty]);
  assert.equal(extended.countParams(), 1_286_984);
  assert.throws(() => whole.getLayer("feature"), /no such layer: "feature"\n +hint +did you mean "features"/);
});

/** Two named inputs, two named outputs, small. */
function twoByTwo(): Model {
  const left = input([3], { name: "left" });
  const right = input([2], { name: "right" });
  const joined = layers.dense(5, { activation: "tanh", name: "hidden" })(
    layers.concatenate({ name: "join" })([left, right]),
  );
  const score = layers.dense(1, { name: "score" })(joined);
  const kind = layers.dense(3, { activation: "softmax", name: "kind" })(joined);
  return model({ left, right }, { score, kind });
}
const pair = { left: noise([10, 3]), right: noise([10, 2], 2) };
const targets = { kind: Int32Array.from({ length: 10 }, (_, at) => at % 3), score: noise([10], 3) };
const several = { optimizer: "adam", loss: { kind: "sparseCategoricalCrossentropy", score: "mse" } } as const;

test("named inputs and outputs: losses, weights and metrics by output", async () => {
  const whole = twoByTwo().compile({
    ...several,
    lossWeights: { score: 0.5, kind: 2 },
    metrics: { kind: ["accuracy"], score: ["mae"] },
  });
  const { history } = await whole.fit(pair, targets, { epochs: 2, batchSize: 4, ...quiet });
  assert.deepEqual(Object.keys(history).sort(), ["kindAccuracy", "kindLoss", "loss", "scoreLoss", "scoreMae"]);
  for (let epoch = 0; epoch < 2; epoch++)
    close(history["loss"]![epoch]!, 0.5 * history["scoreLoss"]![epoch]! + 2 * history["kindLoss"]![epoch]!);
  const predicted = await whole.predict<{ score: Tensor; kind: Tensor }>(pair);
  assert.deepEqual(
    [predicted.score.shape, predicted.kind.shape],
    [
      [10, 1],
      [10, 3],
    ],
  );
});

test("lists of inputs and outputs", async () => {
  const [a, b] = [input([2]), input([2])];
  const sum = layers.add()([a, b]);
  const whole = model([a, b], [layers.dense(1, { name: "one" })(sum), layers.dense(2, { name: "two" })(sum)]);
  whole.compile({ optimizer: "sgd", loss: ["mse", "mae"], metrics: [["mse"], []] });
  const logs = await whole.trainOnBatch([noise([4, 2]), noise([4, 2])], [noise([4, 1]), noise([4, 2])]);
  assert.deepEqual(Object.keys(logs), ["loss", "oneLoss", "twoLoss", "oneMse"]);
});

test("a shared layer is one layer, and its gradient is the sum of its uses", async () => {
  const shared = layers.dense(1, { useBias: false });
  const [a, b] = [input([1]), input([1])];
  const whole = model([a, b], layers.add()([shared(a), shared(b)]));
  assert.equal(whole.countParams(), 1);
  shared.own.kernel.assign(tensor([[2]]));
  whole.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: "mse" });
  await whole.trainOnBatch([ndarray([[3]]), ndarray([[4]])], ndarray([[13]]));
  // loss (7w − 13)², so the derivative at 2 is 2·7·1.
  close(await shared.own.kernel.item(), 2 - 0.1 * 14);
});

test("models are layers: nested, shared, frozen as a whole", async () => {
  const inner = sequential([layers.dense(4, { activation: "relu" }), layers.batchNormalization()], { name: "inner" });
  const x = input([3]);
  const whole = model(x, layers.dense(1)(layers.add()([inner(x), inner(layers.dense(3)(x))])));
  assert.equal(whole.countParams(), 3 * 4 + 4 + 16 + 12 + 5);
  assert.deepEqual(
    whole.layers.map((layer) => layer.typeName),
    ["InputLayer", "Dense", "Sequential", "Add", "Dense"],
  );
  assert.deepEqual(
    whole
      .namedVariables()
      .slice(2, 4)
      .map(([name]) => name.split("/")[0]),
    ["inner", "inner"],
  );
  inner.trainable = false;
  const before = await Promise.all(inner.variables.map((variable) => variable.read().array()));
  whole.compile({ optimizer: "adam", loss: "mse" });
  await whole.fit(noise([8, 3]), noise([8, 1]), { ...quiet, epochs: 2 });
  assert.deepEqual(await Promise.all(inner.variables.map((variable) => variable.array())), before);
  assert.equal(whole.trainableVariables.length, 4);
  inner.trainable = true;
  await whole.fit(noise([8, 3]), noise([8, 1]), { ...quiet });
  assert.deepEqual(
    await Promise.all(inner.variables.map((variable) => variable.array())),
    before,
    "frozen when it was compiled",
  );
  whole.compile({ optimizer: "adam", loss: "mse" });
  await whole.fit(noise([8, 3]), noise([8, 1]), { ...quiet });
  assert.notDeepEqual(await Promise.all(inner.variables.map((variable) => variable.array())), before);
});

test("a model from an intermediate tensor to another", async () => {
  const x = input([2]);
  const first = layers.dense(3, { activation: "relu" });
  const second = layers.dense(1);
  const middle = first(x);
  const whole = model(x, second(middle));
  const [head, tail] = [model(x, middle), model(middle, whole.outputs)];
  const data = noise([5, 2]);
  const there = await head.predict(data);
  const [a, b] = await Promise.all([(await tail.predict(there)).data(), (await whole.predict(data)).data()]);
  a.forEach((value: number, at: number) => {
    close(value, b[at]!, 1e-6);
  });
});

/** y = x·scale, with sub-layers in a property, a list, a record and a map. */
class Nest extends Layer<{ scale: Variable }> {
  readonly first = layers.dense(4);
  readonly list = [layers.dense(4), [layers.dense(4)]];
  readonly record = { one: layers.dense(4) };
  readonly map = new Map([["key", layers.dense(4)]]);
  override build(): { scale: Variable } {
    return { scale: variable([1], (shape) => tensor([2]).reshape(shape)) };
  }
  override call(x: Tensor, { scale }: { scale: Variable }): Tensor {
    const all = [
      this.first,
      this.list[0],
      ...(this.list[1] as Layer[]),
      this.record.one,
      this.map.get("key"),
    ] as Layer[];
    return all.reduce((value, layer) => layer(value), x).mul(scale);
  }
  override config(): Readonly<Record<string, unknown>> {
    return {};
  }
}

test("sub-layers are found in properties, lists, records and maps", async () => {
  clearSession();
  const nest = new Nest();
  assert.equal(nest.name, "nest");
  assert.equal(nest.variables.length, 0);
  nest(tensor(noise([2, 4]).data as Float32Array, { shape: [2, 4] }));
  assert.equal(nest.layers.length, 5);
  assert.equal(nest.variables.length, 11);
  assert.deepEqual(
    nest
      .namedVariables()
      .slice(0, 3)
      .map(([name]) => name),
    ["scale", "dense/kernel", "dense/bias"],
  );
});

/** A model of one's own with records in and out, and a step of its own. */
class Tickets extends Model {
  readonly hidden = layers.dense(6, { activation: "relu" });
  readonly drop = layers.dropout(0.5);
  readonly heads = { priority: layers.dense(1), kind: layers.dense(3, { activation: "softmax" }) };
  override call({ left, right }: { left: Tensor; right: Tensor }, _own: object, context: CallContext): Outputs {
    const features = this.drop.compute(this.hidden(concatenate([left, right], 1)), context) as Tensor;
    return { priority: this.heads.priority(features), kind: this.heads.kind(features) };
  }
  override config(): Readonly<Record<string, unknown>> {
    return {};
  }
}

test("a subclassed model trains, and works inside a functional one", async () => {
  const own = new Tickets();
  own.compile({
    optimizer: "rmsprop",
    loss: { priority: "mse", kind: "sparseCategoricalCrossentropy" },
    metrics: { kind: ["accuracy"] },
  });
  const { history } = await own.fit(
    pair,
    { kind: targets.kind, priority: targets.score },
    { epochs: 3, batchSize: 4, ...quiet },
  );
  assert.deepEqual(Object.keys(history).sort(), ["kindAccuracy", "kindLoss", "loss", "priorityLoss"]);
  assert.equal(own.countParams(), 5 * 6 + 6 + 7 + 21);
  const [left, right] = [input([3]), input([2])];
  const { kind } = own({ left, right }) as unknown as { kind: SymbolicTensor };
  assert.deepEqual(kind.shape, [null, 3]);
  const whole = model([left, right], layers.dense(1)(kind));
  assert.deepEqual((await whole.predict([pair.left, pair.right])).shape, [10, 1]);
});

test("the call that makes the graph changes no state and draws no random numbers", async () => {
  class Noisy extends Layer<{ count: Variable }> {
    override build(): { count: Variable } {
      return { count: variable([], undefined, { trainable: false }) };
    }
    override call(x: Tensor, { count }: { count: Variable }): Inputs {
      count.assignAdd(1);
      return x.add(random.normal(x.shape));
    }
    override config(): Readonly<Record<string, unknown>> {
      return {};
    }
  }
  setRandomSeed(5);
  const noisy = new Noisy();
  const whole = model(
    ...(((x) => [x, noisy(x)]) as (x: SymbolicTensor) => [SymbolicTensor, SymbolicTensor])(input([2])),
  );
  assert.equal(await noisy.own.count.item(), 0);
  const first = await (await whole.predict(noise([3, 2]))).array();
  setRandomSeed(5);
  assert.deepEqual(await (await whole.predict(noise([3, 2]))).array(), first);
  assert.equal(await noisy.own.count.item(), 2);
});

const small = (): Model =>
  sequential([layers.dense(4, { activation: "tanh", kernelInitializer: "glorotUniform" }), layers.dense(1)]).compile({
    optimizer: "adam",
    loss: "mse",
    metrics: ["mae"],
  });
const x = noise([10, 3]);
const y = noise([10, 1], 4);

test("history keys, the last short batch, evaluate as the mean over examples", async () => {
  const whole = small();
  const { history, epoch } = await whole.fit(x, y, { epochs: 2, batchSize: 4, validationSplit: 0.3, ...quiet });
  assert.deepEqual(Object.keys(history).sort(), ["loss", "mae", "valLoss", "valMae"]);
  assert.deepEqual(epoch, [0, 1]);
  const inBatches = await whole.evaluate(x, y, { batchSize: 3 });
  const atOnce = await whole.evaluate({ x, y }, { batchSize: 100 });
  for (const key of ["loss", "mae"]) close(inBatches[key]!, atOnce[key]!, 1e-6);
  const predicted = await (await whole.predict(x, { batchSize: 4 })).data();
  close(atOnce["loss"]!, Array.from(predicted).reduce((sum, value, at) => sum + (value - y.data[at]!) ** 2, 0) / 10);
});

test("the validation split is the last part, taken before shuffling; validationData wins", async () => {
  const whole = small();
  const last = { x: x.slice(7, 10), y: y.slice(7, 10) };
  const { history } = await whole.fit(x, y, { validationSplit: 0.3, ...quiet });
  close(history["valLoss"]![0]!, (await whole.evaluate(last))["loss"]!, 1e-6);
  const given = { x: x.slice(0, 2), y: y.slice(0, 2) };
  const again = await whole.fit(x, y, { validationData: given, ...quiet });
  close(again.history["valLoss"]![0]!, (await whole.evaluate(given))["loss"]!, 1e-6);
});

test("each fit returns its own history; the model keeps all, and every epoch has its own order", async () => {
  const run = async (pieces: readonly number[]): Promise<{ losses: number[]; weights: unknown }> => {
    setRandomSeed(1);
    const whole = small();
    const losses: number[] = [];
    for (const epochs of pieces)
      losses.push(...(await whole.fit(x, y, { epochs, batchSize: 3, ...quiet })).history["loss"]!);
    assert.deepEqual(whole.history.history["loss"], losses);
    return { losses, weights: await Promise.all(whole.variables.map((variable) => variable.array())) };
  };
  assert.deepEqual(await run([4]), await run([1, 2, 1]));
});

test("sample weights of 0 leave examples out; class weights multiply them", async () => {
  const classes = Int32Array.from({ length: 10 }, (_, at) => at % 2);
  const losses = async (options: object, sampleWeight?: Float32Array): Promise<number> => {
    setRandomSeed(2);
    const whole = sequential([layers.dense(2, { activation: "softmax" })]);
    whole.compile({ optimizer: "sgd", loss: "sparseCategoricalCrossentropy" });
    const { history } = await whole.fit({ x, y: classes, sampleWeight }, { ...quiet, ...options });
    return history["loss"]![0]!;
  };
  const weights = Float32Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 3 : 0));
  close(await losses({ classWeight: { 0: 3, 1: 0 } }), await losses({}, weights), 1e-6);
  assert.notEqual(await losses({}), await losses({}, weights));
  const rows = Array.from(classes, (kind) => [1 - kind, kind]);
  const oneHot = sequential([layers.dense(2)]).compile({ loss: "mse" });
  const zero = await oneHot.fit(x, rows, { classWeight: { 0: 0, 1: 0 }, ...quiet });
  assert.equal(zero.history["loss"]![0], 0);
});

test("callbacks are called in order, with figures, and may stop the training", async () => {
  const seen: string[] = [];
  const { epoch } = await small().fit(x, y, {
    epochs: 5,
    batchSize: 5,
    ...quiet,
    callbacks: [
      {
        onTrainBegin: ({ steps, epochs }) => void seen.push(`train ${epochs}×${steps}`),
        onEpochBegin: (number) => void seen.push(`epoch ${number}`),
        onBatchEnd: async (step, logs) => void seen.push(`step ${step} ${Object.keys(logs)}`),
        onEpochEnd: (number, logs, control) => {
          seen.push(`end ${number} ${Object.keys(logs)}`);
          if (number === 1) control.stop();
        },
        onTrainEnd: () => void seen.push("done"),
      },
    ],
  });
  const step = (number: number): string => `step ${number} loss,mae`;
  const expected = (number: number): string[] => [`epoch ${number}`, step(0), step(1), `end ${number} loss,mae`];
  assert.deepEqual(seen, ["train 5×2", ...expected(0), ...expected(1), "done"]);
  assert.deepEqual(epoch, [0, 1]);
});

test("early stopping waits `patience` epochs and restores the best weights", async () => {
  const series = [5, 3, 4, 3.5, 2, 1];
  for (const [patience, stopsAfter] of [
    [0, 3],
    [1, 3],
    [2, 4],
    [3, 6],
  ] as const) {
    const callback = earlyStopping({ monitor: "figure", patience });
    let stopped = 0;
    const stop = (): void => {
      stopped = -1;
    };
    const unused = (): never => assert.fail("early stopping needs no snapshots");
    const model = small();
    const control = {
      model,
      epochs: 6,
      steps: 1,
      batchSize: 1,
      dataWait: 0,
      validates: true,
      stop,
      tell: unused,
      build: unused,
      evaluate: unused,
      snapshot: unused,
      resume: unused,
    };
    await callback.onTrainBegin?.(control);
    for (let epoch = 0; epoch < series.length && stopped === 0; epoch++) {
      await callback.onEpochEnd?.(epoch, { figure: series[epoch]! }, control);
      if (stopped !== 0 || epoch === series.length - 1) stopped = epoch + 1;
    }
    assert.equal(stopped, stopsAfter, `patience ${patience}`);
  }
  const whole = sequential([layers.dense(1, { kernelInitializer: "zeros" })]);
  whole.compile({ optimizer: optimizers.sgd({ learningRate: 0.4 }), loss: "mse" });
  const rising = earlyStopping({ monitor: "loss", mode: "max", restoreBestWeights: true });
  const atEnds: unknown[] = [];
  const watch = { onEpochEnd: async () => void atEnds.push(await whole.variables[0]!.array()) };
  await whole.fit(x, y, { epochs: 3, ...quiet, callbacks: [rising, watch] });
  assert.equal(atEnds.length, 2);
  assert.deepEqual(await whole.variables[0]!.array(), atEnds[0]);
});

test("an AbortSignal ends fit, evaluate and predict, and the model stays usable", async () => {
  const whole = small();
  const controller = new AbortController();
  let steps = 0;
  const onBatchEnd = (): void => {
    if (++steps === 3) controller.abort(new Error("enough"));
  };
  await assert.rejects(
    whole.fit(x, y, { epochs: 50, batchSize: 5, signal: controller.signal, callbacks: [{ onBatchEnd }], ...quiet }),
    /enough/,
  );
  assert.equal(steps, 3);
  const { signal } = controller;
  await assert.rejects(whole.fit(x, y, { signal, ...quiet }), /enough/);
  await assert.rejects(whole.evaluate(x, y, { signal }), /enough/);
  await assert.rejects(whole.predict(x, { signal }), /enough/);
  await whole.fit(x, y, quiet);
});

test("a trainStep of one's own needs no targets", async () => {
  class Own extends Model {
    readonly dense = layers.dense(2);
    steps = variable([], undefined, { trainable: false });
    override call(x: Tensor): Tensor {
      return this.dense(x);
    }
    override trainStep(): void {
      this.steps.assignAdd(1);
    }
    override config(): Readonly<Record<string, unknown>> {
      return {};
    }
  }
  const own = new Own();
  own.compile({});
  await own.fit({ x }, { batchSize: 4, ...quiet });
  assert.equal(await own.steps.item(), 3);
});

test("adding a layer changes the predictions; a sequential model without input takes its first data's shape", async () => {
  const grown: Sequential = sequential([layers.dense(2)]);
  assert.equal(grown.variables.length, 0);
  assert.match(grown.summary({ writer: { terminal: false, write: () => {} } }), /0 \(unbuilt\)/);
  assert.deepEqual((await grown.predict(x)).shape, [10, 2]);
  grown.add(layers.dense(5));
  assert.deepEqual((await grown.predict(x)).shape, [10, 5]);
  grown.pop();
  assert.deepEqual((await grown.predict(x)).shape, [10, 2]);
});

test("metric objects", async () => {
  const whole = sequential([layers.dense(1)]);
  whole.compile({ optimizer: "sgd", loss: "mse", metrics: [metrics.mae()] });
  assert.deepEqual(Object.keys(await whole.testOnBatch(x, y)), ["loss", "mae"]);
});

test("every epoch has another order, and shuffle: false keeps the given one", async () => {
  const firstLosses = async (shuffle: boolean): Promise<Set<number>> => {
    const whole = sequential([layers.dense(1)]).compile({
      optimizer: optimizers.sgd({ learningRate: 1e-12 }),
      loss: "mse",
    });
    const losses = new Set<number>();
    const onBatchEnd = (step: number, logs: Readonly<Record<string, number>>): void => {
      if (step === 0) losses.add(logs["loss"]!);
    };
    await whole.fit(x, y, { epochs: 3, batchSize: 2, shuffle, callbacks: [{ onBatchEnd }], ...quiet });
    await whole.fit(x, y, { epochs: 3, batchSize: 2, shuffle, callbacks: [{ onBatchEnd }], ...quiet });
    return losses;
  };
  assert.ok((await firstLosses(true)).size >= 4);
  assert.equal((await firstLosses(false)).size, 1);
});

test("a nested model keeps the open axes of its input", () => {
  const inner = sequential([layers.conv2d(2, 3), layers.maxPooling2d(1)]);
  inner(input([null, 9, 1]));
  assert.deepEqual(
    [inner.graph?.inputs.shape, inner.graph?.outputs.shape],
    [
      [null, null, 9, 1],
      [null, null, 7, 2],
    ],
  );
});
