import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { binary, predicate, test, unary } from "./elementKinds.ts";
import { asNode, type DTypeIn, operand, type ShapeIn } from "./like.ts";
import { type Made, made, type Operand, type Placed, recorded } from "./recorded.ts";
import type { ReduceOptions } from "./tensor.ts";
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

type Same<X> = Made<X>;
type Axes = number | readonly number[] | undefined;

/** bool: |x − y| ≤ absolute + relative · |y|. */
export const isClose = predicate<ops.ClosenessOptions>("isClose", ops.isClose);
/** bool scalar: all elements are close. */
export const allClose = recorded(
  "allClose",
  <X extends Operand, Y extends Operand>(x: X, y: Y, options: ops.ClosenessOptions = {}): Made<X | Y, [], "bool"> =>
    made(ops.allClose(asNode(x), operand(y), options)),
);
/** x with numbers in place of NaN (0) and the infinities (the largest numbers). */
export const nanToNum = recorded(
  "nanToNum",
  <X extends Operand>(x: X, options: ops.NumberOptions = {}): Same<X> => made(ops.nanToNum(asNode(x), options)),
);
/** x in another element type, limited to what it holds. */
export const saturateCast = recorded(
  "saturateCast",
  <X extends Operand, D extends DType>(x: X, dtype: D): Made<X, ShapeIn<X>, D> =>
    made(ops.saturateCast(asNode(x), dtype)),
);
export const hardShrink = recorded(
  "hardShrink",
  <X extends Operand>(x: X, threshold = 0.5): Same<X> => made(ops.hardShrink(asNode(x), threshold)),
);
export const softShrink = recorded(
  "softShrink",
  <X extends Operand>(x: X, threshold = 0.5): Same<X> => made(ops.softShrink(asNode(x), threshold)),
);
/** x where it is greater than `limit`, else `value`. */
export const threshold = recorded(
  "threshold",
  <X extends Operand>(x: X, limit = 0, value = 0): Same<X> => made(ops.threshold(asNode(x), limit, value)),
);
export const squareplus = recorded(
  "squareplus",
  <X extends Operand>(x: X, b = 4): Same<X> => made(ops.squareplus(asNode(x), b)),
);
/** The nearest point of the probability simplex along `axis`. */
export const sparsemax = recorded(
  "sparsemax",
  <X extends Operand>(x: X, axis = -1): Same<X> => made(ops.sparsemax(asNode(x), axis)),
);

type Reduction<D extends DType | undefined = undefined> = <
  X extends Operand,
  const A extends Axes = undefined,
  K extends boolean = false,
>(
  x: X,
  axes?: A,
  options?: ReduceOptions<K>,
) => Made<X, Reduced<ShapeIn<X>, A, K>, D extends DType ? D : DTypeIn<X>>;
type NodeReduction = (
  x: ReturnType<typeof asNode>,
  axes: Axes,
  options: ops.ReduceOptions,
) => ReturnType<typeof asNode>;
/* @__NO_SIDE_EFFECTS__ */
const reduction = (name: string, op: NodeReduction) =>
  recorded<Reduction>(name, (x, axes, options = {}) => made(op(asNode(x), axes, options)));

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
export const countNonzero = recorded<Reduction<"i32">>("countNonzero", (x, axes, options = {}) =>
  made(ops.countNonzero(asNode(x), axes, options)),
);

/* @__NO_SIDE_EFFECTS__ */
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
    <X extends Operand>(
      x: X,
      q: number | readonly number[],
      axes?: Axes,
      options: ReduceOptions & ops.QuantileOptions = {},
    ): Made<X, Shape> => made(op(asNode(x), q, axes, options)),
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
  <X extends Operand>(
    x: X,
    axes?: Axes,
    { weights, ...options }: ReduceOptions & { readonly weights?: Placed | undefined } = {},
  ): Made<X, Shape> => made(ops.average(asNode(x), axes, { ...options, weights: weights && asNode(weights) })),
);
export const nanArgmax = recorded(
  "nanArgmax",
  <X extends Operand, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "i32"> => made(ops.nanArgmax(asNode(x), axis, options)),
);
export const nanArgmin = recorded(
  "nanArgmin",
  <X extends Operand, const A extends number | undefined = undefined, K extends boolean = false>(
    x: X,
    axis?: A,
    options: ReduceOptions<K> = {},
  ): Made<X, Reduced<ShapeIn<X>, A, K>, "i32"> => made(ops.nanArgmin(asNode(x), axis, options)),
);
/** The products of all elements up to each one along `axis`. */
export const cumprod = recorded(
  "cumprod",
  <X extends Operand>(x: X, axis?: number, options: { readonly reverse?: boolean } = {}): Same<X> =>
    made(ops.cumprod(asNode(x), axis, options)),
);
export const nanCumsum = recorded(
  "nanCumsum",
  <X extends Operand>(x: X, axis?: number): Same<X> => made(ops.nanCumsum(asNode(x), axis)),
);
export const nanCumprod = recorded(
  "nanCumprod",
  <X extends Operand>(x: X, axis?: number): Same<X> => made(ops.nanCumprod(asNode(x), axis)),
);

/** i32: where each of `values` would be put into the ascending vector `sorted`. */
export const searchSorted = recorded(
  "searchSorted",
  <X extends Operand, Y extends Operand>(
    sorted: X,
    values: Y,
    side: "left" | "right" = "left",
  ): Made<X | Y, ShapeIn<Y>, "i32"> => made(ops.searchSorted(asNode(sorted), operand(values, "f32"), side)),
);
/** i32: the number of the interval between ascending `edges` that each element is in. */
export const digitize = recorded(
  "digitize",
  <X extends Operand, Y extends Operand>(x: X, edges: Y): Made<X | Y, ShapeIn<X>, "i32"> =>
    made(ops.digitize(operand(x, "f32"), asNode(edges))),
);
/** How often each of 0 … size − 1 is among the integers x, or the sums of their weights. */
export const bincount = recorded(
  "bincount",
  <X extends Operand, const N extends number>(
    x: X,
    size: N,
    options: { readonly weights?: Placed | undefined } = {},
  ): Made<X, [N], DType> =>
    made(ops.bincount(asNode(x, "i32"), size, { weights: options.weights && asNode(options.weights) })),
);
/** How many elements are in each of `bins` equal intervals, and their edges. */
export const histogram = recorded(
  "histogram",
  <X extends Operand>(
    x: X,
    options: ops.HistogramOptions = {},
  ): { readonly counts: Made<X, [number], "i32">; readonly edges: Made<X, [number], "f32"> } => {
    const { counts, edges } = ops.histogram(asNode(x), options);
    return { counts: made(counts), edges: made(edges) };
  },
);
/** The correlations between the rows of x. */
export const corrcoef = recorded(
  "corrcoef",
  <X extends Operand>(x: X): Made<X, Shape> => made(ops.corrcoef(asNode(x))),
);
/** bool: the class numbers are among the `k` largest of their row of `predictions`. */
export const inTopK = recorded(
  "inTopK",
  <X extends Operand, Y extends Operand>(target: X, predictions: Y, k: number): Made<X | Y, ShapeIn<X>, "bool"> =>
    made(ops.inTopK(asNode(target, "i32"), asNode(predictions), k)),
);
