// Two models of thirty layers, whose shapes TypeScript follows: what the compiler and the editor are measured on.
import { input, layers, model, sequential, zeros } from "chainrule";

const { conv2d, batchNormalization, relu, maxPooling2d, dense, dropout } = layers;

/** Photographs to ten classes, one layer after the other. */
export const chain = sequential([
  input([96, 96, 3]),
  layers.zeroPadding2d(1),
  conv2d(32, 3, { useBias: false }),
  batchNormalization(),
  relu(),
  conv2d(32, 3, { padding: "same", activation: "relu" }),
  maxPooling2d(2),
  layers.spatialDropout2d(0.1),
  conv2d(64, [3, 5], { padding: "same", useBias: false }),
  batchNormalization(),
  relu(),
  conv2d(64, 3, { strides: 2, padding: "same" }),
  layers.layerNormalization(),
  layers.separableConv2d(128, 3, { padding: "same", activation: "relu" }),
  layers.averagePooling2d(3, { strides: 2 }),
  conv2d(128, 3, { dilationRate: 2 }),
  layers.groupNormalization({ groups: 8 }),
  relu(),
  layers.conv2dTranspose(64, 3, { strides: 2, padding: "same" }),
  layers.cropping2d([
    [1, 0],
    [0, 1],
  ]),
  conv2d(96, 1),
  layers.upSampling2d(2),
  layers.depthwiseConv2d(3, { depthMultiplier: 2, padding: "same" }),
  layers.reshape([-1, 192]),
  layers.lstm(48, { returnSequences: true }),
  layers.permute([2, 1]),
  layers.flatten(),
  dense(256, { activation: "relu" }),
  dropout(0.5),
  dense(10, { activation: "softmax" }),
]);

const image = input([64, 64, 3]);
const text = input([40]);

const stem = relu()(batchNormalization()(conv2d(32, 3, { strides: 2, padding: "same" })(image)));
const left = conv2d(64, 3, { padding: "same" })(stem);
const right = conv2d(64, 1)(stem);
const block = layers.add([left, right]);
const wide = layers.concatenate([maxPooling2d(2)(block), layers.averagePooling2d(2)(block)]);
const mixed = dropout(0.1)(relu()(batchNormalization()(conv2d(128, 3)(wide))));
const seen = dense(64)(layers.globalAveragePooling2d()(mixed));

const tokens = layers.embedding(20_000, 64)(text);
const attended = layers.multiHeadAttention(4, 16)([tokens, tokens]);
const read = layers.layerNormalization()(layers.add([tokens, attended]));
const steps = layers.timeDistributed(dense(32))(read);
const both = layers.bidirectional(layers.gru(32))(steps);
const told = dense(64)(layers.dropout(0.2)(both));

const joined = layers.concatenate([seen, told, layers.multiply([seen, told])]);
const deep = dense(64, { activation: "relu" })(dense(128, { activation: "relu" })(joined));
const repeated = layers.lstm(24)(layers.repeatVector(6)(deep));

/** A photograph and a sentence to a caption's kind and a score. */
export const graph = model([image, text], {
  kind: dense(12, { activation: "softmax" })(repeated),
  score: dense(1)(layers.flatten()(deep)),
});

export const images = chain.predict(zeros([8, 96, 96, 3]));
export const answers = graph.predict([zeros([8, 64, 64, 3]), zeros([8, 40])]);
