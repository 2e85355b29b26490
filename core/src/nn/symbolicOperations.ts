import type { DType } from "../base/dtype.ts";
import type { PadPair } from "../ops/index.ts";
import type { Nested, Tensor } from "../tensor/index.ts";

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
type Binary<X> = (y: X | Nested) => X;
/** x.mean(axes, { keepDims }) */
type Reduction<X> = (axes?: Axes, options?: Keep) => X;

/**
 * The methods of tensors that symbolic tensors have too: each call becomes a layer of the graph. Files name these and no others.
 * `Same`, `Both` and `Fold` are what is known of the shapes of three kinds of methods.
 */
export interface Operations<X, Same = Unary<X>, Both = Binary<X>, Fold = Reduction<X>> {
  readonly neg: Same;
  readonly abs: Same;
  readonly sign: Same;
  readonly exp: Same;
  readonly expm1: Same;
  readonly log: Same;
  readonly log1p: Same;
  readonly log2: Same;
  readonly log10: Same;
  readonly sqrt: Same;
  readonly rsqrt: Same;
  readonly square: Same;
  readonly reciprocal: Same;
  readonly sin: Same;
  readonly cos: Same;
  readonly tan: Same;
  readonly asin: Same;
  readonly acos: Same;
  readonly atan: Same;
  readonly sinh: Same;
  readonly cosh: Same;
  readonly tanh: Same;
  readonly erf: Same;
  readonly erfc: Same;
  readonly floor: Same;
  readonly ceil: Same;
  readonly round: Same;
  readonly trunc: Same;
  readonly stopGradient: Same;
  readonly relu: Same;
  readonly sigmoid: Same;
  readonly silu: Same;
  readonly softplus: Same;
  readonly logicalNot: Same;
  readonly isNaN: Same;
  readonly isFinite: Same;

  readonly add: Both;
  readonly sub: Both;
  readonly mul: Both;
  readonly div: Both;
  readonly floorDivide: Both;
  readonly mod: Both;
  readonly pow: Both;
  readonly maximum: Both;
  readonly minimum: Both;
  readonly divideNoNaN: Both;
  readonly equal: Both;
  readonly notEqual: Both;
  readonly less: Both;
  readonly lessEqual: Both;
  readonly greater: Both;
  readonly greaterEqual: Both;
  readonly logicalAnd: Both;
  readonly logicalOr: Both;
  readonly logicalXor: Both;
  readonly matmul: Binary<X>;

  readonly sum: Fold;
  readonly mean: Fold;
  readonly prod: Fold;
  readonly max: Fold;
  readonly min: Fold;
  readonly logSumExp: Fold;
  readonly any: Fold;
  readonly all: Fold;
  readonly variance: Fold;
  readonly std: Fold;
  readonly norm: Fold;
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
  readonly pad: (widths: number | PadPair | readonly PadPair[]) => X;
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
