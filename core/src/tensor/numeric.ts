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

export const asinh = unary("asinh", ops.asinh);
export const acosh = unary("acosh", ops.acosh);
export const atanh = unary("atanh", ops.atanh);
export const cbrt = unary("cbrt", ops.cbrt);
export const exp2 = unary("exp2", ops.exp2);
export const sinc = unary("sinc", ops.sinc);
export const degToRad = unary("degToRad", ops.degToRad);
export const radToDeg = unary("radToDeg", ops.radToDeg);
export const bitwiseNot = unary("bitwiseNot", ops.bitwiseNot);
export const hardTanh = unary("hardTanh", ops.hardTanh);
export const tanhShrink = unary("tanhShrink", ops.tanhShrink);
export const sparsePlus = unary("sparsePlus", ops.sparsePlus);
export const sparseSigmoid = unary("sparseSigmoid", ops.sparseSigmoid);

export const isInf = test("isInf", ops.isInfinite);
export const isPosInf = test("isPosInf", ops.isPosInf);
export const isNegInf = test("isNegInf", ops.isNegInf);
export const signBit = test("signBit", ops.signBit);

export const hypot = binary("hypot", ops.hypot);
export const logAddExp = binary("logAddExp", ops.logAddExp);
export const logAddExp2 = binary("logAddExp2", ops.logAddExp2);
export const fmax = binary("fmax", ops.fmax);
export const fmin = binary("fmin", ops.fmin);
export const fmod = binary("fmod", ops.fmod);
export const ldexp = binary("ldexp", ops.ldexp);
export const heaviside = binary("heaviside", ops.heaviside);
export const gcd = binary("gcd", ops.gcd);
export const lcm = binary("lcm", ops.lcm);

type Same<X> = Tensor<ShapeIn<X>, DTypeIn<X>>;
type Axes = number | readonly number[] | undefined;

/** bool: |x − y| ≤ absolute + relative · |y|. */
export const isClose = predicate<ops.ClosenessOptions>("isClose", ops.isClose);
/** bool scalar: all elements are close. */
export const allClose = recorded(
  "allClose",
  (x: TensorLike, y: TensorLike, options: ops.ClosenessOptions = {}): Tensor<readonly [], "bool"> =>
    new Tensor(ops.allClose(asNode(x), operand(y), options)),
);
/** x with numbers in place of NaN (0) and the infinities (the largest numbers). */
export const nanToNum = recorded(
  "nanToNum",
  <X extends TensorLike>(x: X, options: ops.NumberOptions = {}): Same<X> =>
    new Tensor(ops.nanToNum(asNode(x), options)),
);
/** x in another element type, limited to what it holds. */
export const saturateCast = recorded(
  "saturateCast",
  <X extends TensorLike, D extends DType>(x: X, dtype: D): Tensor<ShapeIn<X>, D> =>
    new Tensor(ops.saturateCast(asNode(x), dtype)),
);
export const hardShrink = recorded(
  "hardShrink",
  <X extends TensorLike>(x: X, threshold = 0.5): Same<X> => new Tensor(ops.hardShrink(asNode(x), threshold)),
);
export const softShrink = recorded(
  "softShrink",
  <X extends TensorLike>(x: X, threshold = 0.5): Same<X> => new Tensor(ops.softShrink(asNode(x), threshold)),
);
/** x where it is greater than `limit`, else `value`. */
export const threshold = recorded(
  "threshold",
  <X extends TensorLike>(x: X, limit = 0, value = 0): Same<X> => new Tensor(ops.threshold(asNode(x), limit, value)),
);
export const squareplus = recorded(
  "squareplus",
  <X extends TensorLike>(x: X, b = 4): Same<X> => new Tensor(ops.squareplus(asNode(x), b)),
);
/** The nearest point of the probability simplex along `axis`. */
export const sparsemax = recorded(
  "sparsemax",
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
const reduction = (name: string, op: NodeReduction) =>
  recorded<Reduction>(name, (x, axes, options = {}) => new Tensor(op(asNode(x), axes, options)));

export const median = reduction("median", ops.median);
/** max − min. */
export const ptp = reduction("ptp", ops.ptp);
export const nanSum = reduction("nanSum", ops.nanSum);
export const nanProd = reduction("nanProd", ops.nanProd);
export const nanMax = reduction("nanMax", ops.nanMax);
export const nanMin = reduction("nanMin", ops.nanMin);
export const nanMean = reduction("nanMean", ops.nanMean);
export const nanVariance = reduction("nanVariance", ops.nanVariance);
export const nanStd = reduction("nanStd", ops.nanStd);
export const nanMedian = reduction("nanMedian", ops.nanMedian);
export const countNonzero = recorded<Reduction<"i32">>(
  "countNonzero",
  (x, axes, options = {}) => new Tensor(ops.countNonzero(asNode(x), axes, options)),
);

const quantiles = (
  name: string,
  op: (
    x: ReturnType<typeof asNode>,
    q: number | readonly number[],
    axes: Axes,
    options: ops.ReduceOptions & ops.QuantileOptions,
  ) => ReturnType<typeof asNode>,
) =>
  recorded(
    name,
    <X extends TensorLike>(
      x: X,
      q: number | readonly number[],
      axes?: Axes,
      options: ReduceOptions & ops.QuantileOptions = {},
    ): Tensor<Shape, DTypeIn<X>> => new Tensor(op(asNode(x), q, axes, options)),
  );
/** What lies at the fractions `q` (0 … 1) of the sorted elements; several fractions are the first axis of the result. */
export const quantile = quantiles("quantile", ops.quantile);
/** As `quantile`, with fractions of 100. */
export const percentile = quantiles("percentile", ops.percentile);
export const nanQuantile = quantiles("nanQuantile", ops.nanQuantile);
export const nanPercentile = quantiles("nanPercentile", ops.nanPercentile);

/** The mean along `axes`, with `weights` of the shape of x or along the one axis. */
export const average = recorded(
  "average",
  <X extends TensorLike>(
    x: X,
    axes?: Axes,
    { weights, ...options }: ReduceOptions & { readonly weights?: Tensor | undefined } = {},
  ): Tensor<Shape, DTypeIn<X>> => new Tensor(ops.average(asNode(x), axes, { ...options, weights: weights?.node })),
);
export const nanArgmax = recorded(
  "nanArgmax",
  (x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor<Shape, "i32"> =>
    new Tensor(ops.nanArgmax(asNode(x), axis, options)),
);
export const nanArgmin = recorded(
  "nanArgmin",
  (x: TensorLike, axis?: number, options: ReduceOptions = {}): Tensor<Shape, "i32"> =>
    new Tensor(ops.nanArgmin(asNode(x), axis, options)),
);
/** The products of all elements up to each one along `axis`. */
export const cumprod = recorded(
  "cumprod",
  <X extends TensorLike>(x: X, axis?: number, options: { readonly reverse?: boolean } = {}): Same<X> =>
    new Tensor(ops.cumprod(asNode(x), axis, options)),
);
export const nanCumsum = recorded(
  "nanCumsum",
  <X extends TensorLike>(x: X, axis?: number): Same<X> => new Tensor(ops.nanCumsum(asNode(x), axis)),
);
export const nanCumprod = recorded(
  "nanCumprod",
  <X extends TensorLike>(x: X, axis?: number): Same<X> => new Tensor(ops.nanCumprod(asNode(x), axis)),
);

/** i32: where each of `values` would be put into the ascending vector `sorted`. */
export const searchSorted = recorded(
  "searchSorted",
  (sorted: TensorLike, values: TensorLike, side: "left" | "right" = "left"): Tensor<Shape, "i32"> =>
    new Tensor(ops.searchSorted(asNode(sorted), operand(values, "f32"), side)),
);
/** i32: the number of the interval between ascending `edges` that each element is in. */
export const digitize = recorded(
  "digitize",
  <X extends TensorLike>(x: X, edges: TensorLike): Tensor<ShapeIn<X>, "i32"> =>
    new Tensor(ops.digitize(operand(x, "f32"), asNode(edges))),
);
/** How often each of 0 … size − 1 is among the integers x, or the sums of their weights. */
export const bincount = recorded(
  "bincount",
  (x: TensorLike, size: number, options: { readonly weights?: Tensor | undefined } = {}): Tensor<readonly [number]> =>
    new Tensor(ops.bincount(asNode(x, "i32"), size, { weights: options.weights?.node })),
);
/** How many elements are in each of `bins` equal intervals, and their edges. */
export const histogram = recorded(
  "histogram",
  (
    x: TensorLike,
    options: ops.HistogramOptions = {},
  ): { readonly counts: Tensor<readonly [number], "i32">; readonly edges: Tensor<readonly [number], "f32"> } => {
    const { counts, edges } = ops.histogram(asNode(x), options);
    return { counts: new Tensor(counts), edges: new Tensor(edges) };
  },
);
/** The correlations between the rows of x. */
export const corrcoef = recorded("corrcoef", (x: TensorLike): Tensor => new Tensor(ops.corrcoef(asNode(x))));
/** bool: the class numbers are among the `k` largest of their row of `predictions`. */
export const inTopK = recorded(
  "inTopK",
  (target: TensorLike, predictions: TensorLike, k: number): Tensor<Shape, "bool"> =>
    new Tensor(ops.inTopK(asNode(target, "i32"), asNode(predictions), k)),
);
