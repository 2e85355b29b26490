import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NdArray, ndarray } from "../data/index.ts";
import { type Functional, model, type Sequential, sequential } from "../model/index.ts";
import { Activation } from "../nn/activation.ts";
import { initializers, input, layers, losses } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { setDevice, type Tensor, tensor } from "../tensor/index.ts";
import { earlyStopping, type FitOptions } from "./index.ts";

before(() => setDevice("reference"));

const x = new NdArray(
  new Float32Array(12).map((_, at) => at / 12),
  [6, 2],
);
const y = Int32Array.from([0, 1, 2, 0, 1, 2]);
const classifier = (): Sequential =>
  sequential([layers.input([2]), layers.dense(3, { activation: "softmax" })], { name: "net" }).compile({
    optimizer: "sgd",
    loss: "sparseCategoricalCrossentropy",
    metrics: ["accuracy"],
  });
const regressor = (): Sequential =>
  sequential([layers.dense(3)], { name: "net" }).compile({ optimizer: "sgd", loss: "mse" });
const fit = (options: FitOptions) => () => classifier().fit(x, y, { verbose: "silent", ...options });
const twoInputs = (): Functional => {
  const [a, b] = [input([2], { name: "title" }), input([2], { name: "body" })];
  return model([a, b], layers.dense(1)(layers.concatenate()([a, b])), { name: "two" });
};
const twoOutputs = () => {
  const a = input([2]);
  const outputs = [layers.dense(1, { name: "price" })(a), layers.dense(1, { name: "weight" })(a)];
  return model(a, outputs, { name: "two" });
};
const loosely = (value: unknown): never => value as never;

/** What a user does wrong, and what must be said about it. */
const mistakes: Readonly<Record<string, readonly [() => unknown, RegExp]>> = {
  "NaN in inputs": [
    () => classifier().fit(new NdArray(x.data.with(5, Number.NaN) as Float32Array, [6, 2]), y),
    /^x holds NaN in example 2 \(1 such value in all\)[\s\S]*nanPolicy: "allow"/,
  ],
  "infinity in targets": [
    () => regressor().fit(x, new NdArray(new Float32Array(18).fill(1 / 0, 4), [6, 3])),
    /^y holds Infinity in example 1 \(14 such values/,
  ],
  "NaN in a named input": [
    () => twoInputs().predict({ title: x, body: new NdArray(new Float32Array(12).fill(Number.NaN), [6, 2]) }),
    /^x\["body"\] holds NaN in example 0/,
  ],
  "an empty data set": [
    () => classifier().fit(new NdArray(new Float32Array(0), [0, 2]), new Int32Array(0)),
    /data set is empty/,
  ],
  "no data": [() => classifier().fit(loosely(undefined), y), /there is no data: x is missing/],
  "an option of compile that there is not": [
    () => regressor().compile(loosely({ optimiser: "adam", loss: "mse" })),
    /^compile: unknown option "optimiser"\n +hint +did you mean "optimizer"/,
  ],
  "an option of fit that there is not": [
    fit(loosely({ batchsize: 2 })),
    /unknown option "batchsize"[\s\S]*"batchSize"/,
  ],
  "a misspelt option of evaluate": [
    () => classifier().evaluate(x, y, loosely({ batchsize: 2 })),
    /^evaluate: unknown option "batchsize"\n +hint +did you mean "batchSize"/,
  ],
  "an option of fit for predict": [
    () => classifier().predict(x, loosely({ epochs: 2 })),
    /^predict: unknown option "epochs"\n +hint +valid names are "batchSize"/,
  ],
  "how much to say": [fit(loosely({ verbose: 0 })), /^verbose must be one of steps, epoch, silent; received "0"/],
  "one callback": [fit(loosely({ callbacks: { onEpochEnd() {} } })), /callbacks are a list/],
  "one metric": [() => regressor().compile(loosely({ loss: "mse", metrics: "mae" })), /metrics are a list/],
  "a learning rate alone": [() => optimizers.adam(loosely(0.001)), /^adam: options are an object, received 0.001/],
  "layers that are no list": [() => sequential(loosely(layers.dense(1))), /the layers are a list/],
  "an input's size alone": [() => input(loosely(4)), /^input: a shape is a list of sizes\n +hint +input\(\[4\]\)/],
  "a loss that gives a number": [
    () =>
      regressor()
        .compile({ loss: loosely(() => 3) })
        .fit(x, y),
    /a loss gives a tensor, received 3/,
  ],
  "what is no number": [() => tensor(loosely([1, null])), /^tensor: what is at \[1\] is no number\n +received +null/],
  "text as data": [() => classifier().predict(loosely("text")), /data must be arrays of numbers, received text/],
  "lengths that differ": [
    () => classifier().fit(x, y.subarray(1)),
    /different numbers of examples\n +x +6 examples, \[6, 2\]\n +y +5 examples, \[5\]/,
  ],
  "a ragged list": [
    () => classifier().fit([[1, 2], [3]], y),
    /ragged at \[1\]\n +expected +2 values\n +received +1 values/,
  ],
  "text in a list": [
    () => classifier().fit(loosely([[1, "2"]]), y),
    /ragged at \[0\]\[1\]\n +expected +a number\n +received +"2"/,
  ],
  "a label too large": [
    () => classifier().fit(x, y.with(3, 3) as Int32Array<ArrayBuffer>),
    /label 3 of example 3 is out of range\n +expected +whole numbers from 0 to 2 \(the output has 3 classes\)/,
  ],
  "a negative label": [
    () => classifier().evaluate(x, y.with(1, -1) as Int32Array<ArrayBuffer>),
    /label -1 of example 1 is out of range/,
  ],
  "a fractional label": [
    () =>
      classifier().fit(
        x,
        Float32Array.from(y, (label) => label + 0.5),
      ),
    /label 0.5 of example 0/,
  ],
  "labels of binary crossentropy": [
    () =>
      sequential([layers.dense(1, { activation: "sigmoid" })])
        .compile({ loss: "binaryCrossentropy" })
        .fit(x, y),
    /label 2 of example 2 is out of range\n +expected +probabilities from 0 to 1/,
  ],
  "one-hot targets for sparse labels": [
    () => classifier().fit(x, new NdArray(new Float32Array(18), [6, 3]), { verbose: "silent" }),
    /^sparseCategoricalCrossentropy: the targets do not fit the output \[6, 3\]\n +expected +\[6\]: class numbers.*\n +received +f32 \[6, 3\]\n +hint +categoricalCrossentropy takes one-hot rows/,
  ],
  "class numbers for one-hot targets": [
    () => regressor().fit(x, y, { verbose: "silent" }),
    /^meanSquaredError: the targets do not fit the output \[6, 3\]\n +expected +\[6, 3\].*\n +received +i32 \[6\]\n +hint +end the model with dense\(1\)/,
  ],
  "no targets": [() => classifier().fit({ x }, { verbose: "silent" }), /no targets to train on[\s\S]*give \{ x, y \}/],
  "a batch size of 0": [fit({ batchSize: 0 }), /batchSize must be a positive integer, received 0/],
  "a batch size of 1.5": [
    () => classifier().predict(x, { batchSize: 1.5 }),
    /batchSize must be a positive integer, received 1.5/,
  ],
  "0 epochs": [fit({ epochs: 0 }), /epochs must be a positive integer, received 0/],
  "a validation split of 1": [
    fit({ validationSplit: 1 }),
    /validationSplit must be at least 0 and below 1, received 1/,
  ],
  "a validation split of NaN": [
    fit({ validationSplit: Number.NaN }),
    /validationSplit must be at least 0 and below 1, received NaN/,
  ],
  "a validation split that takes nothing": [fit({ validationSplit: 1e-20 }), /leaves nothing to train or to validate/],
  "an unknown figure": [
    () => fit({ epochs: 2, callbacks: [earlyStopping({ monitor: "los" })] })(),
    /earlyStopping: training has no figure "los"\n +hint +did you mean "loss"/,
  ],
  "training before compile": [
    () => sequential([layers.dense(1)], { name: "net" }).fit(x, y),
    /^net: the model is not compiled\n +hint +call compile/,
  ],
  "evaluation before compile": [
    () => sequential([layers.dense(1)], { name: "net" }).evaluate(x, y),
    /^net: the model is not compiled/,
  ],
  "a batch before compile": [
    () => sequential([layers.dense(1)], { name: "net" }).trainOnBatch(x, y),
    /^net: the model is not compiled/,
  ],
  "a model compiled without a loss": [
    () =>
      sequential([layers.dense(1)])
        .compile({})
        .fit(x, y, { verbose: "silent" }),
    /compiled without a loss/,
  ],
  "a sample weight for each value": [
    () => classifier().fit({ x, y, sampleWeight: new NdArray(new Float32Array(12), [6, 2]) }),
    /sampleWeight does not fit the values that it weighs/,
  ],
  "class weights for values": [
    () => regressor().fit(x, new NdArray(new Float32Array(36), [6, 3, 2]), { classWeight: { 0: 1 } }),
    /classWeight needs targets that are class numbers or one-hot rows/,
  ],
  "the wrong size of an input": [
    () => classifier().predict(new NdArray(new Float32Array(12), [4, 3])),
    /net: the data for input "\S+" has another shape[\s\S]*expected +\(None, 2\)\n +received +\[4, 3\]/,
  ],
  "an input without its batch": [
    () => classifier().predict(new Float32Array(2)),
    /received +\[2\]\n +hint +an axis is missing: the batch/,
  ],
  "a missing input": [() => twoInputs().predict({ title: x }), /^two: missing data for input "body"/],
  "an unknown input": [
    () => twoInputs().predict({ title: x, bodi: x }),
    /two: there is no input "bodi"\n +hint +did you mean "body"/,
  ],
  "one input for two": [
    () => twoInputs().predict(x),
    /two: the model has 2 inputs, received 1\n +expected +title \(None, 2\), body \(None, 2\)/,
  ],
  "one target for two": [
    () =>
      twoOutputs()
        .compile({ loss: ["mse", "mse"] })
        .fit(x, y),
    /the model has 2 outputs, but targets for 1\n +outputs +price, weight/,
  ],
  "targets for an unknown output": [
    () =>
      twoOutputs()
        .compile({ loss: ["mse", "mse"] })
        .fit(x, { price: y, weigth: y }),
    /targets for "weigth", which is no output of the model[\s\S]*did you mean "weight"/,
  ],
  "a missing target": [
    () =>
      twoOutputs()
        .compile({ loss: ["mse", "mse"] })
        .fit(x, { price: y }),
    /no targets for output "weight"/,
  ],
  "three losses for two outputs": [
    () => twoOutputs().compile({ loss: ["mse", "mse", "mse"] }),
    /loss must have one entry an output, received 3\n +outputs +price, weight/,
  ],
  "a loss for an unknown output": [
    () => twoOutputs().compile({ loss: { price: "mse", wait: "mse" } }),
    /loss names the unknown output "wait"\n +hint +valid names are "price", "weight"/,
  ],
  "metrics for an unknown output": [
    () => twoOutputs().compile({ loss: ["mse", "mse"], metrics: { prize: ["mae"] } }),
    /unknown output "prize"\n +hint +did you mean "price"/,
  ],
  "metrics of no output": [
    () => twoOutputs().compile({ loss: ["mse", "mse"], metrics: ["mae"] }),
    /metrics must say which one/,
  ],
  "the same metric twice": [
    () => classifier().compile({ loss: "mse", metrics: ["mae", "mae"] }),
    /two figures are named "mae"/,
  ],
  "an unknown optimizer": [
    () => classifier().compile({ optimizer: loosely("adm") }),
    /unknown optimizer "adm"\n +hint +did you mean "adam"/,
  ],
  "an unknown option of an optimizer": [
    () => optimizers.adam(loosely({ clipnorm: 0.3 })),
    /adam: unknown option "clipnorm"\n +hint +did you mean "clipNorm"/,
  ],
  "an unknown loss": [
    () => classifier().compile({ loss: loosely("meanSquareError") }),
    /unknown loss "meanSquareError"\n +hint +did you mean "meanSquaredError"/,
  ],
  "an unknown metric": [
    () => classifier().compile({ metrics: [loosely("acuracy")] }),
    /unknown metric "acuracy"\n +hint +did you mean "accuracy"/,
  ],
  "an unknown activation": [
    () => layers.dense(1, { activation: loosely("rlu") }),
    /unknown activation "rlu"\n +hint +did you mean "relu"/,
  ],
  "an activation named as what all objects have": [
    () => new Activation(loosely("toString")),
    /unknown activation "toString"/,
  ],
  "an unknown initializer": [
    () => layers.dense(1, { kernelInitializer: loosely("zero") }),
    /unknown initializer "zero"\n +hint +did you mean "zeros"/,
  ],
  "an unknown padding": [
    () => layers.conv2d(1, 3, { padding: loosely("sam") }),
    /unknown padding "sam"\n +hint +did you mean "same"/,
  ],
  "negative units": [() => layers.dense(-3), /units must be a positive integer, received -3/],
  "filters that are no multiple of groups": [
    () => layers.conv2d(3, 3, { groups: 2 }),
    /filters must be a multiple of groups, received 3 and 2/,
  ],
  "three sizes of two axes": [
    () => layers.conv2d(3, [3, 3, 3]),
    /kernelSize takes 1 or 2 numbers, received \[3, 3, 3\]/,
  ],
  "a dropout rate of 1": [() => layers.dropout(1), /rate must be at least 0 and below 1, received 1/],
  "a negative learning rate": [
    () => optimizers.adam({ learningRate: -1 }),
    /learningRate must be a positive number or a schedule, received -1/,
  ],
  "a momentum of 1": [() => optimizers.sgd({ momentum: 1 }), /momentum must be at least 0 and below 1, received 1/],
  "two ways to clip": [() => optimizers.adam({ clipNorm: 1, clipValue: 1 }), /exclude each other/],
  "label smoothing of 2": [
    () => losses.binaryCrossentropy({ labelSmoothing: 2 }),
    /labelSmoothing must be from 0 to 1, received 2/,
  ],
  "orthogonal of a vector": [
    () => initializers.orthogonal()([3], "f32", tensor(new Uint32Array(2)) as never),
    /needs a shape of rank 2 or more/,
  ],
  "a layer name with a slash": [() => layers.dense(1, { name: "a/b" }), /must not be empty or contain "\/"/],
  "two layers of one name": [
    () => sequential([layers.dense(1, { name: "a" }), layers.dense(1, { name: "a" })], { name: "net" }),
    /net: two layers are named "a"/,
  ],
  "two layers of one name in a graph": [
    () => {
      const a = input([2]);
      return model(a, layers.dense(1, { name: "a" })(layers.dense(1, { name: "a" })(a)), { name: "net" });
    },
    /net: two layers are named "a"/,
  ],
  "something else than a layer": [
    () => sequential([loosely(3)], { name: "net" }),
    /entry 0 is not a layer, received 3/,
  ],
  "data for a layer": [
    () => layers.dense(1, { name: "d" })(loosely([[1, 2]])),
    /d: expected a tensor[\s\S]*received 1\n +hint +make a tensor/,
  ],
  "symbolic and real tensors": [
    () => layers.add({ name: "sum" })(loosely([input([2]), tensor([[1, 2]])])),
    /sum: symbolic and real tensors are mixed/,
  ],
  "an open size that a kernel needs": [
    () => layers.dense(3, { name: "d" })(input([null])),
    /d: depends on a size that is open in \(None, None\)/,
  ],
  "an input that is not listed": [
    () => {
      const [a, b] = [input([2], { name: "a" }), input([2], { name: "b" })];
      return model(a, layers.add()([a, b]));
    },
    /depends on input "b", which is not among the model's inputs/,
  ],
  "a model of real tensors": [
    () => model(loosely(tensor([1])), loosely(tensor([1]))),
    /inputs must be symbolic tensors/,
  ],
  "a batch size in the input": [() => input([0, 3]), /sizes are positive integers or null, received \[0, 3\]/],
  "mixed dtypes": [() => tensor([1, 2]).add(tensor([1, 2], { dtype: "i32" }) as Tensor), /f32[\s\S]*i32/],
  "the variables of a layer that was not called": [
    () => layers.dense(1, { name: "d" }).own,
    /d: the layer has no variables yet/,
  ],
  "a big-integer array": [() => ndarray(loosely(new BigInt64Array(2))), /a BigInt64Array cannot be data/],
};

for (const [mistake, [make, message]] of Object.entries(mistakes)) {
  test(`${mistake}: the message says so`, async () => {
    await assert.rejects(
      async () => make(),
      (error: Error) => {
        assert.match(error.message, message);
        assert.ok(["ArgumentError", "DataError", "ShapeError", "DTypeError"].includes(error.name), error.stack);
        return true;
      },
    );
  });
}

test("NaN in data is allowed when the user says so", async () => {
  const bad = new NdArray(x.data.with(5, Number.NaN) as Float32Array, [6, 2]);
  const { history } = await classifier().fit(bad, y, { nanPolicy: "allow", verbose: "silent" });
  assert.ok(Number.isNaN(history["loss"]![0]));
  await classifier().evaluate(bad, y, { nanPolicy: "allow" });
  await classifier().predict(bad, { nanPolicy: "allow" });
});

test("typed arrays of all kinds and nested lists are data", () => {
  const dtypes = [
    [1, 2],
    [true, false],
    new Float64Array(2),
    new Int16Array(2),
    new Uint8ClampedArray(2),
    new Int8Array(2),
  ].map((values) => ndarray(values).dtype);
  assert.deepEqual(dtypes, ["f32", "f32", "f32", "i32", "u8", "i8"]);
});
