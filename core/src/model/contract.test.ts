import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Shape } from "../base/shape.ts";
import { NdArray } from "../data/index.ts";
import { classes } from "../nn/classes.ts";
import {
  type CallContext,
  fields,
  fromConfig,
  type GivenOf,
  initializers,
  input,
  Layer,
  type LayerOptions,
  layers,
  Masked,
  registerFunction,
  registerLayer,
  regularizers,
  type SymbolicTensor,
  valuesOf,
} from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, setRandomSeed, type Tensor, tensor, type Variable, valueAndGrad } from "../tensor/index.ts";
import type { Batch } from "../train/index.ts";
import { Model, model, modelFromBytes, modelToBytes, sequential } from "./index.ts";

before(() => setDevice("reference"));

const noise = (shape: Shape, seed = 1): NdArray =>
  new NdArray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.sin((at + seed) * 12.9)),
    shape,
  );
const untyped = (value: unknown): never => value as never;

test("unknown options are refused with the names that exist", () => {
  assert.throws(
    () => layers.dense(3, untyped({ activaton: "relu" })),
    /Dense: unknown option "activaton"\n +hint +did you mean "activation"\? valid names are/,
  );
  assert.throws(() => layers.conv2d(3, 3, untyped({ padding: "full" })), /unknown padding "full"/);
  assert.throws(() => layers.dense(3, untyped("relu")), /Dense: options must be an object, received "relu"/);
  assert.throws(() => layers.dense(3, untyped({ useBias: 1 })), /useBias must be true or false, received 1/);
  assert.throws(() => layers.dense(untyped(undefined)), /Dense: units must be given/);
  assert.throws(() => layers.dense(3, untyped({ kernelRegularizer: "l3" })), /unknown regularizer "l3"[\s\S]*"l2"/);
});

test("config round trip: functions with their arguments, registered ones by name", () => {
  const layer = layers.dense(3, {
    activation: "tanh",
    kernelInitializer: initializers.randomNormal({ stddev: 0.5 }),
    kernelRegularizer: regularizers.l2(0.1),
    biasConstraint: "nonNeg",
    activityRegularizer: "l1",
  });
  const config = JSON.parse(JSON.stringify(layer.config()));
  assert.deepEqual(config.kernelInitializer, { name: "randomNormal", arguments: [{ stddev: 0.5 }] });
  assert.deepEqual(config.kernelRegularizer, { name: "l2", arguments: [0.1] });
  assert.deepEqual([config.activation, config.biasConstraint, config.activityRegularizer], ["tanh", "nonNeg", "l1"]);
  assert.deepEqual(fromConfig(untyped(layer.constructor), config).config(), layer.config());

  const own = <X>(x: X): X => x;
  assert.throws(() => layers.dense(1, { activation: own }).config(), /a function of your own[\s\S]*registerFunction/);
  registerFunction("activation", "ownOfContractTest", own);
  assert.equal(layers.dense(1, { activation: own }).config()["activation"], "ownOfContractTest");
  assert.throws(() => registerFunction("activation", "relu", own), /"relu" is one of the library's/);
});

const scaleFields = { factor: fields.real(2) };
interface ScaleOptions extends LayerOptions, GivenOf<typeof scaleFields> {}

/** x · factor · weight, with losses of its own. */
class ContractScale extends Layer<{ readonly weight: Variable }, typeof scaleFields> {
  static readonly fields = scaleFields;

  constructor(options: ScaleOptions = {}) {
    super(options);
  }

  override build(): { readonly weight: Variable } {
    return { weight: this.addWeight([], { initializer: "ones", regularizer: regularizers.l2(0.5) }) };
  }

  override call(x: Tensor, { weight }: { readonly weight: Variable }, { training }: CallContext): Tensor {
    if (training) this.addLoss(x.mean().mul(3));
    return x.mul(weight).mul(this.options.factor);
  }
}

test("a class of one's own: fields, addWeight, addLoss, regularizers, registered by its class", async () => {
  const x = input([2]);
  const whole = model(x, new ContractScale({ factor: 3, name: "scale", activityRegularizer: regularizers.l1(0.1) })(x));
  whole.compile({ optimizer: optimizers.sgd({ learningRate: 1e-30 }), loss: "mse" });
  const data = new NdArray(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const zero = new NdArray(new Float32Array(4), [2, 2]);
  // mse 9·30/4, addLoss 3·2.5, weight 0.5·1², activity 0.1·30/2
  const { loss } = await whole.trainOnBatch(data, zero);
  assert.ok(Math.abs(loss! - (67.5 + 7.5 + 0.5 + 1.5)) < 1e-4, `${loss}`);
  assert.ok(Math.abs((await whole.testOnBatch(data, zero))["loss"]! - (67.5 + 0.5 + 1.5)) < 1e-4);

  const bytes = await modelToBytes(whole);
  await assert.rejects(modelFromBytes(bytes), /unknown class "ContractScale"/);
  registerLayer(ContractScale);
  const again = (await modelFromBytes(bytes)).getLayer("scale") as ContractScale;
  assert.equal(again.options.factor, 3);
});

test("a model without losses lives by what its layers add", async () => {
  const x = input([2]);
  const whole = model(x, new ContractScale()(x)).compile({ optimizer: "sgd" });
  const { loss } = await whole.trainOnBatch(new NdArray(Float32Array.of(1, 2), [1, 2]));
  assert.ok(Math.abs(loss! - (3 * 1.5 + 0.5)) < 1e-5);
});

test("constraints hold after every step", async () => {
  const net = sequential([
    layers.input([3]),
    layers.dense(2, { kernelConstraint: "unitNorm", biasConstraint: "nonNeg" }),
  ]);
  net.compile({ optimizer: optimizers.sgd({ learningRate: 1 }), loss: "mse" });
  await net.trainOnBatch(noise([4, 3]), noise([4, 2], 5));
  const [kernel, bias] = await Promise.all(net.variables.map(async (variable) => [...(await variable.data())]));
  for (const unit of [0, 1]) {
    const norm = Math.hypot(...[0, 1, 2].map((row) => kernel![row * 2 + unit]!));
    assert.ok(Math.abs(norm - 1) < 1e-5, `${norm}`);
  }
  assert.ok(bias!.every((value) => value >= 0) && bias!.some((value) => value === 0), `${bias}`);
});

test("masks: a type of their own, kept or refused, dropped in words", () => {
  const tokens = input([4]);
  const embedded: Masked<SymbolicTensor> = layers.embedding(9, 3, { maskZero: true })(tokens);
  assert.ok(embedded instanceof Masked);
  assert.deepEqual(
    [embedded.values.shape, embedded.mask.shape, embedded.mask.dtype],
    [[null, 4, 3], [null, 4], "bool"],
  );
  const dense: Masked<SymbolicTensor> = layers.dense(2)(embedded);
  assert.deepEqual(dense.values.shape, [null, 4, 2]);
  assert.throws(() => layers.flatten()(untyped(embedded)), /flatten[_\d]*: the input has a mask[\s\S]*dropMask/);
  assert.deepEqual(layers.flatten()(layers.dropMask()(dense)).shape, [null, 8]);
  const plain: SymbolicTensor = layers.embedding(9, 3)(tokens);
  assert.deepEqual(plain.shape, [null, 4, 3]);
});

test("masked positions count neither in loss nor in metrics; files keep masks", async () => {
  setRandomSeed(2);
  const tokens = input([3], { dtype: "i32" });
  const whole = model(tokens, layers.dense(1)(layers.embedding(5, 2, { maskZero: true })(tokens)));
  whole.compile({ optimizer: "sgd", loss: "mse", metrics: ["mae"] });
  const x = new NdArray(Int32Array.of(1, 2, 0, 3, 0, 0), [2, 3]);
  const y = new NdArray(Float32Array.of(1, 2, 99, 3, 99, 99), [2, 3, 1]);
  const predicted = await (await whole.predict(x)).data();
  const rest = [0, 1, 3].map((at) => predicted[at]! - [1, 2, 99, 3][at]!);
  const { loss, mae } = await whole.testOnBatch(x, y);
  assert.ok(Math.abs(loss! - rest.reduce((sum, r) => sum + r * r, 0) / 3) < 1e-4, `${loss}`);
  assert.ok(Math.abs(mae! - rest.reduce((sum, r) => sum + Math.abs(r), 0) / 3) < 1e-4, `${mae}`);
  const again = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(await again.testOnBatch(x, y), await whole.testOnBatch(x, y));
});

test("methods of symbolic tensors are layers of the graph", async () => {
  const [a, b] = [input([4], { name: "a" }), input([4], { name: "b" })];
  const scored = a
    .mul(2)
    .add(b)
    .slice(["...", { start: 1 }])
    .greater(0)
    .cast("f32")
    .mean(-1, { keepDims: true });
  const [first] = b.split(2, -1);
  const whole = model({ a, b }, [scored, first!.add(a.sum(-1, { keepDims: true }))]);
  assert.deepEqual(
    [scored.shape, first!.shape],
    [
      [null, 1],
      [null, 2],
    ],
  );
  const data = { a: noise([3, 4]), b: noise([3, 4], 4) };
  const [score, other] = await whole.predict(data);
  const [x, y] = [
    tensor(data.a.data as Float32Array, { shape: [3, 4] }),
    tensor(data.b.data as Float32Array, { shape: [3, 4] }),
  ];
  const expected = x
    .mul(2)
    .add(y)
    .slice(["...", { start: 1 }])
    .greater(0)
    .cast("f32")
    .mean(-1, { keepDims: true });
  assert.deepEqual(await score.array(), await expected.array());
  assert.deepEqual(
    await other.array(),
    await y
      .split(2, -1)[0]!
      .add(x.sum(-1, { keepDims: true }))
      .array(),
  );
  const again = await modelFromBytes(await modelToBytes(whole));
  const outputs = (await again.predict(data)) as unknown as Tensor[];
  assert.deepEqual(await outputs[1]!.array(), await other.array());
});

test("nested inputs and outputs, by place; losses by output", async () => {
  const [a, b, c] = [input([2]), input([2]), input([2])];
  const sum = layers.add()([a, b]);
  const whole = model({ pair: [a, b], rest: { c } }, { sum, deep: { half: layers.dense(1)(c) } });
  const data = { pair: [noise([4, 2]), noise([4, 2], 2)], rest: { c: noise([4, 2], 3) } };
  const out = await whole.predict(data);
  assert.deepEqual(
    [out.sum.shape, out.deep.half.shape],
    [
      [4, 2],
      [4, 1],
    ],
  );
  whole.compile({
    optimizer: "sgd",
    loss: { sum: "mse", "deep.half": "mae" },
    lossWeights: { sum: 0, "deep.half": 1 },
  });
  const logs = await whole.trainOnBatch(data, { sum: noise([4, 2]), deep: { half: noise([4, 1]) } });
  assert.deepEqual(Object.keys(logs).sort(), ["deep.halfLoss", "loss", "sumLoss"]);
  assert.equal(logs["loss"], logs["deep.halfLoss"]);
  const again = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(await (await again.predict<{ sum: Tensor }>(data)).sum.array(), await out.sum.array());
});

test("sample weights: one an example, one a step, and by output", async () => {
  const x = input([3]);
  const whole = model(x, { steps: x.reshape([-1, 3, 1]), sum: x.sum(-1, { keepDims: true }) });
  whole.compile({ optimizer: "sgd", loss: { steps: "mse", sum: "mae" } });
  const data = new NdArray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]);
  const y = { steps: new NdArray(new Float32Array(6), [2, 3, 1]), sum: new NdArray(new Float32Array(2), [2, 1]) };
  const steps = new NdArray(Float32Array.of(1, 0, 0, 0, 0, 2), [2, 3]);
  const logs = await whole.evaluate({ x: data, y, sampleWeight: { steps } });
  assert.deepEqual(
    [logs["stepsLoss"], logs["sumLoss"]].map((v) => Math.round(v! * 1e4)),
    [(1 + 72) / 6, (6 + 15) / 2].map((v) => Math.round(v * 1e4)),
  );
  const same = await whole.evaluate({ x: data, y, sampleWeight: Float32Array.of(1, 0) });
  assert.deepEqual(
    [same["stepsLoss"], same["sumLoss"]].map((v) => Math.round(v! * 1e4)),
    [14 / 6, 3].map((v) => Math.round(v * 1e4)),
  );
  await assert.rejects(
    whole.evaluate({ x: data, y, sampleWeight: { step: steps } }),
    /sample weights for "step", which is no output of the model/,
  );
});

test("layer.input and layer.output; layers in Keras's order, inputs first", async () => {
  const x = input([3], { name: "x" });
  const middle = layers.dense(4, { name: "middle" });
  const whole = model(x, layers.dense(1, { name: "last" })(middle(x)));
  assert.equal(middle.input, x);
  const head = model(x, middle.output as SymbolicTensor);
  assert.deepEqual((await head.predict(noise([2, 3]))).shape, [2, 4]);
  assert.deepEqual(
    whole.layers.map(({ name }) => name),
    ["x", "middle", "last"],
  );
  middle(x);
  assert.throws(
    () => middle.output,
    /middle: the layer was called on symbolic tensors 2 times[\s\S]*layer\.uses\[0\]\.result/,
  );
});

test("fit without targets: the loss is computeLoss's own", async () => {
  class Shrink extends Model {
    readonly inner = layers.dense(2);
    override call(x: Tensor): Tensor {
      return this.inner(x);
    }
    override computeLoss({ yPred }: Parameters<Model["computeLoss"]>[0]): Tensor {
      return (yPred as Tensor).square().mean() as Tensor;
    }
  }
  const shrink = new Shrink().compile({ optimizer: "adam" });
  const { history } = await shrink.fit(noise([8, 3]), { epochs: 3, verbose: "silent" });
  assert.equal(history["loss"]!.length, 3);
  assert.ok(history["loss"]![2]! < history["loss"]![0]!);
  assert.ok((await shrink.evaluate(noise([8, 3]), { batchSize: 4 }))["loss"]! < history["loss"]![0]!);
});

test("a layer that gives two outputs names both figures", async () => {
  const shared = layers.dense(2, { name: "shared" });
  const [a, b] = [input([3]), input([3])];
  const whole = model([a, b], [shared(a), shared(b)]).compile({ optimizer: "sgd", loss: ["mse", "mae"] });
  const logs = await whole.testOnBatch([noise([2, 3]), noise([2, 3], 2)], [noise([2, 2]), noise([2, 2])]);
  assert.deepEqual(Object.keys(logs).sort(), ["loss", "sharedLoss", "shared_1Loss"]);
  assert.ok(Math.abs(logs["loss"]! - logs["sharedLoss"]! - logs["shared_1Loss"]!) < 1e-5);
});

test("getLayer by name and by place", () => {
  const whole = sequential([layers.input([2]), layers.dense(1, { name: "a" }), layers.dense(1, { name: "b" })]);
  assert.deepEqual(
    [whole.getLayer("b"), whole.getLayer(1), whole.getLayer(-1)].map(({ name }) => name),
    ["b", "b", "b"],
  );
  assert.throws(() => whole.getLayer(2), /there is no layer 2, the model has 2/);
});

test("every class of the library says its name itself, so that minifiers, which rename classes, change no file", () => {
  for (const [name, Class] of Object.entries(classes)) {
    const said = Object.getOwnPropertyDescriptor(Class, "name");
    // What a class is called by JavaScript is not enumerable; a static field is.
    assert.ok(said?.enumerable && said.value === name, `${name}: static override readonly name = "${name}" is missing`);
  }
});

/** A GAN as in the book: the discriminator is compiled for itself, then frozen inside of the whole. */
test("trainable counts as it was at compile: a discriminator trains alone and is frozen in the GAN", async () => {
  const discriminator = sequential([layers.input([2]), layers.dense(3), layers.batchNormalization(), layers.dense(1)]);
  discriminator.compile({ optimizer: "sgd", loss: "mse" });
  discriminator.trainable = false;
  const noiseIn = input([2]);
  const generator = layers.dense(2);
  const gan = model(noiseIn, discriminator(generator(noiseIn))).compile({ optimizer: "sgd", loss: "mse" });
  const values = (owner: Layer): Promise<unknown> =>
    Promise.all(owner.variables.map((variable) => variable.read().array()));

  const before = await values(discriminator);
  const generated = await values(generator);
  await gan.trainOnBatch(noise([4, 2]), noise([4, 1]));
  assert.deepEqual(await values(discriminator), before);
  assert.notDeepEqual(await values(generator), generated);
  await discriminator.trainOnBatch(noise([4, 2]), noise([4, 1]));
  const after = (await values(discriminator)) as unknown[];
  for (const [index, value] of after.entries())
    assert.notDeepEqual(value, (before as unknown[])[index], `variable ${index}`);
});

/** Two networks and two optimizers in one compiled step. */
class Duel extends Model {
  readonly left = layers.dense(1, { name: "left" });
  readonly right = layers.dense(1, { name: "right" });
  readonly optimizers = { left: optimizers.sgd({ learningRate: 0.1 }), right: optimizers.adam() };

  override call(x: Tensor): Tensor {
    return this.left(x).add(this.right(x));
  }

  override trainStep({ x, y }: Batch): void {
    for (const side of ["left", "right"] as const) {
      const variables = this[side].trainableVariables;
      const [loss, gradients] = valueAndGrad(
        () =>
          valuesOf(this.compute(x, { training: true }) as Tensor)
            .sub(y as Tensor)
            .square()
            .mean(),
        variables,
      );
      this.optimizers[side].apply(gradients, variables);
      this.objective.total.add(loss);
    }
  }
}

test("two optimizers in one step of a subclass", async () => {
  setRandomSeed(1);
  const duel = new Duel().compile({ loss: "mse" });
  duel(tensor([[1, 2]]));
  const { history } = await duel.fit(noise([16, 2]), noise([16, 1]), { epochs: 5, verbose: "silent" });
  const losses = history["loss"]!;
  assert.ok(losses.at(-1)! < losses[0]!, `${losses}`);
  assert.equal(await duel.optimizers.left.iterations.item(), 5);
  assert.equal(await duel.optimizers.right.iterations.item(), 5);
});

test("computeLoss and computeMetrics can be overridden", async () => {
  class Half extends Model {
    readonly inner = layers.dense(1);
    readonly seen: number[] = [];
    override call(x: Tensor): Tensor {
      return this.inner(x);
    }
    override computeLoss(results: Parameters<Model["computeLoss"]>[0]): Tensor {
      return super.computeLoss(results).mul(0.5);
    }
    override computeMetrics(loss: Tensor): void {
      this.seen.push(loss.rank);
      this.objective.total.add(loss);
    }
  }
  const half = new Half().compile({
    optimizer: optimizers.sgd({ learningRate: 1e-30 }),
    loss: "mse",
    metrics: ["mae"],
  });
  const logs = await half.trainOnBatch(noise([3, 2]), noise([3, 1]));
  const predicted = [...(await (await half.predict(noise([3, 2]))).data())].map(Number);
  const target = noise([3, 1]).data;
  const mse = predicted.reduce((sum, value, at) => sum + (value - target[at]!) ** 2, 0) / 3;
  assert.ok(Math.abs(logs["loss"]! - mse / 2) < 1e-5);
  assert.deepEqual(half.seen, [0]);
  assert.equal(logs["mae"], 0);
});
