/// <reference lib="esnext.disposable" preserve="true" />
import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { countTensor, currentTrace, cutChain, discountTensor, realize, resolve } from "../engine/index.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { At, type AtItem } from "./at.ts";
import type { Inserted, Moved, Squeezed, Swapped, Transposed } from "./axes.ts";
import { nest, unpack } from "./data.ts";
import { asNode, type Elementwise, type Fits, operand, type ShapeIn, type TensorLike } from "./like.ts";
import type { IndexShape, Sliced, Split, Taken, TakenAlong, Unstacked } from "./parts.ts";
import { printTensor } from "./print.ts";
import type { Diagonal, Dot, Outer, Traced } from "./products.ts";
import { readBytes, readBytesSync } from "./read.ts";
import type { Padded, Repeated, Tiled } from "./repeats.ts";
import type {
  ArrayOf,
  AsShape,
  BroadcastTo,
  Chosen,
  DataOf,
  MatMul,
  Possible,
  Reduced,
  Reshape,
  Reversed,
  WithAxis,
} from "./types.ts";

/** What a tensor stands on: a node of the graph, or something whose present value is one (a Variable's memory). */
export type Source =
  | Node
  | {
      readonly shape: Shape;
      readonly dtype: DType;
      read(): Node;
      bytes(): Promise<Uint8Array>;
      bytesSync(what: string): Uint8Array;
    };

/** Options of reductions. */
export interface ReduceOptions<Keep extends boolean = boolean> {
  /** Leaves the reduced axes in the shape, with size 1. */
  readonly keepDims?: Keep;
}

type Axis = number | readonly number[];
type Axes = Axis | undefined;
/** A tensor for each of the shapes. */
type Each<Shapes, D extends DType> = Shapes extends Shape[]
  ? { [K in keyof Shapes]: Tensor<AsShape<Shapes[K]>, D> }
  : Tensor<Shape, D>[];

/**
 * An array of numbers, computed when it is read. `S` is its shape, as far as the types know it, `D` its element type.
 * Methods return new tensors; nothing needs to be disposed.
 */
export class Tensor<out S extends Shape = Shape, out D extends DType = DType> implements Disposable {
  #source: Source;

  /** Internal: users make tensors with `tensor`, `zeros`, and their like. */
  constructor(source: Source) {
    this.#source = source;
    if (!("op" in source) || currentTrace() !== undefined) return;
    countTensor(source);
    cutChain(source);
  }

  /** The sizes along the axes, outermost first. */
  get shape(): S {
    // S is a promise of the types about the node that this tensor was made on.
    return this.#source.shape as S;
  }

  /** The element type. */
  get dtype(): D {
    return this.#source.dtype as D; // as for shape
  }

  /** The number of axes. */
  get rank(): S["length"] {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Internal: the node of the graph that this tensor stands for now. */
  get node(): Node {
    if (!("op" in this.#source)) return this.#source.read();
    let node = resolve(this.#source);
    const trace = currentTrace();
    // A value from outside of the trace is computed once, there, and is an input of the program.
    if (trace !== undefined && node.id < trace.firstId && node.op !== "input") [node] = realize([node]) as [Node];
    this.#source = node;
    return node;
  }

  // Reading. All values that are asked for together are computed together.

  /** The elements in row-major order, in the typed array of the dtype (halves as Float32Array, bool as Uint8Array). */
  data(): Promise<DataOf[D]> {
    return readBytes(this.#source).then((bytes) => unpack(bytes, this.dtype));
  }

  /** The elements in nested arrays, one level an axis; a number for a scalar. Booleans are 1 and 0. */
  array<A extends Shape>(this: Tensor<A>): Promise<ArrayOf<A>> {
    return this.data().then((values) => nest(values, this.shape) as ArrayOf<A>); // nested as deep as the shape is long
  }

  /** The only element. */
  item(): Promise<number> {
    return this.data().then((values: ArrayLike<number>) => onlyElement(values, this.shape));
  }

  // Reading while the calling thread waits: the quickest way to a small result. Work that is under way is waited for; a
  // program that is new is compiled first. The device must be ready (`await setDevice(...)`); WebGPU cannot do it.

  /** As `data`, while the calling thread waits. */
  dataSync(): DataOf[D] {
    return unpack(readBytesSync(this.#source, "dataSync"), this.dtype);
  }

  /** As `array`, while the calling thread waits. */
  arraySync<A extends Shape>(this: Tensor<A>): ArrayOf<A> {
    // nested as deep as the shape is long
    return nest(unpack(readBytesSync(this.#source, "arraySync"), this.dtype), this.shape) as ArrayOf<A>;
  }

  /** As `item`, while the calling thread waits. */
  itemSync(): number {
    return onlyElement(unpack(readBytesSync(this.#source, "itemSync"), this.dtype), this.shape);
  }

  /** The values if they are in the host's memory already, else shape and dtype. `print()` always shows values. */
  toString(): string {
    return printTensor(this.#source);
  }

  /** Prints the values to the console. */
  print(): Promise<void> {
    return readBytes(this.#source).then((bytes) => console.log(printTensor(this.#source, bytes)));
  }

  /** Frees the memory at once. Nothing needs it: what is dropped is collected. */
  [Symbol.dispose](): void {
    if ("op" in this.#source) discountTensor(resolve(this.#source));
  }

  dispose(): void {
    this[Symbol.dispose]();
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new ArgumentError({
      what: `a tensor of shape ${printShape(this.shape)} is not a number`,
      hint: "use its methods (a.add(b), a.less(b)), or read it: await t.item()",
    });
  }

  // Arithmetic: NumPy's broadcasting; numbers take the dtype of the tensor.

  add<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.add(this.node, operand(y, this.dtype)));
  }
  sub<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.sub(this.node, operand(y, this.dtype)));
  }
  mul<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.mul(this.node, operand(y, this.dtype)));
  }
  div<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.div(this.node, operand(y, this.dtype)));
  }
  floorDivide<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.floorDivide(this.node, operand(y, this.dtype)));
  }
  mod<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.mod(this.node, operand(y, this.dtype)));
  }
  pow<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.pow(this.node, operand(y, this.dtype)));
  }
  maximum<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.maximum(this.node, operand(y, this.dtype)));
  }
  minimum<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.minimum(this.node, operand(y, this.dtype)));
  }
  /** x / y, and 0 where y is 0. */
  divideNoNaN<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, E> {
    return new Tensor(ops.divideNoNaN(this.node, operand(y, this.dtype)));
  }

  // Elementwise functions.

  neg(): Tensor<S, D> {
    return new Tensor(ops.neg(this.node));
  }
  abs(): Tensor<S, D> {
    return new Tensor(ops.abs(this.node));
  }
  sign(): Tensor<S, D> {
    return new Tensor(ops.sign(this.node));
  }
  exp(): Tensor<S, D> {
    return new Tensor(ops.exp(this.node));
  }
  expm1(): Tensor<S, D> {
    return new Tensor(ops.expm1(this.node));
  }
  log(): Tensor<S, D> {
    return new Tensor(ops.log(this.node));
  }
  log1p(): Tensor<S, D> {
    return new Tensor(ops.log1p(this.node));
  }
  log2(): Tensor<S, D> {
    return new Tensor(ops.log2(this.node));
  }
  log10(): Tensor<S, D> {
    return new Tensor(ops.log10(this.node));
  }
  sqrt(): Tensor<S, D> {
    return new Tensor(ops.sqrt(this.node));
  }
  rsqrt(): Tensor<S, D> {
    return new Tensor(ops.rsqrt(this.node));
  }
  square(): Tensor<S, D> {
    return new Tensor(ops.square(this.node));
  }
  reciprocal(): Tensor<S, D> {
    return new Tensor(ops.reciprocal(this.node));
  }
  sin(): Tensor<S, D> {
    return new Tensor(ops.sin(this.node));
  }
  cos(): Tensor<S, D> {
    return new Tensor(ops.cos(this.node));
  }
  tan(): Tensor<S, D> {
    return new Tensor(ops.tan(this.node));
  }
  asin(): Tensor<S, D> {
    return new Tensor(ops.asin(this.node));
  }
  acos(): Tensor<S, D> {
    return new Tensor(ops.acos(this.node));
  }
  atan(): Tensor<S, D> {
    return new Tensor(ops.atan(this.node));
  }
  sinh(): Tensor<S, D> {
    return new Tensor(ops.sinh(this.node));
  }
  cosh(): Tensor<S, D> {
    return new Tensor(ops.cosh(this.node));
  }
  tanh(): Tensor<S, D> {
    return new Tensor(ops.tanh(this.node));
  }
  erf(): Tensor<S, D> {
    return new Tensor(ops.erf(this.node));
  }
  erfc(): Tensor<S, D> {
    return new Tensor(ops.erfc(this.node));
  }
  floor(): Tensor<S, D> {
    return new Tensor(ops.floor(this.node));
  }
  ceil(): Tensor<S, D> {
    return new Tensor(ops.ceil(this.node));
  }
  round(decimals = 0): Tensor<S, D> {
    return new Tensor(ops.round(this.node, decimals));
  }
  trunc(): Tensor<S, D> {
    return new Tensor(ops.trunc(this.node));
  }
  clip(low: number | Tensor, high: number | Tensor): Tensor<S, D> {
    return new Tensor(ops.clip(this.node, operand(low, this.dtype), operand(high, this.dtype)));
  }
  /** The values in another element type: float to integer truncates and saturates. */
  cast<E extends DType>(dtype: E): Tensor<S, E> {
    return new Tensor(ops.cast(this.node, dtype));
  }
  /** The same values, through which no derivative flows. */
  stopGradient(): Tensor<S, D> {
    return new Tensor(ops.stopGradient(this.node));
  }

  // Activations.

  relu(): Tensor<S, D> {
    return new Tensor(ops.relu(this.node));
  }
  sigmoid(): Tensor<S, D> {
    return new Tensor(ops.sigmoid(this.node));
  }
  silu(): Tensor<S, D> {
    return new Tensor(ops.silu(this.node));
  }
  softplus(): Tensor<S, D> {
    return new Tensor(ops.softplus(this.node));
  }
  gelu(options: { readonly approximate?: boolean } = {}): Tensor<S, D> {
    return new Tensor(ops.gelu(this.node, options));
  }
  /** exp(x) / Σ exp(x) along `axis`. */
  softmax(axis = -1): Tensor<S, D> {
    return new Tensor(ops.softmax(this.node, axis));
  }
  logSoftmax(axis = -1): Tensor<S, D> {
    return new Tensor(ops.logSoftmax(this.node, axis));
  }

  // Comparisons and logic: bool results.

  equal<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.equal(this.node, operand(y, this.dtype)));
  }
  notEqual<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.notEqual(this.node, operand(y, this.dtype)));
  }
  less<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.less(this.node, operand(y, this.dtype)));
  }
  lessEqual<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.lessEqual(this.node, operand(y, this.dtype)));
  }
  greater<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.greater(this.node, operand(y, this.dtype)));
  }
  greaterEqual<A extends Shape, Y extends TensorLike>(
    this: Tensor<A>,
    y: Fits<A, Y>,
  ): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.greaterEqual(this.node, operand(y, this.dtype)));
  }
  logicalAnd<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.logicalAnd(this.node, operand(y, this.dtype)));
  }
  logicalOr<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.logicalOr(this.node, operand(y, this.dtype)));
  }
  logicalXor<A extends Shape, Y extends TensorLike>(this: Tensor<A>, y: Fits<A, Y>): Tensor<Elementwise<A, Y>, "bool"> {
    return new Tensor(ops.logicalXor(this.node, operand(y, this.dtype)));
  }
  logicalNot(): Tensor<S, "bool"> {
    return new Tensor(ops.logicalNot(this.node));
  }
  isNaN(): Tensor<S, "bool"> {
    return new Tensor(ops.isNaN(this.node));
  }
  isFinite(): Tensor<S, "bool"> {
    return new Tensor(ops.isFinite(this.node));
  }
  /** This where `condition` holds, `y` elsewhere. */
  where<A extends Shape, E extends DType, C extends Tensor, Y extends number | Tensor>(
    this: Tensor<A, E>,
    condition: Fits<A, C>,
    y: Possible<Chosen<ShapeIn<C>, A, ShapeIn<Y>>, Y>,
  ): Tensor<AsShape<Chosen<ShapeIn<C>, A, ShapeIn<Y>>>, E> {
    return new Tensor(ops.where((condition as Tensor).node, this.node, operand(y, this.dtype))); // no sentence
  }

  // Reductions: over all axes, or over `axes`.

  sum<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.sum(this.node, axes, options));
  }
  mean<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.mean(this.node, axes, options));
  }
  prod<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.prod(this.node, axes, options));
  }
  max<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.max(this.node, axes, options));
  }
  min<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.min(this.node, axes, options));
  }
  logSumExp<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.logSumExp(this.node, axes, options));
  }
  any<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, "bool"> {
    return new Tensor(ops.any(this.node, axes, options));
  }
  all<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, "bool"> {
    return new Tensor(ops.all(this.node, axes, options));
  }
  variance<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.variance(this.node, axes, options));
  }
  std<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> & { readonly correction?: number } = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.std(this.node, axes, options));
  }
  /** The norm of vectors along `axes`, of order 2 unless given; the function `norm` has those of matrices, too. */
  norm<A extends Shape, E extends DType, const X extends Axes = undefined, K extends boolean = false>(
    this: Tensor<A, E>,
    axes?: X,
    options: ReduceOptions<K> & { readonly order?: number } = {},
  ): Tensor<Reduced<A, X, K>, E> {
    return new Tensor(ops.norm(this.node, axes, options));
  }
  argmax<A extends Shape, const X extends number | undefined = undefined, K extends boolean = false>(
    this: Tensor<A>,
    axis?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, "i32"> {
    return new Tensor(ops.argmax(this.node, axis, options));
  }
  argmin<A extends Shape, const X extends number | undefined = undefined, K extends boolean = false>(
    this: Tensor<A>,
    axis?: X,
    options: ReduceOptions<K> = {},
  ): Tensor<Reduced<A, X, K>, "i32"> {
    return new Tensor(ops.argmin(this.node, axis, options));
  }
  cumsum(axis?: number, options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {}): Tensor<S, D> {
    return new Tensor(ops.cumsum(this.node, axis, options));
  }
  cummax(axis?: number, options: { readonly reverse?: boolean; readonly exclusive?: boolean } = {}): Tensor<S, D> {
    return new Tensor(ops.cummax(this.node, axis, options));
  }
  sort(axis = -1, options: { readonly descending?: boolean } = {}): Tensor<S, D> {
    return new Tensor(ops.sort(this.node, axis, options));
  }
  argsort(axis = -1, options: { readonly descending?: boolean } = {}): Tensor<S, "i32"> {
    return new Tensor(ops.argsort(this.node, axis, options));
  }
  /** The `k` largest elements along `axis`, largest first, and their indices. */
  topK<A extends Shape, E extends DType, K extends number, const X extends number = -1>(
    this: Tensor<A, E>,
    k: K,
    axis?: X,
  ): { readonly values: Tensor<WithAxis<A, X, K>, E>; readonly indices: Tensor<WithAxis<A, X, K>, "i32"> } {
    const { values, indices } = ops.topK(this.node, k, axis);
    return { values: new Tensor(values), indices: new Tensor(indices) };
  }

  // Shape.

  /** The elements in another shape; one size may be -1. */
  reshape<A extends Shape, E extends DType, const T extends Shape>(
    this: Tensor<A, E>,
    shape: Possible<Reshape<T, A>, T>,
  ): Tensor<AsShape<Reshape<T, A>>, E> {
    return new Tensor(ops.reshape(this.node, shape as Shape));
  }
  ravel(): Tensor<[number], D> {
    return new Tensor(ops.ravel(this.node));
  }
  /** The axes in another order; reversed when none is given. */
  transpose<A extends Shape, E extends DType>(this: Tensor<A, E>): Tensor<Reversed<A>, E>;
  transpose<A extends Shape, E extends DType, const Order extends readonly number[]>(
    this: Tensor<A, E>,
    order: Order,
  ): Tensor<Transposed<A, Order>, E>;
  transpose(order?: readonly number[]): Tensor<Shape, D> {
    return new Tensor(ops.transpose(this.node, order));
  }
  moveAxis<A extends Shape, E extends DType, const From extends Axis, const To extends Axis>(
    this: Tensor<A, E>,
    from: From,
    to: To,
  ): Tensor<Moved<A, From, To>, E> {
    return new Tensor(ops.moveAxis(this.node, from, to));
  }
  swapAxes<A extends Shape, E extends DType, const First extends number, const Second extends number>(
    this: Tensor<A, E>,
    first: First,
    second: Second,
  ): Tensor<Swapped<A, First, Second>, E> {
    return new Tensor(ops.swapAxes(this.node, first, second));
  }
  expandDims<A extends Shape, E extends DType, const Axis extends number | readonly number[]>(
    this: Tensor<A, E>,
    axis: Axis,
  ): Tensor<Axis extends number ? Inserted<A, Axis, 1> : Shape, E> {
    return new Tensor(ops.expandDims(this.node, axis));
  }
  squeeze<A extends Shape, E extends DType, const X extends Axes = undefined>(
    this: Tensor<A, E>,
    axis?: Possible<Squeezed<A, X>, X>,
  ): Tensor<AsShape<Squeezed<A, X>>, E> {
    return new Tensor(ops.squeeze(this.node, axis as X)); // no sentence
  }
  broadcastTo<A extends Shape, E extends DType, const T extends Shape>(
    this: Tensor<A, E>,
    shape: Possible<BroadcastTo<A, T>, T>,
  ): Tensor<AsShape<BroadcastTo<A, T>>, E> {
    return new Tensor(ops.broadcastTo(this.node, shape as T)); // no sentence
  }
  flip(axis?: Axes): Tensor<S, D> {
    return new Tensor(ops.flip(this.node, axis));
  }
  roll(shift: number | readonly number[], axis?: number | readonly number[]): Tensor<S, D> {
    return new Tensor(ops.roll(this.node, shift, axis));
  }
  tile<A extends Shape, E extends DType, const R extends Axis>(
    this: Tensor<A, E>,
    repetitions: R,
  ): Tensor<Tiled<A, R>, E> {
    return new Tensor(ops.tile(this.node, repetitions));
  }
  repeat<A extends Shape, E extends DType, const C extends Axis, const X extends number | undefined = undefined>(
    this: Tensor<A, E>,
    counts: C,
    axis?: X,
  ): Tensor<Repeated<A, C, X>, E> {
    return new Tensor(ops.repeat(this.node, counts, axis));
  }
  pad<A extends Shape, E extends DType, const W extends number | ops.PadPair | readonly ops.PadPair[]>(
    this: Tensor<A, E>,
    widths: Possible<Padded<A, W>, W>,
    options: ops.PadOptions = {},
  ): Tensor<AsShape<Padded<A, W>>, E> {
    return new Tensor(ops.pad(this.node, widths as ops.PadPair, options)); // no sentence
  }
  /** Equal parts (a count), or the parts before each index. */
  split<A extends Shape, E extends DType, const P extends Axis, const X extends number = 0>(
    this: Tensor<A, E>,
    parts: Possible<Split<A, P, X>, P>,
    axis?: X,
  ): Each<Split<A, P, X>, E> {
    return ops.split(this.node, parts as Axis, axis).map((node) => new Tensor(node)) as Each<Split<A, P, X>, E>; // one a part
  }
  unstack<A extends Shape, E extends DType, const X extends number = 0>(
    this: Tensor<A, E>,
    axis?: X,
  ): Each<Unstacked<A, X>, E> {
    return ops.unstack(this.node, axis).map((node) => new Tensor(node)) as Each<Unstacked<A, X>, E>; // one a slice
  }

  // Elements.

  /** A part: one item an axis, an index, a `{ start, stop, step }`, "..." or null (a new axis), as in NumPy. */
  slice<A extends Shape, E extends DType, const Spec extends ops.SliceSpec>(
    this: Tensor<A, E>,
    spec: Possible<Sliced<A, Spec>, Spec>,
  ): Tensor<AsShape<Sliced<A, Spec>>, E> {
    return new Tensor(ops.slice(this.node, spec as Spec)); // no sentence
  }
  /** A place whose elements `set`, `add`, `max` exchange in a new tensor, and `get` reads: `x.at(0, "...").set(1)`. */
  at(...place: readonly AtItem[]): At<S, D> {
    return new At(this, place, (node) => new Tensor(node));
  }
  /** This with `update` written at `start`. */
  sliceUpdate(start: readonly (number | Tensor)[], update: TensorLike): Tensor<S, D> {
    const corner = start.map((place) => (typeof place === "number" ? place : place.node));
    return new Tensor(ops.sliceUpdate(this.node, corner, operand(update, this.dtype)));
  }
  /** The elements at `indices` along `axis` (of the flat tensor without an axis). */
  take<A extends Shape, E extends DType, const I extends Axis | Tensor, const X extends number | undefined = undefined>(
    this: Tensor<A, E>,
    indices: I,
    axis?: X,
  ): Tensor<Taken<A, I extends Tensor ? ShapeIn<I> : IndexShape<I>, X>, E> {
    return new Tensor(ops.take(this.node, indices instanceof Tensor ? indices.node : indices, axis));
  }
  takeAlongAxis<A extends Shape, E extends DType, I extends Tensor, const X extends number = -1>(
    this: Tensor<A, E>,
    indices: Possible<TakenAlong<A, ShapeIn<I>, X>, I>,
    axis?: X,
  ): Tensor<AsShape<TakenAlong<A, ShapeIn<I>, X>>, E> {
    return new Tensor(ops.takeAlongAxis(this.node, (indices as I).node, axis)); // no sentence
  }

  // Linear algebra.

  /** The matrix product, as in NumPy: vectors, matrices and batches of them. */
  matmul<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Possible<MatMul<A, ShapeIn<Y>>, Y>,
  ): Tensor<AsShape<MatMul<A, ShapeIn<Y>>>, E> {
    return new Tensor(ops.matmul(this.node, asNode(y, this.dtype)));
  }
  dot<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Possible<Dot<A, ShapeIn<Y>>, Y>,
  ): Tensor<AsShape<Dot<A, ShapeIn<Y>>>, E> {
    return new Tensor(ops.dot(this.node, asNode(y, this.dtype)));
  }
  outer<A extends Shape, E extends DType, Y extends TensorLike>(
    this: Tensor<A, E>,
    y: Y,
  ): Tensor<Outer<A, ShapeIn<Y>>, E> {
    return new Tensor(ops.outer(this.node, asNode(y, this.dtype)));
  }
  tril(offset = 0): Tensor<S, D> {
    return new Tensor(ops.tril(this.node, offset));
  }
  triu(offset = 0): Tensor<S, D> {
    return new Tensor(ops.triu(this.node, offset));
  }
  trace<A extends Shape, E extends DType>(this: Tensor<A, E>): Tensor<Traced<A>, E> {
    return new Tensor(ops.trace(this.node));
  }
  diagonal<A extends Shape, E extends DType>(this: Tensor<A, E>, offset = 0): Tensor<Diagonal<A>, E> {
    return new Tensor(ops.diagonal(this.node, { offset }));
  }
}

function onlyElement(values: ArrayLike<number>, shape: Shape): number {
  if (values.length === 1) return values[0]!;
  throw new ArgumentError({
    what: `item: a tensor of shape ${printShape(shape)} has ${values.length} elements, not one`,
    hint: "read all with data() or array(), or reduce it first",
  });
}
