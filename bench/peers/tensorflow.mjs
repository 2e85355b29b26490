// TensorFlow.js's worker, on its WASM backend (SIMD; in Node one thread). `tensorflow.mjs cold` takes W2's first training
// step instead, and ends. Convolutions cannot train there: the backend has no Conv2DBackpropFilter.
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { coldStep, labels, serve, uniform } from "./protocol.mjs";

const require = createRequire(import.meta.url);
// Its advertisement of tfjs-node would come between the answers.
const { log } = console;
console.log = console.warn = () => {};
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");
console.log = log;

async function begin() {
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend does not start");
  await tf.ready();
}

const tensor = (shape) => tf.tensor(uniform(shape.reduce((a, b) => a * b, 1)), shape);

/** A result's values, and its memory back. */
async function finished(y) {
  const values = await y.data();
  y.dispose();
  return values;
}

/** Its results are read only where they are small: reading copies. The backend computes at once. */
const repeated = (compute) => async () => compute().dispose();

const square = (size, transposeA, transposeB) => async () => {
  const [a, b] = [tensor([size, size]), tensor([size, size])];
  return repeated(() => tf.matMul(a, b, transposeA, transposeB));
};

function mlpTraining() {
  const variable = (shape, scale) => tf.variable(tf.tidy(() => tensor(shape).mul(scale)));
  const parameters = [784, 512, 512].map((before, index) => {
    const after = [512, 512, 10][index];
    return [variable([before, after], 0.05), variable([after], 0)];
  });
  const x = tensor([128, 784]);
  const y = tf.oneHot(tf.tensor1d(labels(128, 10), "int32"), 10).toFloat();
  const optimizer = tf.train.adam(0.001);
  const dense = (input, [w, b]) => input.matMul(w).add(b);
  const lossOf = () => {
    const [first, second, last] = parameters;
    return tf.losses.softmaxCrossEntropy(y, dense(dense(dense(x, first).relu(), second).relu(), last));
  };
  return () => finished(optimizer.minimize(lossOf, true));
}

function resnet() {
  const { conv2d, batchNormalization, activation, add, globalAveragePooling2d, dense } = tf.layers;
  const normalized = (x, filters, kernelSize, strides) =>
    batchNormalization().apply(conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }).apply(x));
  const relu = (x) => activation({ activation: "relu" }).apply(x);
  const block = (x, filters, strides) => {
    const main = normalized(relu(normalized(x, filters, 3, strides)), filters, 3, 1);
    const around = strides === 1 && x.shape.at(-1) === filters ? x : normalized(x, filters, 1, strides);
    return relu(add().apply([main, around]));
  };
  const inputs = tf.input({ shape: [32, 32, 3] });
  let x = relu(normalized(inputs, 64, 3, 1));
  for (const [filters, strides] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ])
    x = block(block(x, filters, strides), filters, 1);
  return tf.model({ inputs, outputs: dense({ units: 10 }).apply(globalAveragePooling2d({}).apply(x)) });
}

const predicting = (model, x) => () => finished(tf.tidy(() => model.predict(x)));

const cases = {
  ...Object.fromEntries(
    [256, 512, 1024, 2048].flatMap((size) => [
      [`W1 ${size}`, square(size, false, false)],
      [`W1 ${size} AtB`, square(size, true, false)],
      [`W1 ${size} ABt`, square(size, false, true)],
    ]),
  ),
  "W1 batched": async () => {
    const [a, b] = [tensor([8, 6, 256, 64]), tensor([8, 6, 64, 256])];
    return repeated(() => tf.matMul(a, b));
  },
  "W2 train": async () => mlpTraining(),
  "W4 predict 32": async () => predicting(resnet(), tensor([32, 32, 32, 3])),
  "W4 predict 1": async () => predicting(resnet(), tensor([1, 32, 32, 3])),
  "W6 train": async () => {
    const model = tf.sequential({
      layers: [tf.layers.lstm({ units: 64, inputShape: [120, 14] }), tf.layers.dense({ units: 1 })],
    });
    model.compile({ optimizer: "adam", loss: "meanSquaredError" });
    const [x, y] = [tensor([32, 120, 14]), tensor([32, 1])];
    return () => model.trainOnBatch(x, y);
  },
  "W7 predict": async () => {
    const { dense } = tf.layers;
    const model = tf.sequential({
      layers: [
        dense({ units: 128, activation: "relu", inputShape: [784] }),
        dense({ units: 10, activation: "softmax" }),
      ],
    });
    return predicting(model, tensor([1, 784]));
  },
  "W8 gelu": async () => {
    const x = tensor([16_777_216]);
    return repeated(() =>
      tf.tidy(() => {
        const z = x.mul(1.5).add(0.25);
        return z.mul(0.5).mul(z.mul(Math.SQRT1_2).erf().add(1));
      }),
    );
  },
  "W8 sum": async () => {
    const x = tensor([16_777_216]);
    return () => finished(x.sum());
  },
};

if (process.argv[2] === "cold") {
  await begin();
  await coldStep(mlpTraining());
} else {
  let begun;
  const use = async () => {
    begun ??= begin();
    await begun;
    return { device: "wasm", threads: wasm.getThreadsCount?.() ?? 1 };
  };
  await serve({ cases, use });
}
