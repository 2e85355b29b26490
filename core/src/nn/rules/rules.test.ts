import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Shape } from "../../base/shape.ts";
import * as t from "../../tensor/index.ts";
import { setDevice, type Tensor } from "../../tensor/index.ts";
import { AnyLayer, input, type Layer, layers, Masked, type OpenShape, type rules, SymbolicTensor } from "../index.ts";

// What the types know is checked when this file is compiled, and that it is true when it runs: a line gives a layer's
// result and its shape, null for a size that only data decides.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Opened<E extends OpenShape> = { -readonly [K in keyof E]: E[K] extends number ? E[K] : number };
type If<Holds, Wrong> = Holds extends true ? unknown : Wrong;

const gives = <X extends SymbolicTensor, const E extends OpenShape>(
  x: X,
  expected: E & If<Equal<X, SymbolicTensor<Opened<E>>>, X>,
): void => assert.deepEqual(x.shape, expected);

const givesMasked = <X extends Masked<SymbolicTensor>, const E extends OpenShape>(
  x: X,
  expected: E & If<Equal<X, Masked<SymbolicTensor<Opened<E>>>>, X>,
): void => {
  assert.ok(x instanceof Masked);
  assert.deepEqual(x.values.shape, expected);
};

/** The types know nothing of the shape. */
const givesSome = <X extends SymbolicTensor>(x: X & If<Equal<X, SymbolicTensor<Shape>>, never>): void =>
  assert.ok(x instanceof SymbolicTensor);

const vector = () => input([12]);
const steps = () => input([10, 6]);
const image = () => input([28, 20, 3]);
const volume = () => input([6, 8, 10, 2]);
const tokens = () => input([10]);
const masked = () => layers.embedding(9, 6, { maskZero: true })(tokens());

/** Names that are not checked here: inputs and cells are no layers of tensors, and those on the host know no sizes. */
type Unchecked =
  | "input"
  | "simpleRnnCell"
  | "lstmCell"
  | "gruCell"
  | "stackedRnnCells"
  | "hashing"
  | "stringLookup"
  | "integerLookup"
  | "textVectorization";

const cases: { readonly [K in Exclude<keyof typeof layers, Unchecked>]: () => void } = {
  dense: () => {
    gives(layers.dense(64)(vector()), [null, 64]);
    gives(layers.dense(64)(image()), [null, 28, 20, 64]);
    givesMasked(layers.dense(5)(masked()), [null, 10, 5]);
  },
  einsumDense: () => {
    gives(layers.einsumDense("abc,cd->abd", [null, 64])(steps()), [null, 10, 64]);
    gives(layers.einsumDense("ab,bcd->acd", [2, 7])(vector()), [null, 2, 7]);
    gives(layers.einsumDense("ab,bc->ac", 5)(vector()), [null, 5]);
    givesSome(layers.einsumDense("...x,xy->...y", 64)(steps()));
  },
  embedding: () => {
    gives(layers.embedding(100, 16)(tokens()), [null, 10, 16]);
    givesMasked(layers.embedding(100, 16, { maskZero: true })(tokens()), [null, 10, 16]);
  },
  reversibleEmbedding: () => {
    const layer = layers.reversibleEmbedding(100, 16);
    gives(layer(tokens()), [null, 10, 16]);
    gives(layer({ reverse: input([10, 16]) }), [null, 10, 100]);
  },
  lambda: () => givesSome(layers.lambda((x) => x.relu())(vector())),
  identity: () => {
    gives(layers.identity()(steps()), [null, 10, 6]);
    givesMasked(layers.identity()(masked()), [null, 10, 6]);
  },
  masking: () => givesMasked(layers.masking()(steps()), [null, 10, 6]),
  dropMask: () => gives(layers.dropMask()(masked()), [null, 10, 6]),
  activation: () => gives(layers.activation("relu")(image()), [null, 28, 20, 3]),
  leakyRelu: () => gives(layers.leakyRelu()(image()), [null, 28, 20, 3]),
  prelu: () => gives(layers.prelu()(image()), [null, 28, 20, 3]),
  elu: () => gives(layers.elu()(image()), [null, 28, 20, 3]),
  relu: () => givesMasked(layers.relu()(masked()), [null, 10, 6]),
  softmax: () => {
    gives(layers.softmax()(vector()), [null, 12]);
    gives(layers.softmax()({ x: vector(), mask: vector() }), [null, 12]);
  },
  conv1d: () => {
    gives(layers.conv1d(4, 3)(steps()), [null, 8, 4]);
    gives(layers.conv1d(4, 3, { padding: "causal", dilationRate: 2 })(steps()), [null, 10, 4]);
  },
  conv2d: () => {
    gives(layers.conv2d(32, 3)(image()), [null, 26, 18, 32]);
    gives(layers.conv2d(32, [3, 5], { padding: "same", strides: [2, 1] })(image()), [null, 14, 20, 32]);
    gives(layers.conv2d(32, 3, { dilationRate: 4 })(image()), [null, 20, 12, 32]);
  },
  conv3d: () => gives(layers.conv3d(4, [1, 3, 5], { strides: 2 })(volume()), [null, 3, 3, 3, 4]),
  conv1dTranspose: () => gives(layers.conv1dTranspose(4, 3, { strides: 2 })(steps()), [null, 21, 4]),
  conv2dTranspose: () => {
    gives(layers.conv2dTranspose(8, 3, { strides: 2, padding: "same" })(image()), [null, 56, 40, 8]);
    gives(layers.conv2dTranspose(8, 2, { strides: 3 })(image()), [null, 84, 60, 8]);
    gives(layers.conv2dTranspose(8, 3, { dilationRate: 2 })(image()), [null, 32, 24, 8]);
  },
  conv3dTranspose: () => gives(layers.conv3dTranspose(4, 2)(volume()), [null, 7, 9, 11, 4]),
  depthwiseConv1d: () => gives(layers.depthwiseConv1d(3)(steps()), [null, 8, 6]),
  depthwiseConv2d: () => gives(layers.depthwiseConv2d(3, { depthMultiplier: 4 })(image()), [null, 26, 18, 12]),
  separableConv1d: () => gives(layers.separableConv1d(5, 3)(steps()), [null, 8, 5]),
  separableConv2d: () => gives(layers.separableConv2d(16, 3, { padding: "same" })(image()), [null, 28, 20, 16]),
  maxPooling1d: () => gives(layers.maxPooling1d()(steps()), [null, 5, 6]),
  maxPooling2d: () => {
    gives(layers.maxPooling2d(3)(image()), [null, 9, 6, 3]);
    gives(layers.maxPooling2d(3, { strides: 2, padding: "same" })(image()), [null, 14, 10, 3]);
    gives(layers.maxPooling2d([2, 5])(image()), [null, 14, 4, 3]);
  },
  maxPooling3d: () => gives(layers.maxPooling3d()(volume()), [null, 3, 4, 5, 2]),
  averagePooling1d: () => gives(layers.averagePooling1d(4, { strides: 1 })(steps()), [null, 7, 6]),
  averagePooling2d: () => gives(layers.averagePooling2d()(image()), [null, 14, 10, 3]),
  averagePooling3d: () => gives(layers.averagePooling3d([1, 2, 2])(volume()), [null, 6, 4, 5, 2]),
  globalMaxPooling1d: () => gives(layers.globalMaxPooling1d()(steps()), [null, 6]),
  globalMaxPooling2d: () => gives(layers.globalMaxPooling2d({ keepDims: true })(image()), [null, 1, 1, 3]),
  globalMaxPooling3d: () => gives(layers.globalMaxPooling3d()(volume()), [null, 2]),
  globalAveragePooling1d: () => gives(layers.globalAveragePooling1d()(masked()), [null, 6]),
  globalAveragePooling2d: () => gives(layers.globalAveragePooling2d()(image()), [null, 3]),
  globalAveragePooling3d: () => gives(layers.globalAveragePooling3d()(volume()), [null, 2]),
  adaptiveMaxPooling1d: () => gives(layers.adaptiveMaxPooling1d(3)(steps()), [null, 3, 6]),
  adaptiveMaxPooling2d: () => gives(layers.adaptiveMaxPooling2d([7, 5])(image()), [null, 7, 5, 3]),
  adaptiveMaxPooling3d: () => gives(layers.adaptiveMaxPooling3d(2)(volume()), [null, 2, 2, 2, 2]),
  adaptiveAveragePooling1d: () => gives(layers.adaptiveAveragePooling1d(4)(steps()), [null, 4, 6]),
  adaptiveAveragePooling2d: () => gives(layers.adaptiveAveragePooling2d(1)(image()), [null, 1, 1, 3]),
  adaptiveAveragePooling3d: () => gives(layers.adaptiveAveragePooling3d([1, 2, 3])(volume()), [null, 1, 2, 3, 2]),
  batchNormalization: () => givesMasked(layers.batchNormalization()(masked()), [null, 10, 6]),
  layerNormalization: () => gives(layers.layerNormalization()(steps()), [null, 10, 6]),
  groupNormalization: () => gives(layers.groupNormalization({ groups: 3 })(steps()), [null, 10, 6]),
  rmsNormalization: () => gives(layers.rmsNormalization()(steps()), [null, 10, 6]),
  unitNormalization: () => gives(layers.unitNormalization()(steps()), [null, 10, 6]),
  spectralNormalization: () => gives(layers.spectralNormalization(layers.conv2d(8, 3))(image()), [null, 26, 18, 8]),
  dropout: () => givesMasked(layers.dropout(0.5)(masked()), [null, 10, 6]),
  spatialDropout1d: () => gives(layers.spatialDropout1d(0.5)(steps()), [null, 10, 6]),
  spatialDropout2d: () => gives(layers.spatialDropout2d(0.5)(image()), [null, 28, 20, 3]),
  spatialDropout3d: () => gives(layers.spatialDropout3d(0.5)(volume()), [null, 6, 8, 10, 2]),
  gaussianDropout: () => gives(layers.gaussianDropout(0.5)(vector()), [null, 12]),
  gaussianNoise: () => gives(layers.gaussianNoise(0.5)(vector()), [null, 12]),
  alphaDropout: () => gives(layers.alphaDropout(0.5)(vector()), [null, 12]),
  activityRegularization: () => gives(layers.activityRegularization()(vector()), [null, 12]),
  flatten: () => gives(layers.flatten()(image()), [null, 1680]),
  reshape: () => {
    gives(layers.reshape([4, 3])(vector()), [null, 4, 3]);
    gives(layers.reshape([-1, 60])(image()), [null, 28, 60]);
  },
  permute: () => gives(layers.permute([3, 1, 2])(image()), [null, 3, 28, 20]),
  repeatVector: () => gives(layers.repeatVector(7)(vector()), [null, 7, 12]),
  cropping1d: () => gives(layers.cropping1d([1, 2])(steps()), [null, 7, 6]),
  cropping2d: () => {
    gives(layers.cropping2d([4, 2])(image()), [null, 20, 16, 3]);
    gives(layers.cropping2d()(image()), [null, 28, 20, 3]);
  },
  cropping3d: () => gives(layers.cropping3d()(volume()), [null, 4, 6, 8, 2]),
  zeroPadding1d: () => gives(layers.zeroPadding1d(3)(steps()), [null, 16, 6]),
  zeroPadding2d: () => {
    const uneven = layers.zeroPadding2d([
      [1, 2],
      [3, 4],
    ]);
    gives(uneven(image()), [null, 31, 27, 3]);
  },
  zeroPadding3d: () => gives(layers.zeroPadding3d([0, 1, 2])(volume()), [null, 6, 10, 14, 2]),
  upSampling1d: () => gives(layers.upSampling1d(3)(steps()), [null, 30, 6]),
  upSampling2d: () => gives(layers.upSampling2d([2, 3])(image()), [null, 56, 60, 3]),
  upSampling3d: () => gives(layers.upSampling3d()(volume()), [null, 12, 16, 20, 2]),
  multiHeadAttention: () => {
    gives(layers.multiHeadAttention(2, 4)([steps(), input([7, 8])]), [null, 10, 6]);
    gives(layers.multiHeadAttention(2, 4, { outputShape: [5] })(steps()), [null, 10, 5]);
    givesMasked(layers.multiHeadAttention(2, 4)({ query: masked(), value: steps() }), [null, 10, 6]);
    const [result] = layers.multiHeadAttention(2, 4, { returnAttentionScores: true })(steps());
    gives(result, [null, 10, 6]);
  },
  groupQueryAttention: () => gives(layers.groupQueryAttention(4, 4, 2)(steps()), [null, 10, 6]),
  attention: () =>
    gives(layers.attention()({ query: steps(), value: input([7, 9]), key: input([7, 6]) }), [null, 10, 9]),
  additiveAttention: () => gives(layers.additiveAttention()([steps(), input([7, 6])]), [null, 10, 6]),
  rotaryEmbedding: () => gives(layers.rotaryEmbedding()(steps()), [null, 10, 6]),
  rnn: () => {
    const result = layers.rnn(layers.gruCell(5), { returnSequences: true })(steps());
    const known: SymbolicTensor<[number, 10, number]> = result;
    assert.deepEqual(known.shape, [null, 10, 5]);
  },
  simpleRnn: () => gives(layers.simpleRnn(5)(steps()), [null, 5]),
  lstm: () => {
    gives(layers.lstm(5, { returnSequences: true })(steps()), [null, 10, 5]);
    givesMasked(layers.lstm(5, { returnSequences: true })(masked()), [null, 10, 5]);
    const [last, hidden, carried] = layers.lstm(5, { returnState: true })(masked());
    for (const state of [last, hidden, carried]) gives(state, [null, 5]);
  },
  gru: () => {
    gives(layers.gru(5)({ sequence: steps(), initialState: input([5]) }), [null, 5]);
    gives(layers.gru(5, { returnSequences: true })([steps(), input([5])]), [null, 10, 5]);
  },
  bidirectional: () => {
    gives(layers.bidirectional(layers.gru(5))(steps()), [null, 10]);
    givesMasked(layers.bidirectional(layers.lstm(5, { returnSequences: true }))(masked()), [null, 10, 10]);
    gives(layers.bidirectional(layers.gru(5), { mergeMode: "sum" })(steps()), [null, 5]);
    const [ahead, behind] = layers.bidirectional(layers.gru(5), { mergeMode: "none" })(steps());
    for (const one of [ahead, behind]) gives(one, [null, 5]);
  },
  timeDistributed: () => gives(layers.timeDistributed(layers.conv2d(4, 3))(input([5, 9, 9, 1])), [null, 5, 7, 7, 4]),
  add: () => {
    gives(layers.add([steps(), steps()]), [null, 10, 6]);
    gives(layers.add()([input([10, 1]), input([6]), steps()]), [null, 10, 6]);
    givesMasked(layers.add([masked(), masked()]), [null, 10, 6]);
  },
  subtract: () => gives(layers.subtract([vector(), vector()]), [null, 12]),
  multiply: () => gives(layers.multiply([image(), input([1, 1, 3])]), [null, 28, 20, 3]),
  average: () => gives(layers.average([vector(), vector(), vector()]), [null, 12]),
  maximum: () => gives(layers.maximum([masked(), steps()]), [null, 10, 6]),
  minimum: () => gives(layers.minimum([vector(), vector()]), [null, 12]),
  concatenate: () => {
    gives(layers.concatenate([steps(), input([10, 4])]), [null, 10, 10]);
    gives(layers.concatenate([steps(), input([3, 6])], { axis: 1 }), [null, 13, 6]);
    givesMasked(layers.concatenate()([masked(), masked()]), [null, 10, 12]);
  },
  dot: () => {
    gives(layers.dot(1)([vector(), vector()]), [null, 1]);
    gives(layers.dot([2, 1])([steps(), input([6, 8])]), [null, 10, 8]);
  },
  normalization: () => gives(layers.normalization({ mean: 0, variance: 1 })(vector()), [null, 12]),
  rescaling: () => gives(layers.rescaling(1 / 255)(image()), [null, 28, 20, 3]),
  discretization: () => givesSome(layers.discretization({ binBoundaries: [1] })(vector())),
  categoryEncoding: () => givesSome(layers.categoryEncoding(4)(vector())),
  melSpectrogram: () => givesSome(layers.melSpectrogram({ fftLength: 16 })(input([40]))),
  stftSpectrogram: () => givesSome(layers.stftSpectrogram({ frameLength: 8 })(input([40, 2]))),
  resizing: () => gives(layers.resizing(8, 9)(image()), [null, 8, 9, 3]),
  centerCrop: () => gives(layers.centerCrop(8, 9)(image()), [null, 8, 9, 3]),
  randomCrop: () => gives(layers.randomCrop(8, 9)(image()), [null, 8, 9, 3]),
  randomFlip: () => gives(layers.randomFlip()(image()), [null, 28, 20, 3]),
  randomRotation: () => gives(layers.randomRotation(0.1)(image()), [null, 28, 20, 3]),
  randomZoom: () => gives(layers.randomZoom(0.1)(image()), [null, 28, 20, 3]),
  randomTranslation: () => gives(layers.randomTranslation(0.1, 0.1)(image()), [null, 28, 20, 3]),
  randomShear: () => gives(layers.randomShear()(image()), [null, 28, 20, 3]),
  randomContrast: () => gives(layers.randomContrast(0.1)(image()), [null, 28, 20, 3]),
  randomBrightness: () => gives(layers.randomBrightness(0.1)(image()), [null, 28, 20, 3]),
  randomHue: () => gives(layers.randomHue(0.1)(image()), [null, 28, 20, 3]),
  randomSaturation: () => gives(layers.randomSaturation(0.1)(image()), [null, 28, 20, 3]),
  randomErasing: () => gives(layers.randomErasing()(image()), [null, 28, 20, 3]),
  mixUp: () => gives(layers.mixUp()(image()), [null, 28, 20, 3]),
  cutMix: () => gives(layers.cutMix()(image()), [null, 28, 20, 3]),
};

before(() => setDevice("reference"));

for (const [name, check] of Object.entries(cases)) test(`${name}: the shape in types is that of the graph`, check);

test("what cannot fit is an error where it is written, and when it runs", () => {
  // @ts-expect-error a window of 5 does not fit into 3
  assert.throws(() => layers.conv2d(8, 5)(input([3, 9, 1])), /a window of 5×5 does not fit/);
  // @ts-expect-error expected 4 axes (batch, height, width, channels), received 2
  assert.throws(() => layers.conv2d(8, 3)(vector()), /expected 4 axes/);
  // @ts-expect-error a window of 30 does not fit into 28
  assert.throws(() => layers.maxPooling2d(30)(image()), /a window of 30×30 does not fit/);
  // @ts-expect-error 12 values do not fit into a shape of 15
  assert.throws(() => layers.reshape([3, 5])(vector()), /12 values/);
  // @ts-expect-error 12 values cannot be split into parts of 5
  assert.throws(() => layers.reshape([-1, 5])(vector()), /12 values/);
  // @ts-expect-error sizes 12 and 10 differ, and neither is 1
  assert.throws(() => layers.add([vector(), tokens()]), /shapes differ/);
  // @ts-expect-error sizes 10 and 28 differ along an axis that is not joined
  assert.throws(() => layers.concatenate([steps(), input([28, 6])]), /shapes differ outside axis -1/);
  // @ts-expect-error axes of 12 and 10 cannot be summed over together
  assert.throws(() => layers.dot(1)([vector(), tokens()]), /differ/);
  // @ts-expect-error cutting 20 leaves nothing of 20
  assert.throws(() => layers.cropping2d(10)(image()), /leaves nothing/);
  // @ts-expect-error expected at least 3 axes (batch, time, features), received 2
  assert.throws(() => layers.lstm(5)(vector()), /at least 3 axes/);
  // @ts-expect-error the layer cannot take the input's mask into account: layers.dropMask()(x) drops it
  assert.throws(() => layers.flatten()(masked()), /the input has a mask/);
  // @ts-expect-error expected images [batch, height, width, channels] or [height, width, channels], received [number, 12]
  assert.throws(() => layers.resizing(8, 8)(vector()), /expected images/);
  // @ts-expect-error a window of 9 does not fit into 8
  assert.throws(() => layers.conv2d(4, 9)(layers.centerCrop(8, 8)(image())), /a window of 9×9/);
  // @ts-expect-error einsum: label b has the sizes 10 and 9
  assert.throws(() => layers.einsumDense("abc,cd->abd", [9, 64])(steps()), /"b" is 10/);
});

test("methods of symbolic tensors have the shapes of those of tensors", () => {
  const x = steps();
  gives(x.relu(), [null, 10, 6]);
  gives(x.add(1), [null, 10, 6]);
  gives(x.mul(input([1, 6])), [null, 10, 6]);
  gives(x.softmax(-1).clip(0, 1).cast("f32"), [null, 10, 6]);
  gives(x.mean(-1), [null, 10]);
  gives(x.max(1, { keepDims: true }), [null, 1, 6]);
  gives(x.reshape([-1, 60]), [null, 60]);
  gives(x.transpose([0, 2, 1]), [null, 6, 10]);
  gives(x.expandDims(-1), [null, 10, 6, 1]);
  gives(x.matmul(input([6, 4])), [null, 10, 4]);
  gives(layers.dense(3)(x.sub(x.mean(1, { keepDims: true }))), [null, 10, 3]);
  gives(x.slice([{}, { start: 2, step: 3 }, -1]), [null, 3]);
  gives(x.slice(["...", null]), [null, 10, 6, 1]);
  const [left, right] = x.split(2, -1);
  gives(left, [null, 10, 3]);
  gives(right, [null, 10, 3]);
  gives(x.split([4], 1)[1], [null, 6, 6]);
  gives(x.unstack(1)[9], [null, 6]);
  gives(x.take([0, 1], 1), [null, 2, 6]);
  gives(x.takeAlongAxis(x.argsort(1).slice([{}, { stop: 4 }]), 1), [null, 4, 6]);
  gives(x.topK(2).indices, [null, 10, 2]);
  gives(x.pad([[0, 0], [1, 2], [0, 4]]), [null, 13, 10]); // biome-ignore format: a row of pairs
  gives(x.tile([1, 2, 3]), [null, 20, 18]);
  gives(x.repeat(3, 1), [null, 30, 6]);
  gives(x.moveAxis(1, 2).flip(-1).roll(1, 1).sort(), [null, 6, 10]);
  gives(x.where(x.greater(0), 0), [null, 10, 6]);
  gives(x.expandDims(1).squeeze(1), [null, 10, 6]);
  // @ts-expect-error slice: index 10 is out of range for an axis of size 10: [number, 10, 6]
  assert.throws(() => x.slice([{}, 10]), /index 10 is out of range/);
  // @ts-expect-error split: an axis of size 10 has no 3 equal parts
  assert.throws(() => x.split(3, 1), /no 3 equal parts/);
  // @ts-expect-error squeeze: axis 2 has size 6, not 1
  assert.throws(() => x.squeeze(2), /axis 2 has size 6/);
  // @ts-expect-error pad: 2 pairs for 3 axes
  assert.throws(() => x.pad([[0, 0], [1, 2]]), /2 pairs for 3 axes/); // biome-ignore format: a row of pairs
  // @ts-expect-error sizes must be equal or 1, compared from the last axis
  assert.throws(() => x.add(input([10, 7])), /6|7/);
  // @ts-expect-error matmul: inner sizes differ
  assert.throws(() => x.matmul(input([5, 4])), /5|6/);
});

test("free functions of symbolic tensors have the shapes of those of tensors", () => {
  const x = steps();
  gives(t.relu(x), [null, 10, 6]);
  gives(t.add(x, 1), [null, 10, 6]);
  gives(t.add(1, x), [null, 10, 6]);
  gives(t.mul(input([1, 6]), x), [null, 10, 6]);
  gives(t.maximum(x, input([1, 6])), [null, 10, 6]);
  gives(t.greater(x, 0), [null, 10, 6]);
  gives(t.mean(x, -1), [null, 10]);
  gives(t.sum(x, [-1, -2]), [null]);
  gives(t.max(x, [1, 2], { keepDims: true }), [null, 1, 1]);
  gives(t.argmax(x, -1), [null, 10]);
  gives(t.moments(x, -1).mean, [null, 10]);
  gives(t.topK(x, 2).values, [null, 10, 2]);
  gives(t.matmul(x, input([6, 4])), [null, 10, 4]);
  gives(t.einsum("bij,bkj->bik", x, input([7, 6])), [null, 10, 7]);
  gives(t.reshape(x, [-1, 5, 12]), [null, 5, 12]);
  gives(t.transpose(x, [0, 2, 1]), [null, 6, 10]);
  gives(t.swapAxes(x, 1, -1), [null, 6, 10]);
  gives(t.expandDims(x, 1), [null, 1, 10, 6]);
  gives(t.squeeze(t.expandDims(x, 1), 1), [null, 10, 6]);
  gives(t.concatenate([x, input([10, 4])], -1), [null, 10, 10]);
  gives(t.stack([x, x], 1), [null, 2, 10, 6]);
  gives(t.oneHot(t.argmax(x, -1), 30), [null, 10, 30]);
  gives(t.maxPool(image(), 2), [null, 14, 10, 3]);
  gives(t.resize(image(), [14, 10]), [null, 14, 10, 3]);
  gives(t.layerNormalization(x), [null, 10, 6]);
  gives(t.reshape(t.where(t.greater(x, 0), x, 0), [-1, 60]), [null, 60]);
  gives(t.slice(x, [{}, 0]), [null, 6]);
  gives(t.split(x, 3, 2)[2], [null, 10, 2]);
  gives(t.unstack(x, 2)[0], [null, 10]);
  gives(t.pad(x, 1).slice([{ start: 1, stop: -1 }]), [null, 12, 8]);
  gives(t.tile(x, 2), [null, 10, 12]);
  gives(t.gather(x, tokens().cast("i32"), 1).slice([{}, {}, 0]), [null, null, 6]);
  gives(t.depthToSpace(input([3, 4, 12]), 2), [null, 6, 8, 3]);
});

test("images take with them what belongs to them", () => {
  const seen = layers.resizing(14, 10)({ images: image(), segmentationMasks: input([28, 20, 1]), labels: input([3]) });
  gives(seen.images, [null, 14, 10, 3]);
  gives(seen.segmentationMasks, [null, 14, 10, 1]);
  gives(seen.labels, [null, 3]);
  const one: Tensor<[8, 9, 3]> = layers.centerCrop(8, 9)(t.zeros([28, 20, 3]));
  assert.deepEqual(one.shape, [8, 9, 3]);
});

test("what is not known is any number, and is checked when it runs", () => {
  const size: number = 3;
  gives(layers.dense(size as 3)(vector()), [null, 3]);
  const some: SymbolicTensor = vector();
  givesSome(layers.dense(5)(some));
  assert.throws(() => layers.conv2d(8, 3)(some), /expected 4 axes/);
  const open: SymbolicTensor<[number, number]> = layers.dense(size)(vector());
  assert.deepEqual(open.shape, [null, 3]);
  const padding: "same" | "valid" = Math.random() < 2 ? "same" : "valid";
  const image: SymbolicTensor<[number, number, number, 8]> = layers.conv2d(8, size, { padding })(input([null, 9, 1]));
  assert.deepEqual(image.shape, [null, null, 9, 8]);
  const list: readonly SymbolicTensor<[number, 12]>[] = [vector(), vector()];
  gives(layers.add(list), [null, 12]);
  givesSome(layers.concatenate(list));
});

/** A layer of the user's own that says what it makes of shapes. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
class Twice extends AnyLayer {
  override call(x: Tensor): Tensor {
    return x.mul(2);
  }
}
// biome-ignore lint/correctness/noUnusedVariables: it merges with the class.
interface Twice extends rules.Application<rules.Same> {}

test("a layer of the user's own can have a rule; lists and choices of layers can be called", () => {
  gives(new Twice()(steps()), [null, 10, 6]);
  let x: SymbolicTensor = image();
  for (const layer of [layers.conv2d(8, 3), layers.batchNormalization(), new Twice()]) x = layer(x);
  assert.deepEqual(x.shape, [null, 26, 18, 8]);
  const either = Math.random() < 2 ? layers.gru(5) : layers.lstm(5);
  gives(either(steps()), [null, 5]);
});

test("any layer is a Layer, which can be called on anything", () => {
  const held: readonly Layer[] = [layers.dense(3), layers.relu(), layers.lstm(3, { returnState: true })];
  const pictures: Layer = layers.randomFlip();
  assert.deepEqual(pictures(image()).shape, [null, 28, 20, 3]);
  assert.deepEqual(held[0]!(vector()).shape, [null, 3]);
});
