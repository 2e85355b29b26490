import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { asNode, type DTypeIn, type ShapeIn, type TensorLike } from "./like.ts";
import { type Recorded, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { Last, Leading } from "./types.ts";
import type { AsShape, Convolved, Possible } from "./windows.ts";

// What networks are made of: activations, convolutions, pooling, normalisation, cross-entropies.

type Axes = number | readonly number[] | undefined;
type Activation = <X extends TensorLike>(x: X) => Tensor<ShapeIn<X>, DTypeIn<X>>;
const activation = (name: string, op: (x: Node) => Node): Recorded<Activation> =>
  recorded<Activation>(name, (x) => new Tensor(op(asNode(x))));

export const relu = activation("relu", ops.relu);
export const relu6 = activation("relu6", ops.relu6);
export const selu = activation("selu", ops.selu);
export const sigmoid = activation("sigmoid", ops.sigmoid);
export const silu = activation("silu", ops.silu);
export const hardSigmoid = activation("hardSigmoid", ops.hardSigmoid);
export const hardSilu = activation("hardSilu", ops.hardSilu);
export const softplus = activation("softplus", ops.softplus);
export const softsign = activation("softsign", ops.softsign);
export const mish = activation("mish", ops.mish);
export const logSigmoid = activation("logSigmoid", ops.logSigmoid);
export const exponential = activation("exponential", ops.exponential);
export const leakyRelu = recorded(
  "leakyRelu",
  <X extends TensorLike>(x: X, slope = 0.2): Tensor<ShapeIn<X>, DTypeIn<X>> =>
    new Tensor(ops.leakyRelu(asNode(x), slope)),
);
export const elu = recorded(
  "elu",
  <X extends TensorLike>(x: X, alpha = 1): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.elu(asNode(x), alpha)),
);
export const celu = recorded(
  "celu",
  <X extends TensorLike>(x: X, alpha = 1): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.celu(asNode(x), alpha)),
);
export const gelu = recorded(
  "gelu",
  <X extends TensorLike>(x: X, options: { readonly approximate?: boolean } = {}): Tensor<ShapeIn<X>, DTypeIn<X>> =>
    new Tensor(ops.gelu(asNode(x), options)),
);
export const glu = recorded(
  "glu",
  <X extends TensorLike>(x: X, axis = -1): Tensor<Shape, DTypeIn<X>> => new Tensor(ops.glu(asNode(x), axis)),
);
/** exp(x) / Σ exp(x) along `axis`. */
export const softmax = recorded(
  "softmax",
  <X extends TensorLike>(x: X, axis: number | readonly number[] = -1): Tensor<ShapeIn<X>, DTypeIn<X>> =>
    new Tensor(ops.softmax(asNode(x), axis)),
);
export const logSoftmax = recorded(
  "logSoftmax",
  <X extends TensorLike>(x: X, axis: number | readonly number[] = -1): Tensor<ShapeIn<X>, DTypeIn<X>> =>
    new Tensor(ops.logSoftmax(asNode(x), axis)),
);

type Image<D extends DType> = Tensor<Shape, D>;
type Windows = number | readonly number[];
/** [batch, ...spatial', out] of a convolution with a kernel [...window, in, out]. */
type ConvShape<S extends Shape, K extends Shape, O> = Convolved<S, Leading<Leading<K>>, Last<K>, O>;
type PoolShape<S extends Shape, W extends Windows, O> = Convolved<S, W, Last<S>, O, W>;

/** Convolution of x [batch, ...spatial, in] with kernel [...window, in / groups, out], over 1 to 3 spatial axes. */
export const conv = recorded(
  "conv",
  <S extends Shape, D extends DType, K extends Shape, const O extends ops.ConvOptions = object>(
    x: Tensor<S, D>,
    kernel: Tensor<K> & Possible<ConvShape<S, K, O>>,
    options?: O,
  ): Tensor<AsShape<ConvShape<S, K, O>>, D> => new Tensor(ops.conv(x.node, kernel.node, options)),
);
export const depthwiseConv = recorded(
  "depthwiseConv",
  <D extends DType>(x: Image<D>, kernel: Tensor, options: ops.DepthwiseConvOptions = {}): Image<D> =>
    new Tensor(ops.depthwiseConv(x.node, kernel.node, options)),
);
export const separableConv = recorded(
  "separableConv",
  <D extends DType>(
    x: Image<D>,
    depthwise: Tensor,
    pointwise: Tensor,
    options: ops.DepthwiseConvOptions = {},
  ): Image<D> => new Tensor(ops.separableConv(x.node, depthwise.node, pointwise.node, options)),
);
export const convTranspose = recorded(
  "convTranspose",
  <D extends DType>(x: Image<D>, kernel: Tensor, options: ops.ConvTransposeOptions = {}): Image<D> =>
    new Tensor(ops.convTranspose(x.node, kernel.node, options)),
);
export const maxPool = recorded(
  "maxPool",
  <S extends Shape, D extends DType, const W extends Windows, const O extends ops.PoolOptions = object>(
    x: Tensor<S, D> & Possible<PoolShape<S, W, O>>,
    size: W,
    options?: O,
  ): Tensor<AsShape<PoolShape<S, W, O>>, D> => new Tensor(ops.maxPool(x.node, size, options)),
);
export const averagePool = recorded(
  "averagePool",
  <S extends Shape, D extends DType, const W extends Windows, const O extends ops.PoolOptions = object>(
    x: Tensor<S, D> & Possible<PoolShape<S, W, O>>,
    size: W,
    options?: O,
  ): Tensor<AsShape<PoolShape<S, W, O>>, D> => new Tensor(ops.averagePool(x.node, size, options)),
);

/** Images [batch, height, width, channels] at another height and width. */
export const resize = recorded(
  "resize",
  <D extends DType>(x: Image<D>, size: readonly [number, number], options: ops.ResizeOptions = {}): Image<D> =>
    new Tensor(ops.resize(x.node, size, options)),
);

/** x divided by its norm along `axes`. */
export const normalize = recorded(
  "normalize",
  <X extends TensorLike>(
    x: X,
    axes: Axes = -1,
    options: { readonly order?: number; readonly epsilon?: number } = {},
  ): Tensor<ShapeIn<X>, DTypeIn<X>> => new Tensor(ops.normalize(asNode(x), axes, options)),
);

interface Affine {
  readonly scale?: Tensor | undefined;
  readonly offset?: Tensor | undefined;
  readonly epsilon?: number;
}
const affine = <O extends Affine>({ scale, offset, ...rest }: O) => ({
  ...rest,
  scale: scale?.node,
  offset: offset?.node,
});

/** (x − mean) / √(variance + epsilon) · scale + offset, with vectors along `axis`. */
export const batchNormalization = recorded(
  "batchNormalization",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    mean: Tensor,
    variance: Tensor,
    options: Affine & { readonly axis?: number } = {},
  ): Tensor<S, D> => new Tensor(ops.batchNormalization(x.node, mean.node, variance.node, affine(options))),
);
/** The same with the mean and the variance of x itself, over all axes but `axis`. */
export const normalizeBatch = recorded(
  "normalizeBatch",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    options: Affine & { readonly axis?: number } = {},
  ): Tensor<S, D> => new Tensor(ops.normalizeBatch(x.node, affine(options))),
);
/** Mean 0 and variance 1 along `axes`, then scaled and offset. */
export const layerNormalization = recorded(
  "layerNormalization",
  <S extends Shape, D extends DType>(x: Tensor<S, D>, options: Affine & { readonly axes?: Axes } = {}): Tensor<S, D> =>
    new Tensor(ops.layerNormalization(x.node, affine(options))),
);
export const rmsNormalization = recorded(
  "rmsNormalization",
  <S extends Shape, D extends DType>(
    x: Tensor<S, D>,
    options: Omit<Affine, "offset"> & { readonly axes?: Axes } = {},
  ): Tensor<S, D> => new Tensor(ops.rmsNormalization(x.node, affine(options))),
);

interface AttentionOptions extends Omit<ops.AttentionOptions, "mask" | "bias"> {
  readonly mask?: Tensor | undefined;
  readonly bias?: Tensor | undefined;
}

/** softmax(query · keyᵀ / √size) · value, a head: query [...batch, time, heads, size], key and value [...batch, source, heads, size]. */
export const dotProductAttention = recorded(
  "dotProductAttention",
  <D extends DType>(
    query: Tensor<Shape, D>,
    key: Tensor<Shape, D>,
    value: Tensor<Shape, D>,
    { mask, bias, ...options }: AttentionOptions = {},
  ): Tensor<Shape, D> =>
    new Tensor(
      ops.dotProductAttention(query.node, key.node, value.node, { ...options, mask: mask?.node, bias: bias?.node }),
    ),
);

/** One loss a row, for one-hot targets. */
export const categoricalCrossentropy = recorded(
  "categoricalCrossentropy",
  (target: Tensor, output: Tensor, options: ops.ClassCrossentropyOptions = {}): Tensor =>
    new Tensor(ops.categoricalCrossentropy(target.node, output.node, options)),
);
/** One loss a row, for class numbers. */
export const sparseCategoricalCrossentropy = recorded(
  "sparseCategoricalCrossentropy",
  (target: Tensor, output: Tensor, options: ops.ClassCrossentropyOptions = {}): Tensor =>
    new Tensor(ops.sparseCategoricalCrossentropy(target.node, output.node, options)),
);
/** One loss an element, for targets from 0 to 1. */
export const binaryCrossentropy = recorded(
  "binaryCrossentropy",
  (target: Tensor, output: Tensor, options: ops.CrossentropyOptions = {}): Tensor =>
    new Tensor(ops.binaryCrossentropy(target.node, output.node, options)),
);
