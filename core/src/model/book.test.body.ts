import { input, type Layer, layers, type SymbolicTensor } from "../nn/index.ts";
import { type Model, model, sequential } from "./index.ts";

// Larger networks of the book, and those of others that it uses, without their weights.

const { dense, conv2d, maxPooling2d, flatten } = layers;
const relu = { activation: "relu" } as const;
const same = { padding: "same" } as const;

/** Chapter 7: tickets, from texts and tags to a priority and a department; `extended` by a difficulty from a layer inside. */
export function tickets(extended: boolean): Model {
  const inputs = [
    input([10_000], { name: "title" }),
    input([10_000], { name: "body" }),
    input([100], { name: "tags" }),
  ];
  const first = model(
    inputs,
    ((): SymbolicTensor[] => {
      const features = dense(64, { ...relu, name: "features" })(layers.concatenate(inputs));
      return [dense(1, { activation: "sigmoid" })(features), dense(4, { activation: "softmax" })(features)];
    })(),
  );
  if (!extended) return first;
  const features = first.getLayer("features").output as SymbolicTensor;
  return model(inputs, [...first.outputs, dense(3, { activation: "softmax" })(features)]);
}

/** Chapter 12: the head of YOLO, on what a ResNet-50 makes of 448 × 448 pixels: a box and 91 classes for each of 6 × 6 cells. */
export function yolo(): Model {
  const features = input([14, 14, 2048]);
  const flat = flatten()(conv2d(512, 3, { strides: 2 })(features));
  const bent = layers.dropout(0.5)(dense(2048, { ...relu, kernelInitializer: "glorotNormal" })(flat));
  const cells = layers.reshape([6, 6, 96])(dense(6 * 6 * 96)(bent)) as SymbolicTensor;
  const box = cells.slice(["...", { stop: 5 }]);
  const classes = layers.activation("softmax")(cells.slice(["...", { start: 5 }]));
  return model(features, { box, class: classes });
}

/** VGG (Simonyan & Zisserman 2015): convolutions by blocks, of which each ends with pooling. */
export function vgg(depth: 16 | 19, size: number, classes?: number): Model {
  const many = depth === 16 ? 3 : 4;
  const blocks = [2, 2, many, many, many].flatMap((count, block) => [
    ...Array.from({ length: count }, () => conv2d(Math.min(512, 64 * 2 ** block), 3, { ...relu, ...same })),
    maxPooling2d(),
  ]);
  const top = classes === undefined ? [] : [flatten(), dense(4096, relu), dense(4096, relu), dense(classes)];
  return sequential([input([size, size, 3]), ...blocks, ...top]);
}

/** 1st edition, chapter 5.3: dogs and cats on top of VGG16. */
export const onVgg = (frozen: boolean): Model => {
  const base = vgg(16, 150);
  base.trainable = !frozen;
  return sequential([base, flatten(), dense(256, relu), dense(1, { activation: "sigmoid" })]);
};

/** 1st edition, chapter 8.4: the encoder and the decoder of the variational autoencoder, one after the other. */
export function autoencoder(): Model {
  const x = input([28, 28, 1]);
  const wide = { ...relu, ...same };
  const convolved = conv2d(64, 3, { ...wide, strides: 2 })(conv2d(32, 3, wide)(x));
  const features = dense(32, relu)(flatten()(conv2d(64, 3, wide)(conv2d(64, 3, wide)(convolved))));
  const [mean, logVariance] = [dense(2)(features), dense(2)(features)];
  const drawn = (mean as SymbolicTensor).add((logVariance as SymbolicTensor).mul(0.5).exp()); // and noise, which has no weights
  const grid = layers.reshape([14, 14, 64])(dense(14 * 14 * 64, relu)(drawn)) as SymbolicTensor;
  const decoded = layers.conv2dTranspose(32, 3, { ...wide, strides: 2 })(grid);
  return model(x, conv2d(1, 3, { ...same, activation: "sigmoid" })(decoded) as SymbolicTensor);
}

const leaky = (): Layer => layers.leakyRelu();

/** 1st edition, chapter 8.5: frogs from noise. */
export const generator = (): Model =>
  sequential([
    input([32]),
    dense(128 * 16 * 16),
    leaky(),
    layers.reshape([16, 16, 128]),
    conv2d(256, 5, same),
    leaky(),
    layers.conv2dTranspose(256, 4, { strides: 2, ...same }),
    leaky(),
    conv2d(256, 5, same),
    leaky(),
    conv2d(256, 5, same),
    leaky(),
    conv2d(3, 7, { activation: "tanh", ...same }),
  ] as Layer[]);

/** 1st edition, chapter 8.5: true frogs from made ones. */
export const discriminator = (): Model =>
  sequential([
    input([32, 32, 3]),
    conv2d(128, 3),
    leaky(),
    ...[1, 2, 3].flatMap(() => [conv2d(128, 4, { strides: 2 }), leaky()]),
    flatten(),
    layers.dropout(0.4),
    dense(1, { activation: "sigmoid" }),
  ] as Layer[]);

/** Chapter 15.4: RoBERTa's base, as KerasHub has it. */
export function roberta(): Model {
  const tokens = input([512]);
  const words = layers.embedding(50_265, 768)(tokens);
  const places = layers.embedding(512, 768)(tokens.mul(0).add(1).cumsum(1).sub(1));
  let x = layers.layerNormalization()(layers.add([words, places])) as SymbolicTensor;
  for (let block = 0; block < 12; block++) {
    const attention = layers.multiHeadAttention(12, 64).invoke({ query: x, value: x }) as SymbolicTensor;
    const seen = layers.layerNormalization()(layers.add([x, attention])) as SymbolicTensor;
    const bent = dense(768)(dense(3072, { activation: "gelu" })(seen));
    x = layers.layerNormalization()(layers.add([seen, bent])) as SymbolicTensor;
  }
  return model(tokens, x);
}
