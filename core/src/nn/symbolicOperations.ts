import type { DType } from "../base/dtype.ts";
import type { Tensor } from "../tensor/index.ts";

type Axes = number | readonly number[] | undefined;
type Axis = number | readonly number[];
interface Keep {
  readonly keepDims?: boolean;
}
interface Running {
  readonly reverse?: boolean;
  readonly exclusive?: boolean;
}

/** x.exp() */
type Unary<X> = () => X;
/** x.add(y), where y may be a number, or nested lists of them. */
type Binary<X> = (y: X | number | readonly unknown[]) => X;
/** x.mean(axes, { keepDims }) */
type Reduction<X> = (axes?: Axes, options?: Keep) => X;

/** The methods of tensors that symbolic tensors have too: each call becomes a layer of the graph. Files name these and no others. */
export interface Operations<X> {
  readonly neg: Unary<X>;
  readonly abs: Unary<X>;
  readonly sign: Unary<X>;
  readonly exp: Unary<X>;
  readonly expm1: Unary<X>;
  readonly log: Unary<X>;
  readonly log1p: Unary<X>;
  readonly log2: Unary<X>;
  readonly log10: Unary<X>;
  readonly sqrt: Unary<X>;
  readonly rsqrt: Unary<X>;
  readonly square: Unary<X>;
  readonly reciprocal: Unary<X>;
  readonly sin: Unary<X>;
  readonly cos: Unary<X>;
  readonly tan: Unary<X>;
  readonly asin: Unary<X>;
  readonly acos: Unary<X>;
  readonly atan: Unary<X>;
  readonly sinh: Unary<X>;
  readonly cosh: Unary<X>;
  readonly tanh: Unary<X>;
  readonly erf: Unary<X>;
  readonly erfc: Unary<X>;
  readonly floor: Unary<X>;
  readonly ceil: Unary<X>;
  readonly round: Unary<X>;
  readonly trunc: Unary<X>;
  readonly stopGradient: Unary<X>;
  readonly relu: Unary<X>;
  readonly sigmoid: Unary<X>;
  readonly silu: Unary<X>;
  readonly softplus: Unary<X>;
  readonly logicalNot: Unary<X>;
  readonly isNaN: Unary<X>;
  readonly isFinite: Unary<X>;

  readonly add: Binary<X>;
  readonly sub: Binary<X>;
  readonly mul: Binary<X>;
  readonly div: Binary<X>;
  readonly floorDivide: Binary<X>;
  readonly mod: Binary<X>;
  readonly pow: Binary<X>;
  readonly maximum: Binary<X>;
  readonly minimum: Binary<X>;
  readonly divideNoNaN: Binary<X>;
  readonly equal: Binary<X>;
  readonly notEqual: Binary<X>;
  readonly less: Binary<X>;
  readonly lessEqual: Binary<X>;
  readonly greater: Binary<X>;
  readonly greaterEqual: Binary<X>;
  readonly logicalAnd: Binary<X>;
  readonly logicalOr: Binary<X>;
  readonly logicalXor: Binary<X>;
  readonly matmul: Binary<X>;

  readonly sum: Reduction<X>;
  readonly mean: Reduction<X>;
  readonly prod: Reduction<X>;
  readonly max: Reduction<X>;
  readonly min: Reduction<X>;
  readonly logSumExp: Reduction<X>;
  readonly any: Reduction<X>;
  readonly all: Reduction<X>;
  readonly variance: Reduction<X>;
  readonly std: Reduction<X>;
  readonly norm: Reduction<X>;
  readonly argmax: (axis?: number, options?: Keep) => X;
  readonly argmin: (axis?: number, options?: Keep) => X;

  readonly cast: (dtype: DType) => X;
  readonly clip: (low: number, high: number) => X;
  readonly gelu: (options?: { readonly approximate?: boolean }) => X;
  readonly softmax: (axis?: number) => X;
  readonly logSoftmax: (axis?: number) => X;
  readonly where: (condition: X, y: X | number) => X;
  readonly cumsum: (axis?: number, options?: Running) => X;
  readonly cummax: (axis?: number, options?: Running) => X;
  readonly sort: (axis?: number, options?: { readonly descending?: boolean }) => X;
  readonly argsort: (axis?: number, options?: { readonly descending?: boolean }) => X;
  readonly topK: (k: number, axis?: number) => { readonly values: X; readonly indices: X };

  /** −1 stands for the batch, whose size is not known: x.reshape([-1, 4]). */
  readonly reshape: (shape: readonly number[]) => X;
  readonly ravel: Unary<X>;
  readonly transpose: (order?: readonly number[]) => X;
  readonly moveAxis: (from: Axis, to: Axis) => X;
  readonly swapAxes: (first: number, second: number) => X;
  readonly expandDims: (axis: Axis) => X;
  readonly squeeze: (axis?: Axes) => X;
  readonly flip: (axis?: Axes) => X;
  readonly roll: (shift: Axis, axis?: Axis) => X;
  readonly tile: (repetitions: Axis) => X;
  readonly repeat: (counts: Axis, axis?: number) => X;
  readonly pad: (widths: number | readonly (number | readonly [number, number])[]) => X;
  readonly split: (parts: Axis, axis?: number) => readonly X[];
  readonly unstack: (axis?: number) => readonly X[];
  readonly slice: Tensor["slice"] extends (spec: infer Spec) => unknown ? (spec: Spec) => X : never;
  readonly take: (indices: X | Axis, axis?: number) => X;
  readonly takeAlongAxis: (indices: X, axis?: number) => X;
}

export type OperationName = keyof Operations<unknown> & keyof Tensor;

// A record, so that the compiler lists a name that is missing here.
const names: { readonly [N in keyof Operations<unknown>]: true } = {
  ...{ neg: true, abs: true, sign: true, exp: true, expm1: true, log: true, log1p: true, log2: true, log10: true },
  ...{ sqrt: true, rsqrt: true, square: true, reciprocal: true, sin: true, cos: true, tan: true, asin: true },
  ...{ acos: true, atan: true, sinh: true, cosh: true, tanh: true, erf: true, erfc: true, floor: true, ceil: true },
  ...{ round: true, trunc: true, stopGradient: true, relu: true, sigmoid: true, silu: true, softplus: true },
  ...{ logicalNot: true, isNaN: true, isFinite: true, add: true, sub: true, mul: true, div: true },
  ...{ floorDivide: true, mod: true, pow: true, maximum: true, minimum: true, divideNoNaN: true, equal: true },
  ...{ notEqual: true, less: true, lessEqual: true, greater: true, greaterEqual: true, logicalAnd: true },
  ...{ logicalOr: true, logicalXor: true, matmul: true, sum: true, mean: true, prod: true, max: true, min: true },
  ...{ logSumExp: true, any: true, all: true, variance: true, std: true, norm: true, argmax: true, argmin: true },
  ...{ cast: true, clip: true, gelu: true, softmax: true, logSoftmax: true, where: true, cumsum: true },
  ...{ cummax: true, sort: true, argsort: true, topK: true, reshape: true, ravel: true, transpose: true },
  ...{ moveAxis: true, swapAxes: true, expandDims: true, squeeze: true, flip: true, roll: true, tile: true },
  ...{ repeat: true, pad: true, split: true, unstack: true, slice: true, take: true, takeAlongAxis: true },
};

export const operationNames = Object.keys(names) as readonly OperationName[]; // the keys of the record above
