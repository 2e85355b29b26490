import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import type { PadPair, SliceSpec } from "../ops/index.ts";
import type { Inserted, Moved, Squeezed, Swapped, Transposed } from "../tensor/axes.ts";
import type { Elementwise, Fits, ShapeIn } from "../tensor/like.ts";
import type { IndexShape, Sliced, Split, Taken, TakenAlong, Unstacked } from "../tensor/parts.ts";
import {
  type AnyFunction,
  type Recording,
  recorder,
  type Standing,
  type sizes,
  type standing,
} from "../tensor/recorded.ts";
import type { Padded, Repeated, Tiled } from "../tensor/repeats.ts";
import type {
  AsShape,
  Chosen,
  MatMul,
  Nested,
  Possible,
  Reduced,
  Reshape,
  Reversed,
  WithAxis,
} from "../tensor/types.ts";
import type { Layer } from "./layer.ts";
import type { MaskedStructure } from "./structure.ts";
import { type OperationName, type Operations, operationNames } from "./symbolicOperations.ts";

/** A shape in which `null` stands for a size that only data decides, such as the batch. */
export type OpenShape = readonly (number | null)[];

/** Element types of inputs: texts are for layers that work on the host (`HostLayer`). */
export type InputDType = DType | "string";

export type { sizes };

/** Symbolic tensors stand for tensors. */
interface Symbols extends Standing {
  readonly tensor: this["shape"] extends infer S extends Shape ? SymbolicTensor<S> : never;
}

/** One use of a layer in a functional graph: which symbolic tensors went in and came out. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: MaskedStructure<SymbolicTensor>;
  /** What came out, in the form in which the layer gives it. */
  readonly result: MaskedStructure<SymbolicTensor>;
  /** The symbolic tensors of `result` in order, masks among them. */
  readonly outputs: readonly SymbolicTensor[];
}

/** How calls become layers of the graph; what is given may hold symbolic tensors. */
export interface Recorder {
  /** Records `x.method(...given)`. */
  method(method: OperationName, x: SymbolicTensor, given: readonly unknown[]): unknown;
  /** Records a free function of tensors: `call(...given)`. */
  function(call: AnyFunction, given: readonly unknown[]): unknown;
}

/**
 * A place in a functional graph: made by `input()`, by calling layers and free functions (`relu(x)`) on symbolic tensors, and
 * by its methods, which are those of tensors; holds no numbers. `S` is its shape as far as the types know it, the batch being
 * any `number`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the static block below makes the methods of the interface.
export class SymbolicTensor<out S extends Shape = Shape> implements Recording<S> {
  declare readonly [sizes]: S;
  declare readonly [standing]: Symbols;
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: InputDType;
  /** The layer call that makes it; undefined for an input. */
  source: LayerCall | undefined;
  /** The layer that stands for an input in a model's list. */
  entry: Layer | undefined;
  /** Internal: how its methods, and functions of it, are recorded. */
  readonly record: Recorder;

  static {
    for (const method of operationNames) {
      Object.defineProperty(SymbolicTensor.prototype, method, {
        value(this: SymbolicTensor, ...given: unknown[]) {
          return this.record.method(method, this, given);
        },
      });
    }
  }

  constructor(name: string, shape: OpenShape, dtype: InputDType, record: Recorder) {
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
    this.record = record;
  }

  /** Internal: `call(...given)`, in which this is one of the arguments; whatever it returns, with symbolic tensors in it. */
  [recorder](call: AnyFunction, given: readonly unknown[]): SymbolicTensor {
    return this.record.function(call, given) as SymbolicTensor; // or lists and records of them, as the types of `recorded` say
  }

  toString(): string {
    return `SymbolicTensor ${this.name} ${printOpenShape(this.shape)} ${this.dtype}`;
  }
}

/** x.exp() */
type Same = <A extends Shape>(this: SymbolicTensor<A>) => SymbolicTensor<A>;

/** x.add(y) */
type Both = <A extends Shape, Y extends Operand>(
  this: SymbolicTensor<A>,
  y: Fits<A, Y>,
) => SymbolicTensor<Elementwise<A, Y>>;
type Operand = SymbolicTensor | Nested;

/** x.mean(axes, { keepDims }) */
type Fold = <
  A extends Shape,
  const X extends number | readonly number[] | undefined = undefined,
  K extends boolean = false,
>(
  this: SymbolicTensor<A>,
  axes?: X,
  options?: { readonly keepDims?: K },
) => SymbolicTensor<Reduced<A, X, K>>;

type Axis = number | readonly number[];
/** A symbolic tensor for each of the shapes. */
type Each<Shapes> = Shapes extends Shape[]
  ? { [K in keyof Shapes]: SymbolicTensor<AsShape<Shapes[K]>> }
  : SymbolicTensor[];

/** Its methods with the shapes of their results, as tensors have them. */
// biome-ignore lint/correctness/noUnusedVariables: declarations that merge must have the same type parameters.
export interface SymbolicTensor<out S extends Shape = Shape> extends Operations<SymbolicTensor, Same, Both, Fold> {
  matmul<A extends Shape, Y extends Operand>(
    this: SymbolicTensor<A>,
    y: Possible<MatMul<A, ShapeIn<Y>>, Y>,
  ): SymbolicTensor<AsShape<MatMul<A, ShapeIn<Y>>>>;
  cast<A extends Shape>(this: SymbolicTensor<A>, dtype: DType): SymbolicTensor<A>;
  clip<A extends Shape>(this: SymbolicTensor<A>, low: number, high: number): SymbolicTensor<A>;
  gelu<A extends Shape>(this: SymbolicTensor<A>, options?: { readonly approximate?: boolean }): SymbolicTensor<A>;
  softmax<A extends Shape>(this: SymbolicTensor<A>, axis?: number): SymbolicTensor<A>;
  logSoftmax<A extends Shape>(this: SymbolicTensor<A>, axis?: number): SymbolicTensor<A>;
  /** −1 stands for the batch, whose size is not known: x.reshape([-1, 4]). */
  reshape<A extends Shape, const T extends Shape>(
    this: SymbolicTensor<A>,
    shape: Possible<Reshape<T, A>, T>,
  ): SymbolicTensor<AsShape<Reshape<T, A>>>;
  ravel(): SymbolicTensor<[number]>;
  transpose<A extends Shape>(this: SymbolicTensor<A>): SymbolicTensor<Reversed<A>>;
  transpose<A extends Shape, const Order extends readonly number[]>(
    this: SymbolicTensor<A>,
    order: Order | undefined,
  ): SymbolicTensor<Transposed<A, Order>>;
  swapAxes<A extends Shape, const First extends number, const Second extends number>(
    this: SymbolicTensor<A>,
    first: First,
    second: Second,
  ): SymbolicTensor<Swapped<A, First, Second>>;
  squeeze<A extends Shape, const X extends number | readonly number[] | undefined = undefined>(
    this: SymbolicTensor<A>,
    axis?: Possible<Squeezed<A, X>, X>,
  ): SymbolicTensor<AsShape<Squeezed<A, X>>>;
  moveAxis<A extends Shape, const From extends Axis, const To extends Axis>(
    this: SymbolicTensor<A>,
    from: From,
    to: To,
  ): SymbolicTensor<Moved<A, From, To>>;
  flip<A extends Shape>(this: SymbolicTensor<A>, axis?: Axis): SymbolicTensor<A>;
  roll<A extends Shape>(this: SymbolicTensor<A>, shift: Axis, axis?: Axis): SymbolicTensor<A>;
  tile<A extends Shape, const R extends Axis>(this: SymbolicTensor<A>, repetitions: R): SymbolicTensor<Tiled<A, R>>;
  repeat<A extends Shape, const C extends Axis, const X extends number | undefined = undefined>(
    this: SymbolicTensor<A>,
    counts: C,
    axis?: X,
  ): SymbolicTensor<Repeated<A, C, X>>;
  pad<A extends Shape, const W extends number | PadPair | readonly PadPair[]>(
    this: SymbolicTensor<A>,
    widths: Possible<Padded<A, W>, W>,
  ): SymbolicTensor<AsShape<Padded<A, W>>>;
  split<A extends Shape, const P extends Axis, const X extends number = 0>(
    this: SymbolicTensor<A>,
    parts: Possible<Split<A, P, X>, P>,
    axis?: X,
  ): Each<Split<A, P, X>>;
  unstack<A extends Shape, const X extends number = 0>(this: SymbolicTensor<A>, axis?: X): Each<Unstacked<A, X>>;
  slice<A extends Shape, const Spec extends SliceSpec>(
    this: SymbolicTensor<A>,
    spec: Possible<Sliced<A, Spec>, Spec>,
  ): SymbolicTensor<AsShape<Sliced<A, Spec>>>;
  take<A extends Shape, const I extends Axis | SymbolicTensor, const X extends number | undefined = undefined>(
    this: SymbolicTensor<A>,
    indices: I,
    axis?: X,
  ): SymbolicTensor<Taken<A, I extends SymbolicTensor ? ShapeIn<I> : IndexShape<I>, X>>;
  takeAlongAxis<A extends Shape, I extends SymbolicTensor, const X extends number = -1>(
    this: SymbolicTensor<A>,
    indices: Possible<TakenAlong<A, ShapeIn<I>, X>, I>,
    axis?: X,
  ): SymbolicTensor<AsShape<TakenAlong<A, ShapeIn<I>, X>>>;
  where<A extends Shape, C extends SymbolicTensor, Y extends SymbolicTensor | number>(
    this: SymbolicTensor<A>,
    condition: Fits<A, C>,
    y: Possible<Chosen<ShapeIn<C>, A, ShapeIn<Y>>, Y>,
  ): SymbolicTensor<AsShape<Chosen<ShapeIn<C>, A, ShapeIn<Y>>>>;
  sort<A extends Shape>(
    this: SymbolicTensor<A>,
    axis?: number,
    options?: { readonly descending?: boolean },
  ): SymbolicTensor<A>;
  argsort<A extends Shape>(
    this: SymbolicTensor<A>,
    axis?: number,
    options?: { readonly descending?: boolean },
  ): SymbolicTensor<A>;
  topK<A extends Shape, K extends number, const X extends number = -1>(
    this: SymbolicTensor<A>,
    k: K,
    axis?: X,
  ): { readonly values: SymbolicTensor<WithAxis<A, X, K>>; readonly indices: SymbolicTensor<WithAxis<A, X, K>> };
  argmax<A extends Shape, const X extends number | undefined = undefined, K extends boolean = false>(
    this: SymbolicTensor<A>,
    axis?: X,
    options?: { readonly keepDims?: K },
  ): SymbolicTensor<Reduced<A, X, K>>;
  argmin<A extends Shape, const X extends number | undefined = undefined, K extends boolean = false>(
    this: SymbolicTensor<A>,
    axis?: X,
    options?: { readonly keepDims?: K },
  ): SymbolicTensor<Reduced<A, X, K>>;
  cumsum<A extends Shape>(
    this: SymbolicTensor<A>,
    axis?: number,
    options?: { readonly reverse?: boolean; readonly exclusive?: boolean },
  ): SymbolicTensor<A>;
  cummax<A extends Shape>(
    this: SymbolicTensor<A>,
    axis?: number,
    options?: { readonly reverse?: boolean; readonly exclusive?: boolean },
  ): SymbolicTensor<A>;
  expandDims<A extends Shape, const Axis extends number | readonly number[]>(
    this: SymbolicTensor<A>,
    axis: Axis,
  ): SymbolicTensor<Axis extends number ? Inserted<A, Axis, 1> : Shape>;
}

export const isSymbolic = (value: unknown): value is SymbolicTensor => value instanceof SymbolicTensor;

/** `(None, 28, 28, 1)`, as Keras prints shapes. */
export const printOpenShape = (shape: OpenShape): string =>
  `(${shape.map((size) => size ?? "None").join(", ")}${shape.length === 1 ? "," : ""})`;
