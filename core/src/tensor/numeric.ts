import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { binary, predicate, test, unary } from "./elementKinds.ts";
import { asNode, type DTypeIn, operand, type ShapeIn, type TensorLike } from "./like.ts";
import { recorded } from "./recorded.ts";
import type { ReduceOptions } from "./tensor.ts";
import { Tensor } from "./tensor.ts";
import type { Reduced } from "./types.ts";

// Elementwise functions and statistics that few programs need, as free functions; what they do is said in ops/.

export const asinh = unary(ops.asinh);
export const acosh = unary(ops.acosh);
export const atanh = unary(ops.atanh);
export const cbrt = unary(ops.cbrt);
export const exp2 = unary(ops.exp2);
export const sinc = unary(ops.sinc);
export const degToRad = unary(ops.degToRad);
export const radToDeg = unary(ops.radToDeg);
export const bitwiseNot = unary(ops.bitwiseNot);
export const hardTanh = unary(ops.hardTanh);
export const tanhShrink = unary(ops.tanhShrink);
export const sparsePlus = unary(ops.sparsePlus);
export const sparseSigmoid = unary(ops.sparseSigmoid);

export const isInf = test(ops.isInfinite);
export const isPosInf = test(ops.isPosInf);
export const isNegInf = test(ops.isNegInf);
export const signBit = test(ops.signBit);

export const hypot = binary(ops.hypot);
export const logAddExp = binary(ops.logAddExp);
export const logAddExp2 = binary(ops.logAddExp2);
export const fmax = binary(ops.fmax);
export const fmin = binary(ops.fmin);
export const fmod = binary(ops.fmod);
export const ldexp = binary(ops.ldexp);
export const heaviside = binary(ops.heaviside);
export const gcd = binary(ops.gcd);
export const lcm = binary(ops.lcm);

type Same<X> = Tensor<ShapeIn<X>, DTypeIn<X>>;
type Axes = number | readonly number[] | undefined;

/** bool: |x − y| ≤ absolute + relative · |y|. */
export const isClose = predicate<ops.ClosenessOptions>(ops.isClose);
/** bool scalar: all elements are close. */
export const allClose = recorded(
  (x: TensorLike, y: TensorLike, options: ops.ClosenessOptions = {}): Tensor<readonly [], "bool"> =>
    new Tensor(ops.allClose(asNode(x), operand(y), options)),
);
/** x with numbers in place of NaN (0) and the infinities (the largest numbers). */
export const nanToNum = recorded(
  <X extends TensorLike>(x: X, options: ops.NumberOptions = {}): Same<X> =>
    new Tensor(ops.nanToNum(asNode(x), options)),
);
/** x in another element type, limited to what it holds. */
export const saturateCast = recorded(
  <X extends TensorLike, D extends DType>(x: X, dtype: D): Tensor<ShapeIn<X>, D> =>
    new Tensor(ops.saturateCast(asNode(x), dtype)),
);
export const hardShrink = recorded(
  <X extends TensorLike>(x: X, threshold = 0.5): Same<X> => new Tensor(ops.hardShrink(asNode(x), threshold)),
);
export const softShrink = recorded(
  <X extends TensorLike>(x: X, threshold = 0.5): Same<X> => new Tensor(ops.softShrink(asNode(x), threshold)),
);
/** x where it is greater than `limit`, else `value`. */
export const threshold = recorded(
  <X extends TensorLike>(x: X, limit = 0, value = 0): Same<X> => new Tensor(ops.threshold(asNode(x), limit, value)),
);
export const squareplus = recorded(
  <X extends TensorLike>(x: X, b = 4): Same<X> => new Tensor(ops.squareplus(asNode(x), b)),
);
/** The nearest point of the probability simplex along `axis`. */
export const sparsemax = recorded(
  <X extends TensorLike>(x: X, axis = -1): Same<X> => new Tensor(ops.sparsemax(asNode(x), axis)),
);

type Reduction<D extends DType | undefined = undefined> = <
  X extends TensorLike,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  x: X,
  axes?: A,
  options?: ReduceOptions<K>,
) => Tensor<Reduced<ShapeIn<X>, A, K>, D extends DType ? D : DTypeIn<X>>;
type NodeReduction = (
  x: ReturnType<typeof asNode>,
  axes: Axes,
  options: ops.ReduceOptions,
) => ReturnType<typeof asNode>;
const reduction = (op: NodeReduction) =>
  recorded<Reduction>((x, axes, options = {}) => new Tensor(op(asNode(x), axes, options)));

export const median = reduction(ops.median);
/** max − min. */
export const ptp = reduction(ops.ptp);
export const nanSum = reduction(ops.nanSum);
export const nanProd = reduction(ops.nanProd);
export const nanMax = reduction(ops.nanMax);
export const nanMin = reduction(ops.nanMin);
export const nanMean = reduction(ops.nanMean);
export const nanVariance = reduction(ops.nanVariance);
export const nanStd = reduction(ops.nanStd);
export const nanMedian = reduction(ops.nanMedian);
export const countNonzero = recorded<Reduction<"i32">>(
  (x, axes, options = {}) => new Tensor(ops.countNonzero(asNode(x), axes, options)),
);

const quantiles = (
  op: (
    x: ReturnType<typeof asNode>,
    q: number | readonly number[],
    axes: Axes,
    options: ops.ReduceOptions & ops.QuantileOptions,
  ) => ReturnType<typeof asNode>,
) =>
  recorded(
    <X extends TensorLike>(
      x: X,
      q: number | readonly number[],
      axes?: Axes,
      options: ReduceOptions & ops.QuantileOptions = {},
    ): Tensor<Shape, DTypeIn<X>> => new Tensor(op(asNode(x), q, axes, options)),
  );
/** What lies at the fractions `q` (0 … 1) of the sorted elements; several fractions are the first axis of the result. */
export const quantile = quantiles(ops.quantile);
/** As `quantile`, with fractions of 100. */
export const percentile = quantiles(ops.percentile);
export const nanQuantile = quantiles(ops.nanQuantile);
export const nanPercentile = quantiles(ops.nanPercentile);

/** The mean along `axes`, with `weights` of the shape of x or along the one axis. */
export const average = recorded(
  <X extends TensorLike>(
    x: X,
    axes?: Axes,
    { weights, ...options }: ReduceOptions & { readonly weights?: Tensor | undefined } = {},
  ): Tensor<Shape, DTypeIn<X>> => new Tensor(ops.average(asNode(x), axes, { ...options, weights: weights?.node })),
);
export const nanArgmax = recorded(
  (x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor<Shape, "i32"> =>
    new Tensor(ops.nanArgmax(asNode(x), axis, options)),
);
export const nanArgmin = recorded(
  (x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor<Shape, "i32"> =>
    new Tensor(ops.nanArgmin(asNode(x), axis, options)),
);
/** The products of all elements up to each one along `axis`. */
export const cumprod = recorded(
  <X extends TensorLike>(x: X, axis?: number, options: { readonly reverse?: boolean } = {}): Same<X> =>
    new Tensor(ops.cumprod(asNode(x), axis, options)),
);
export const nanCumsum = recorded(
  <X extends TensorLike>(x: X, axis?: number): Same<X> => new Tensor(ops.nanCumsum(asNode(x), axis)),
);
export const nanCumprod = recorded(
  <X extends TensorLike>(x: X, axis?: number): Same<X> => new Tensor(ops.nanCumprod(asNode(x), axis)),
);

/** i32: where each of `values` would be put into the ascending vector `sorted`. */
export const searchSorted = recorded(
  (sorted: TensorLike, values: TensorLike, side: "left" | "right" = "left"): Tensor<Shape, "i32"> =>
    new Tensor(ops.searchSorted(asNode(sorted), operand(values, "f32"), side)),
);
/** i32: the number of the interval between ascending `edges` that each element is in. */
export const digitize = recorded(
  <X extends TensorLike>(x: X, edges: TensorLike): Tensor<ShapeIn<X>, "i32"> =>
    new Tensor(ops.digitize(operand(x, "f32"), asNode(edges))),
);
/** How often each of 0 … size − 1 is among the integers x, or the sums of their weights. */
export const bincount = recorded(
  (x: TensorLike, size: number, options: { readonly weights?: Tensor | undefined } = {}): Tensor<readonly [number]> =>
    new Tensor(ops.bincount(asNode(x, "i32"), size, { weights: options.weights?.node })),
);
/** How many elements are in each of `bins` equal intervals, and their edges. */
export const histogram = recorded(
  (
    x: TensorLike,
    options: ops.HistogramOptions = {},
  ): { readonly counts: Tensor<readonly [number], "i32">; readonly edges: Tensor<readonly [number], "f32"> } => {
    const { counts, edges } = ops.histogram(asNode(x), options);
    return { counts: new Tensor(counts), edges: new Tensor(edges) };
  },
);
/** The correlations between the rows of x. */
export const corrcoef = recorded((x: TensorLike): Tensor => new Tensor(ops.corrcoef(asNode(x))));
/** bool: the class numbers are among the `k` largest of their row of `predictions`. */
export const inTopK = recorded(
  (target: TensorLike, predictions: TensorLike, k: number): Tensor<Shape, "bool"> =>
    new Tensor(ops.inTopK(asNode(target, "i32"), asNode(predictions), k)),
);
