import assert from "node:assert/strict";
import { before, test } from "node:test";
import { input, layers, type SymbolicTensor } from "../nn/index.ts";
import { setDevice, type Variable } from "../tensor/index.ts";
import { autoencoder, discriminator, generator, onVgg, roberta, tickets, vgg, yolo } from "./book.test.body.ts";
import { type Model, model, sequential } from "./index.ts";

// The models of "Deep Learning with Python" (Chollet & Watson 2025, and its earlier editions), and how many parameters
// they have according to the book. Scaling of inputs has none and is left out.

before(() => setDevice("reference"));

const { dense, conv2d, maxPooling2d, flatten } = layers;
const relu = { activation: "relu" } as const;
const same = { padding: "same" } as const;
const denses = (features: number, ...units: readonly number[]): Model =>
  sequential([input([features]), ...units.map((unit) => dense(unit, relu))]);

/** Convolutions of 3×3 with pooling between them. */
function convolutions(size: number, channels: number, filters: readonly number[]) {
  const blocks = filters.flatMap((count, at) =>
    at === 0 ? [conv2d(count, 3, relu)] : [maxPooling2d(), conv2d(count, 3, relu)],
  );
  return [input([size, size, channels]), ...blocks];
}

const timeseries = input.bind(undefined, [120, 14]);

/** Chapter 9: three residual blocks. */
function residual(): Model {
  const x = input([32, 32, 3]);
  const block = (given: SymbolicTensor, filters: number, pooling: boolean): SymbolicTensor => {
    const twice = conv2d(filters, 3, { ...relu, ...same })(
      conv2d(filters, 3, { ...relu, ...same })(given) as SymbolicTensor,
    );
    const ended = pooling ? layers.maxPooling2d(2, same)(twice) : twice;
    return layers.add([ended, conv2d(filters, 1, { strides: pooling ? 2 : 1 })(given)]);
  };
  const end = block(block(block(x, 32, true), 64, true), 128, false);
  return model(x, dense(1)(layers.globalAveragePooling2d()(end)));
}

/** Chapter 9: an Xception in small. */
function miniXception(): Model {
  const x = input([180, 180, 3]);
  let value: SymbolicTensor = conv2d(32, 5, { useBias: false })(x);
  for (const size of [32, 64, 128, 256, 512]) {
    const before = value;
    for (const _ of [1, 2]) {
      const active = layers.activation("relu")(layers.batchNormalization()(value));
      value = layers.separableConv2d(size, 3, { ...same, useBias: false })(active);
    }
    const pooled = layers.maxPooling2d(3, { strides: 2, ...same })(value);
    value = layers.add([pooled, conv2d(size, 1, { strides: 2, ...same, useBias: false })(before)]);
  }
  return model(x, dense(1)(layers.dropout(0.5)(layers.globalAveragePooling2d()(value))));
}

/** Chapter 11: segmentation of pets. */
function segmentation(): Model {
  const down = [64, 128, 256].flatMap((filters) => [
    conv2d(filters, 3, { strides: 2, ...relu, ...same }),
    conv2d(filters, 3, { ...relu, ...same }),
  ]);
  const up = [256, 128, 64].flatMap((filters) => [
    layers.conv2dTranspose(filters, 3, { ...relu, ...same }),
    layers.conv2dTranspose(filters, 3, { strides: 2, ...relu, ...same }),
  ]);
  return sequential([input([200, 200, 3]), ...down, ...up, conv2d(3, 3, { activation: "softmax", ...same })]);
}

/** Chapter 17: the U-Net of the diffusion model. */
function unet(): Model {
  const [images, rates] = [input([128, 128, 3]), input([1, 1, 1])];
  const widths = [32, 64, 96];
  const block = (given: SymbolicTensor, width: number): SymbolicTensor => {
    const shortcut: SymbolicTensor = given.shape.at(-1) === width ? given : conv2d(width, 1)(given);
    const normal = layers.batchNormalization({ center: false, scale: false })(given);
    const first = conv2d(width, 3, { ...same, activation: "swish" })(normal);
    return conv2d(width, 3, same)(first as SymbolicTensor).add(shortcut);
  };
  let x: SymbolicTensor = layers.concatenate([conv2d(32, 1)(images), layers.upSampling2d(128)(rates)]);
  const skips: SymbolicTensor[] = [];
  for (const width of widths) {
    for (const _ of [1, 2]) {
      x = block(x, width);
      skips.push(x);
    }
    x = layers.averagePooling2d(2)(x);
  }
  for (const _ of [1, 2]) x = block(x, 128);
  for (const width of [...widths].reverse()) {
    x = layers.upSampling2d(2, { interpolation: "bilinear" })(x);
    for (const _ of [1, 2]) x = block(layers.concatenate([x, skips.pop()!]), width);
  }
  return model([images, rates], conv2d(3, 1, { kernelInitializer: "zeros" })(x));
}

/** Chapter 15: translation by GRUs; the encoder's last state is the decoder's first. */
function translation(): Model {
  const [source, target] = [input([null]), input([null])];
  const embedded = layers.embedding(15_000, 256, { maskZero: true })(source);
  const state = layers.bidirectional(layers.gru(1024), { mergeMode: "sum" }).invoke(embedded) as SymbolicTensor;
  const words = layers.embedding(15_000, 256, { maskZero: true })(target);
  const decoded = layers.gru(1024, { returnSequences: true }).invoke({ sequence: words, initialState: state });
  const dropped = layers.dropout(0.5).invoke(decoded);
  return model([source, target], dense(15_000, { activation: "softmax" }).invoke(dropped) as SymbolicTensor);
}

/** Two dense layers and the sum with the input, normalised. */
function feedForward(x: SymbolicTensor, hidden: number, inner: number, activation: "relu" | "gelu"): SymbolicTensor {
  const bent = dense(inner, { activation })(x);
  return layers.layerNormalization()(layers.add([x, dense(hidden)(bent)]));
}

/** What attends to itself or to others, the sum with the input, normalised. */
function attended(query: SymbolicTensor, value: SymbolicTensor, heads: number, size: number): SymbolicTensor {
  const attention = layers.multiHeadAttention(heads, size).invoke({ query, value }) as SymbolicTensor;
  return layers.layerNormalization()(layers.add([query, attention]));
}

/** Chapter 15: translation by a Transformer, without positions. */
function translator(): Model {
  const [source, target] = [input([20]), input([20])];
  const words = layers.embedding(15_000, 256)(source);
  const encoded = feedForward(attended(words, words, 8, 32), 256, 2048, "relu");
  const said = layers.embedding(15_000, 256)(target);
  const decoded = attended(attended(said, said, 8, 32), encoded, 8, 32);
  return model([source, target], dense(15_000)(feedForward(decoded, 256, 2048, "relu")));
}

/** Chapter 16: a small GPT, which ends with the embeddings that it begins with. */
function miniGpt(): Model {
  const tokens = input([256]);
  const embedding = layers.reversibleEmbedding(32_000, 512);
  const positions = layers.embedding(256, 512)(tokens.mul(0).add(1).cumsum(1).sub(1));
  let x: SymbolicTensor = layers.add([embedding(tokens), positions]);
  for (let block = 0; block < 8; block++) x = feedForward(attended(x, x, 8, 64), 512, 2056, "gelu");
  return model(tokens, embedding({ reverse: layers.layerNormalization()(x) }));
}

/** 2nd edition, chapter 11: reviews by a Transformer. */
function classifier(): Model {
  const tokens = input([600]);
  const words = layers.embedding(20_000, 256)(tokens);
  const encoded = feedForward(attended(words, words, 2, 256), 256, 32, "relu");
  return model(tokens, dense(1)(layers.globalMaxPooling1d()(encoded)));
}

const leaky = () => layers.leakyRelu({ negativeSlope: 0.2 });
const strided = { strides: 2, ...same } as const;

const models: Readonly<Record<string, readonly [make: () => Model, parameters: number, trainable?: number]>> = {
  "2.1 digits": [() => denses(784, 512, 10), 407_050],
  "4.1 reviews": [() => denses(10_000, 16, 16, 1), 160_305],
  "4.2 newswires": [() => denses(10_000, 64, 64, 46), 647_214],
  "4.2 with a bottleneck": [() => denses(10_000, 64, 4, 46), 640_554],
  "4.3 houses": [() => denses(8, 64, 64, 1), 4_801],
  "7.1 sequential": [() => denses(3, 64, 10), 906],
  "7.2 tickets": [() => tickets(false), 1_286_789],
  "7.2 tickets, extended": [() => tickets(true), 1_286_984],
  "8.1 digits by convolutions": [
    () => sequential([...convolutions(28, 1, [64, 128, 256]), layers.globalAveragePooling2d(), dense(10)]),
    372_234,
  ],
  "8.2 dogs and cats": [
    () => sequential([...convolutions(180, 3, [32, 64, 128, 256, 512]), layers.globalAveragePooling2d(), dense(1)]),
    1_569_089,
  ],
  "8.4 head of a pretrained network": [
    () =>
      sequential([
        input([6, 6, 2048]),
        layers.globalAveragePooling2d(),
        dense(256, relu),
        layers.dropout(0.25),
        dense(1),
      ]),
    524_801,
  ],
  "9 residual": [residual, 297_697],
  "9 mini-Xception": [miniXception, 721_857, 718_849],
  "11.1 pets": [segmentation, 2_880_643],
  "12.1 head of YOLO": [yolo, 54_269_824],
  "13.2 dense": [() => sequential([timeseries(), flatten(), dense(16, relu), dense(1)]), 26_913],
  "13.2 convolutions": [
    () =>
      sequential([
        timeseries(),
        layers.conv1d(8, 24, relu),
        layers.maxPooling1d(2),
        layers.conv1d(8, 12, relu),
        layers.maxPooling1d(2),
        layers.conv1d(8, 6, relu),
        layers.globalAveragePooling1d(),
        dense(1),
      ]),
    3_873,
  ],
  "13.2 LSTM": [() => sequential([timeseries(), layers.lstm(16), dense(1)]), 2_001],
  "13.2 LSTM with recurrent dropout": [
    () => sequential([timeseries(), layers.lstm(32, { recurrentDropout: 0.25 }), layers.dropout(0.5), dense(1)]),
    6_049,
  ],
  "13.2 stacked GRUs": [
    () =>
      sequential([
        timeseries(),
        layers.gru(32, { recurrentDropout: 0.5, returnSequences: true }),
        layers.gru(32, { recurrentDropout: 0.5 }),
        dense(1),
      ]),
    10_977,
  ],
  "13.2 bidirectional": [() => sequential([timeseries(), layers.bidirectional(layers.lstm(16)), dense(1)]), 4_001],
  "14.2 bag of words": [() => denses(20_000, 1), 20_001],
  "14.2 bag of bigrams": [() => denses(30_000, 1), 30_001],
  "14.3 one-hot LSTM": [
    () => sequential([input([600, 30_000]), layers.bidirectional(layers.lstm(64)), layers.dropout(0.5), dense(1)]),
    15_393_409,
  ],
  "14.3 embedding LSTM": [
    () =>
      sequential([
        input([600]),
        layers.embedding(30_000, 64, { maskZero: true }),
        layers.bidirectional(layers.lstm(64)),
        layers.dropout(0.5),
        dense(1),
      ]),
    1_986_177,
  ],
  "14.4 words in context": [
    () => sequential([input([8]), layers.embedding(30_000, 64), layers.globalAveragePooling1d(), dense(30_000)]),
    3_870_000,
  ],
  "15.1 Shakespeare": [
    () =>
      sequential([
        input([100]),
        layers.embedding(67, 256),
        layers.gru(1024, { returnSequences: true }),
        layers.dropout(0.1),
        dense(67),
      ]),
    4_024_131,
  ],
  "15.2 translation by GRUs": [translation, 34_869_912],
  "15.3 translation by a Transformer": [translator, 14_428_824],
  "15.4 RoBERTa": [roberta, 124_052_736],
  "16.2 mini-GPT": [miniGpt, 41_800_768],
  "2nd edition 11: reviews by a Transformer": [classifier, 5_664_033],
  "17.1 encoder": [
    () => {
      const x = input([28, 28, 1]);
      const features = dense(
        16,
        relu,
      )(flatten()(conv2d(64, 3, { ...strided, ...relu })(conv2d(32, 3, { ...strided, ...relu })(x))));
      return model(x, [dense(2)(features), dense(2)(features)]);
    },
    69_076,
  ],
  "17.1 decoder": [
    () =>
      sequential([
        input([2]),
        dense(7 * 7 * 64, relu),
        layers.reshape([7, 7, 64]),
        layers.conv2dTranspose(64, 3, { ...strided, ...relu }),
        layers.conv2dTranspose(32, 3, { ...strided, ...relu }),
        conv2d(1, 3, { ...same, activation: "sigmoid" }),
      ]),
    65_089,
  ],
  "17.2 diffusion": [unet, 1_943_525, 1_940_707],
  "2nd edition 8: digits": [() => sequential([...convolutions(28, 1, [32, 64, 128]), flatten(), dense(10)]), 104_202],
  "2nd edition 8: dogs and cats": [
    () => sequential([...convolutions(180, 3, [32, 64, 128, 256, 256]), flatten(), dense(1)]),
    991_041,
  ],
  "2nd edition 12.5: discriminator": [
    () =>
      sequential([
        input([64, 64, 3]),
        ...[64, 128, 128].flatMap((filters) => [conv2d(filters, 4, strided), leaky()]),
        flatten(),
        layers.dropout(0.2),
        dense(1),
      ]),
    404_801,
  ],
  "2nd edition 12.5: generator": [
    () =>
      sequential([
        input([128]),
        dense(8 * 8 * 128),
        layers.reshape([8, 8, 128]),
        ...[128, 256, 512].flatMap((filters) => [layers.conv2dTranspose(filters, 4, strided), leaky()]),
        conv2d(3, 5, same),
      ]),
    3_979_651,
  ],
  "1st edition 5.1: convolutions": [() => sequential(convolutions(28, 1, [32, 64, 64])), 55_744],
  "1st edition 5.1: digits": [
    () => sequential([...convolutions(28, 1, [32, 64, 64]), flatten(), dense(64, relu), dense(10)]),
    93_322,
  ],
  "1st edition 5.2": [
    () => sequential([...convolutions(150, 3, [32, 64, 128, 128]), maxPooling2d(), flatten(), dense(512), dense(1)]),
    3_453_121,
  ],
  "1st edition 6.1: embedding": [
    () => sequential([input([20]), layers.embedding(10_000, 8), flatten(), dense(1)]),
    80_161,
  ],
  "1st edition 6.1: larger": [
    () => sequential([input([100]), layers.embedding(10_000, 100), flatten(), dense(32), dense(1)]),
    1_320_065,
  ],
  "1st edition 6.2": [() => sequential([input([null]), layers.embedding(10_000, 32), layers.simpleRnn(32)]), 322_080],
  "1st edition 6.2: stacked": [
    () =>
      sequential([
        input([null]),
        layers.embedding(10_000, 32),
        ...[1, 2, 3].map(() => layers.simpleRnn(32, { returnSequences: true })),
        layers.simpleRnn(32),
      ]),
    328_320,
  ],
  "1st edition 6.4: text by convolutions": [
    () =>
      sequential([
        input([500]),
        layers.embedding(10_000, 128),
        layers.conv1d(32, 7, relu),
        layers.maxPooling1d(5),
        layers.conv1d(32, 7, relu),
        layers.globalMaxPooling1d(),
        dense(1),
      ]),
    1_315_937,
  ],
  "1st edition 6.4: convolutions and a GRU": [
    () =>
      sequential([
        timeseries(),
        layers.conv1d(32, 5, relu),
        layers.maxPooling1d(3),
        layers.conv1d(32, 5, relu),
        layers.gru(32, { resetAfter: false }),
        dense(1),
      ]),
    13_697,
  ],
  "1st edition 5.3: VGG16 without its top": [() => vgg(16, 150), 14_714_688],
  "1st edition 5.3: on VGG16": [() => onVgg(false), 16_812_353],
  "1st edition 5.3: on VGG16, frozen": [() => onVgg(true), 16_812_353, 2_097_665],
  "1st edition 8.4: variational autoencoder": [autoencoder, 550_629],
  "1st edition 8.5: generator": [generator, 6_264_579],
  "1st edition 8.5: discriminator": [discriminator, 790_913],
  // Of the other networks that the book names, Keras tells the count.
  VGG16: [() => vgg(16, 224, 1000), 138_357_544],
  VGG19: [() => vgg(19, 224, 1000), 143_667_240],
  "VGG19 without its top": [() => vgg(19, 224), 20_024_384],
};

const sum = (variables: readonly Variable[]): number => variables.reduce((total, { size }) => total + size, 0);

for (const [name, [make, parameters, trainable = parameters]] of Object.entries(models)) {
  test(`${name}: ${parameters.toLocaleString("en-US")} parameters`, () => {
    const whole = make();
    assert.equal(whole.countParams(), parameters);
    assert.equal(sum(whole.trainableVariables), trainable);
    const summary = whole.summary({ writer: { terminal: false, write: () => {} } });
    assert.ok(summary.includes(`Total params: ${parameters.toLocaleString("en-US")} (`), summary);
  });
}

test("freezing VGG16 leaves 4 of 30 trainable tensors", () => {
  assert.equal(onVgg(false).trainableVariables.length, 30);
  assert.equal(onVgg(true).trainableVariables.length, 4);
});
