import type { DType } from "../../base/dtype.ts";
import { isOp, type Node } from "../../graph/node.ts";
import type { AttrsOf } from "../../graph/primitives.ts";
import { and, bool, cast, int, number, product, select } from "../../kernel/build.ts";
import type { AccumulateName, Expr } from "../../kernel/ir.ts";
import type { IndexSpace } from "../../kernel/space.ts";

/** Pulls one element of a node; `guard` is what is known to hold there. */
export interface Pull {
  readonly space: IndexSpace;
  at(node: Node, indices: readonly Expr[], guard?: Expr): Expr;
}

/** A node whose elements combine many terms: reduce, fold, contract, conv. */
export interface Reducer {
  readonly node: Node;
  readonly op: AccumulateName;
  /** Sizes of the loops that combine; their order is free. */
  readonly extents: readonly number[];
  /** 16-bit floats accumulate in f32. */
  readonly accumulator: DType;
  /** One term of the element at `out`, in the accumulator's dtype. */
  readonly term: (pull: Pull, out: readonly Expr[], inner: readonly Expr[], guard?: Expr) => Expr;
}

/** Reducers of at most this many terms an element are unrolled wherever they are read. */
export const inlineTerms = 16;

export const accumulatorOf = (dtype: DType): DType => (dtype === "f16" || dtype === "bf16" ? "f32" : dtype);

export function termsOf(node: Node): number {
  const reducer = reducerOf(node);
  return reducer === undefined ? 1 : reducer.extents.reduce((product, extent) => product * extent, 1);
}

/** Whether a reducer is small enough to stand wherever a map may: it is unrolled at every use. */
export const isInline = (node: Node): boolean => termsOf(node) <= inlineTerms;

export function reducerOf(node: Node): Reducer | undefined {
  if (isOp(node, "reduce")) return reduceReducer(node);
  if (isOp(node, "fold")) return foldReducer(node);
  if (isOp(node, "contract")) return contractReducer(node);
  if (isOp(node, "conv")) return convReducer(node);
  return undefined;
}

function reduceReducer(node: Node<"reduce">): Reducer {
  const { reduce, axes } = node.attrs;
  const x = node.inputs[0]!;
  const accumulator = accumulatorOf(node.dtype);
  return {
    node,
    op: reduce,
    extents: axes.map((axis) => x.shape[axis]!),
    accumulator,
    term: (pull, out, inner, guard) => {
      let kept = 0;
      const indices = x.shape.map((_, axis) => (axes.includes(axis) ? inner[axes.indexOf(axis)]! : out[kept++]!));
      return cast(pull.at(x, indices, guard), accumulator);
    },
  };
}

/** Along one axis of a fold: which window and offset the step `m` of `steps` stands for at position `i`. */
interface FoldStep {
  readonly window: Expr;
  readonly offset: Expr;
  readonly valid: Expr;
}

const foldSteps = (size: number, stride: number, dilation: number): number =>
  dilation === 1 || size === 1 ? Math.ceil(size / stride) : size;

function foldStep(space: IndexSpace, { size, stride, dilation, count }: FoldAxis, position: Expr, m: Expr): FoldStep {
  if (dilation === 1 || size === 1) {
    // Only every stride-th offset can hit this position: offset = position mod stride + m·stride.
    const window = space.sub(space.div(position, stride), m);
    const offset = space.add(space.mod(position, stride), space.mul(m, stride));
    return { window, offset, valid: and(space.less(offset, int(size)), space.inside(window, count)) };
  }
  const start = space.sub(position, space.mul(m, dilation));
  const window = space.div(start, stride);
  return { window, offset: m, valid: and(space.equal(space.mod(start, stride), int(0)), space.inside(window, count)) };
}

interface FoldAxis {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Windows along the axis. */
  readonly count: number;
}

function foldReducer(node: Node<"fold">): Reducer {
  const { axes, size, stride, dilation }: AttrsOf<"fold"> = node.attrs;
  const x = node.inputs[0]!;
  const folded: FoldAxis[] = axes.map((axis, i) => ({
    size: size[i]!,
    stride: stride[i]!,
    dilation: dilation[i]!,
    count: x.shape[axis]!,
  }));
  const accumulator = accumulatorOf(node.dtype);
  return {
    node,
    op: "sum",
    extents: folded.map((axis) => foldSteps(axis.size, axis.stride, axis.dilation)),
    accumulator,
    term: (pull, out, inner, guard) => {
      const steps = folded.map((axis, i) => foldStep(pull.space, axis, out[axes[i]!]!, inner[i]!));
      const indices = [
        ...out.map((index, axis) => steps[axes.indexOf(axis)]?.window ?? index),
        ...steps.map(({ offset }) => offset),
      ];
      const valid = steps.reduce<Expr>((all, step) => and(all, step.valid), bool(true));
      return guarded(valid, guard, accumulator, (inside) => cast(pull.at(x, indices, inside), accumulator));
    },
  };
}

/** `valid ? value : 0`, where the value's loads know that they are guarded. */
function guarded(valid: Expr, guard: Expr | undefined, dtype: DType, value: (inside: Expr | undefined) => Expr): Expr {
  const all = guard === undefined ? valid : and(guard, valid);
  const inside = all.kind === "number" && all.value === 1 ? undefined : all;
  return select(valid, value(inside), number(0, dtype));
}

function contractReducer(node: Node<"contract">): Reducer {
  const { a, b, out } = node.attrs;
  const [x, y] = node.inputs as readonly [Node, Node];
  const summed = a.filter((label) => !out.includes(label));
  const accumulator = accumulatorOf(node.dtype);
  return {
    node,
    op: "sum",
    extents: summed.map((label) => x.shape[a.indexOf(label)]!),
    accumulator,
    term: (pull, outer, inner, guard) => {
      const indexOf = (label: string): Expr => outer[out.indexOf(label)] ?? inner[summed.indexOf(label)]!;
      const left = cast(pull.at(x, a.map(indexOf), guard), accumulator);
      return product(left, cast(pull.at(y, b.map(indexOf), guard), accumulator));
    },
  };
}

/** The position in x that output position `at` and window offset `offset` of one spatial axis read, and whether it exists. */
export function convPosition(
  space: IndexSpace,
  attrs: AttrsOf<"conv">,
  axis: number,
  size: number,
  at: Expr,
  offset: Expr,
): { readonly position: Expr; readonly valid: Expr } {
  const [stride, dilation, spread, pad] = [
    attrs.stride[axis]!,
    attrs.dilation[axis]!,
    attrs.spread[axis]!,
    attrs.pad[axis]!,
  ];
  const padded = space.sub(space.add(space.mul(at, stride), space.mul(offset, dilation)), int(pad[0]));
  const position = space.div(padded, spread);
  const onElement = space.equal(space.mod(padded, spread), int(0));
  return { position, valid: and(onElement, space.inside(position, size)) };
}

function convReducer(node: Node<"conv">): Reducer {
  const [x, w] = node.inputs as readonly [Node, Node];
  const rank = node.attrs.stride.length;
  const accumulator = accumulatorOf(node.dtype);
  return {
    node,
    op: "sum",
    extents: [...w.shape.slice(0, rank), x.shape[rank + 2]!],
    accumulator,
    term: (pull, out, inner, guard) => {
      const left = convInput(pull, node, out, inner, guard);
      const right = pull.at(w, [...inner.slice(0, rank), out[rank + 1]!, inner[rank]!, out[rank + 2]!], guard);
      return product(left, cast(right, accumulator));
    },
  };
}

/** The element of x that meets the kernel: `out` [n, ...spatial', group, any], `inner` [...window, channel]. */
export function convInput(
  pull: Pull,
  node: Node<"conv">,
  out: readonly Expr[],
  inner: readonly Expr[],
  guard?: Expr,
): Expr {
  const x = node.inputs[0]!;
  const rank = node.attrs.stride.length;
  const places = x.shape
    .slice(1, rank + 1)
    .map((size, axis) => convPosition(pull.space, node.attrs, axis, size, out[axis + 1]!, inner[axis]!));
  const valid = places.reduce<Expr>((all, place) => and(all, place.valid), bool(true));
  const indices = [out[0]!, ...places.map(({ position }) => position), out[rank + 1]!, inner[rank]!];
  const accumulator = accumulatorOf(node.dtype);
  return guarded(valid, guard, accumulator, (inside) => cast(pull.at(x, indices, inside), accumulator));
}
