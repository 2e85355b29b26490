import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { attentionWatch } from "./attentionWatch.ts";
import type { FromFront } from "./axes.ts";
import { asNode, type DTypeIn, type ShapeIn } from "./like.ts";
import type { Divide } from "./numerals.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import { Tensor } from "./tensor.ts";
import type { AsShape, Last, Leading, Possible, Reduced, WithAxis, WithLast } from "./types.ts";
import type {
  Convolved,
  DepthwiseConvolved,
  FitsChannels,
  OtherChannels,
  SeparableConvolved,
  TransposeConvolved,
} from "./windows.ts";

// What networks are made of: activations, convolutions, pooling, normalisation, cross-entropies.

type Axes = number | readonly number[] | undefined;
type Activation = <X extends Operand>(x: X) => Made<X>;
/* @__NO_SIDE_EFFECTS__ */
const activation = (name: string, op: (x: Node) => Node): Activation =>
  recorded<Activation>(name, (x) => made(op(asNode(x))));

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
  <X extends Operand>(x: X, slope = 0.2): Made<X> => made(ops.leakyRelu(asNode(x), slope)),
);
export const elu = recorded("elu", <X extends Operand>(x: X, alpha = 1): Made<X> => made(ops.elu(asNode(x), alpha)));
export const celu = recorded("celu", <X extends Operand>(x: X, alpha = 1): Made<X> => made(ops.celu(asNode(x), alpha)));
export const gelu = recorded(
  "gelu",
  <X extends Operand>(x: X, options: { readonly approximate?: boolean } = {}): Made<X> =>
    made(ops.gelu(asNode(x), options)),
);
export const glu = recorded(
  "glu",
  <X extends Operand, const Axis extends number = -1>(x: X, axis?: Axis): Made<X, Halved<ShapeIn<X>, Axis>> =>
    made(ops.glu(asNode(x), axis)),
);
/** exp(x) / Σ exp(x) along `axis`. */
export const softmax = recorded(
  "softmax",
  <X extends Operand>(x: X, axis: number | readonly number[] = -1): Made<X> => made(ops.softmax(asNode(x), axis)),
);
export const logSoftmax = recorded(
  "logSoftmax",
  <X extends Operand>(x: X, axis: number | readonly number[] = -1): Made<X> => made(ops.logSoftmax(asNode(x), axis)),
);

type Windows = number | readonly number[];
type Halved<S extends Shape, Axis extends number> = WithAxis<
  S,
  Axis,
  Divide<S[FromFront<Axis, S["length"]> & number] & number, 2>
>;
/** [batch, ...spatial', out] of a convolution with a kernel [...window, in, out]. */
type Resized<S extends Shape, H extends number, W extends number> = S extends readonly [
  ...infer Before extends Shape,
  number,
  number,
  infer Channels extends number,
]
  ? [...Before, H, W, Channels]
  : Shape;
type ConvShape<S extends Shape, K extends Shape, O> = O extends { readonly groups: unknown }
  ? Convolved<S, Leading<Leading<K>>, Last<K>, O>
  : FitsChannels<S, Last<Leading<K>>> extends true
    ? Convolved<S, Leading<Leading<K>>, Last<K>, O>
    : OtherChannels<S, Last<Leading<K>>>;
type PoolShape<S extends Shape, W extends Windows, O> = Convolved<S, W, Last<S>, O, W>;

/** Convolution of x [batch, ...spatial, in] with kernel [...window, in / groups, out], over 1 to 3 spatial axes. */
export const conv = recorded(
  "conv",
  <X extends Placed, K extends Placed, const O extends ops.ConvOptions = object>(
    x: X,
    kernel: Possible<ConvShape<ShapeIn<X>, ShapeIn<K>, O>, K>,
    options?: O,
  ): Made<X | K, AsShape<ConvShape<ShapeIn<X>, ShapeIn<K>, O>>, DTypeIn<X>> =>
    made(ops.conv(asNode(x), asNode(kernel), options)),
);
export const depthwiseConv = recorded(
  "depthwiseConv",
  <X extends Placed, K extends Placed, const O extends ops.DepthwiseConvOptions = object>(
    x: X,
    kernel: Possible<DepthwiseConvolved<ShapeIn<X>, ShapeIn<K>, O>, K>,
    options?: O,
  ): Made<X | K, AsShape<DepthwiseConvolved<ShapeIn<X>, ShapeIn<K>, O>>, DTypeIn<X>> =>
    made(ops.depthwiseConv(asNode(x), asNode(kernel), options)),
);
export const separableConv = recorded(
  "separableConv",
  <X extends Placed, K extends Placed, P extends Placed, const O extends ops.DepthwiseConvOptions = object>(
    x: X,
    depthwise: Possible<DepthwiseConvolved<ShapeIn<X>, ShapeIn<K>, O>, K>,
    pointwise: Possible<SeparableConvolved<ShapeIn<X>, ShapeIn<K>, ShapeIn<P>, O>, P>,
    options?: O,
  ): Made<X | K | P, AsShape<SeparableConvolved<ShapeIn<X>, ShapeIn<K>, ShapeIn<P>, O>>, DTypeIn<X>> =>
    made(ops.separableConv(asNode(x), asNode(depthwise), asNode(pointwise), options)),
);
export const convTranspose = recorded(
  "convTranspose",
  <X extends Placed, K extends Placed, const O extends ops.ConvTransposeOptions = object>(
    x: X,
    kernel: Possible<TransposeConvolved<ShapeIn<X>, ShapeIn<K>, O>, K>,
    options?: O,
  ): Made<X | K, AsShape<TransposeConvolved<ShapeIn<X>, ShapeIn<K>, O>>, DTypeIn<X>> =>
    made(ops.convTranspose(asNode(x), asNode(kernel), options)),
);
export const maxPool = recorded(
  "maxPool",
  <X extends Placed, const W extends Windows, const O extends ops.PoolOptions = object>(
    x: X,
    size: Possible<PoolShape<ShapeIn<X>, W, O>, W>,
    options?: O,
  ): Made<X, AsShape<PoolShape<ShapeIn<X>, W, O>>> => made(ops.maxPool(asNode(x), size as Windows, options)),
);
export const averagePool = recorded(
  "averagePool",
  <X extends Placed, const W extends Windows, const O extends ops.PoolOptions = object>(
    x: X,
    size: Possible<PoolShape<ShapeIn<X>, W, O>, W>,
    options?: O,
  ): Made<X, AsShape<PoolShape<ShapeIn<X>, W, O>>> => made(ops.averagePool(asNode(x), size as Windows, options)),
);

/** Images [batch, height, width, channels] at another height and width. */
export const resize = recorded(
  "resize",
  <X extends Placed, const H extends number, const W extends number>(
    x: X,
    size: readonly [H, W],
    options: ops.ResizeOptions = {},
  ): Made<X, Resized<ShapeIn<X>, H, W>> => made(ops.resize(asNode(x), size, options)),
);

/** x divided by its norm along `axes`. */
export const normalize = recorded(
  "normalize",
  <X extends Operand>(
    x: X,
    axes: Axes = -1,
    options: { readonly order?: number; readonly epsilon?: number } = {},
  ): Made<X> => made(ops.normalize(asNode(x), axes, options)),
);

interface Affine {
  readonly scale?: Placed | undefined;
  readonly offset?: Placed | undefined;
  readonly epsilon?: number;
}
const affine = <O extends Affine>({ scale, offset, ...rest }: O) => ({
  ...rest,
  scale: scale && asNode(scale),
  offset: offset && asNode(offset),
});

/** (x − mean) / √(variance + epsilon) · scale + offset, with vectors along `axis`. */
export const batchNormalization = recorded(
  "batchNormalization",
  <X extends Placed>(
    x: X,
    mean: Placed,
    variance: Placed,
    options: Affine & { readonly axis?: number } = {},
  ): Made<X> => made(ops.batchNormalization(asNode(x), asNode(mean), asNode(variance), affine(options))),
);
/** The same with the mean and the variance of x itself, over all axes but `axis`. */
export const normalizeBatch = recorded(
  "normalizeBatch",
  <X extends Placed>(x: X, options: Affine & { readonly axis?: number } = {}): Made<X> =>
    made(ops.normalizeBatch(asNode(x), affine(options))),
);
/** Mean 0 and variance 1 along `axes`, then scaled and offset. */
export const layerNormalization = recorded(
  "layerNormalization",
  <X extends Placed>(x: X, options: Affine & { readonly axes?: Axes } = {}): Made<X> =>
    made(ops.layerNormalization(asNode(x), affine(options))),
);
export const rmsNormalization = recorded(
  "rmsNormalization",
  <X extends Placed>(x: X, options: Omit<Affine, "offset"> & { readonly axes?: Axes } = {}): Made<X> =>
    made(ops.rmsNormalization(asNode(x), affine(options))),
);

interface AttentionOptions extends Omit<ops.AttentionOptions, "mask" | "bias"> {
  readonly mask?: Placed | undefined;
  readonly bias?: Placed | undefined;
}

/** softmax(query · keyᵀ / √size) · value, a head: query [...batch, time, heads, size], key and value [...batch, source, heads, size]. */
export const dotProductAttention = recorded(
  "dotProductAttention",
  <Q extends Placed, K extends Placed, V extends Placed>(
    query: Q,
    key: K,
    value: V,
    { mask, bias, ...options }: AttentionOptions = {},
  ): Made<Q | K | V, WithLast<ShapeIn<Q>, Last<ShapeIn<V>>>, DTypeIn<Q>> =>
    made(
      attended(asNode(query), asNode(key), asNode(value), {
        ...options,
        mask: mask && asNode(mask),
        bias: bias && asNode(bias),
      }),
    ),
);

/** Who watches gets the weights besides: what nobody looks at is never stored. */
function attended(query: Node, key: Node, value: Node, options: ops.AttentionOptions): Node {
  const result = ops.dotProductAttention(query, key, value, options);
  attentionWatch()?.(new Tensor(ops.dotProductWeights(query, key, options)));
  return result;
}

/** Without the axis of the classes. */
type Rows<S extends Shape, O> = O extends { readonly axis: infer Axis }
  ? Reduced<S, Axis, false>
  : Reduced<S, -1, false>;

/** One loss a row, for one-hot targets. */
export const categoricalCrossentropy = recorded(
  "categoricalCrossentropy",
  <T extends Placed, Y extends Placed, const O extends ops.ClassCrossentropyOptions = object>(
    target: T,
    output: Y,
    options?: O,
  ): Made<T | Y, Rows<ShapeIn<Y>, O>, DType> =>
    made(ops.categoricalCrossentropy(asNode(target), asNode(output), options)),
);
/** One loss a row, for class numbers. */
export const sparseCategoricalCrossentropy = recorded(
  "sparseCategoricalCrossentropy",
  <T extends Placed, Y extends Placed, const O extends ops.ClassCrossentropyOptions = object>(
    target: T,
    output: Y,
    options?: O,
  ): Made<T | Y, Rows<ShapeIn<Y>, O>, DType> =>
    made(ops.sparseCategoricalCrossentropy(asNode(target), asNode(output), options)),
);
/** One loss an element, for targets from 0 to 1. */
export const binaryCrossentropy = recorded(
  "binaryCrossentropy",
  <T extends Placed, Y extends Placed>(
    target: T,
    output: Y,
    options: ops.CrossentropyOptions = {},
  ): Made<T | Y, ShapeIn<Y>, DType> => made(ops.binaryCrossentropy(asNode(target), asNode(output), options)),
);
