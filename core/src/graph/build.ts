import type { DType } from "../base/dtype.ts";
import { range, type Shape, sameShape } from "../base/shape.ts";
import { type Graph, makeNode, type Node } from "./node.ts";
import type {
  AttrsOf,
  BinaryOp,
  BitsName,
  CompareName,
  CustomVjp,
  Labels,
  ReduceName,
  ScatterName,
  UnaryOp,
  WindowAttrs,
} from "./primitives.ts";

// Raw primitive builders: operands must already have equal shapes and dtypes. Users meet the broadcasting ones in ops/.

let nextKey = 1;
/** A number that no other node of this process carries. */
export const freshKey = (): number => nextKey++;

export const input = (name: string, shape: Shape, dtype: DType): Node<"input"> =>
  makeNode("input", [], { name, key: freshKey(), shape, dtype });
export const constant = (value: number, dtype: DType = "f32"): Node<"const"> => makeNode("const", [], { value, dtype });
export const iota = (shape: Shape, axis: number, dtype: DType = "i32"): Node =>
  makeNode("iota", [], { shape, axis, dtype });
export const randomBits = (key: Node, shape: Shape): Node => makeNode("randomBits", [key], { shape });

export const unary = (op: UnaryOp, x: Node): Node => makeNode(op, [x], {});
export const binary = (op: BinaryOp, x: Node, y: Node): Node => makeNode(op, [x, y], {});
export const compare = (name: CompareName, x: Node, y: Node): Node => makeNode("compare", [x, y], { compare: name });
export const where = (condition: Node, x: Node, y: Node): Node => makeNode("where", [condition, x, y], {});
export const bits = (name: BitsName, x: Node, y: Node): Node => makeNode("bits", [x, y], { bits: name });
export const cast = (x: Node, dtype: DType): Node => (x.dtype === dtype ? x : makeNode("cast", [x], { dtype }));

export const reshape = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : makeNode("reshape", [x], { shape });
export const permute = (x: Node, order: readonly number[]): Node =>
  order.every((axis, index) => axis === index) && order.length === x.shape.length
    ? x
    : makeNode("permute", [x], { order });
export const expand = (x: Node, shape: Shape): Node =>
  sameShape(x.shape, shape) ? x : makeNode("expand", [x], { shape });
export const slice = (
  x: Node,
  start: readonly number[],
  size: readonly number[],
  step: readonly number[] = size.map(() => 1),
): Node => (sameShape(x.shape, size) && step.every((s) => s === 1) ? x : makeNode("slice", [x], { start, size, step }));
export const pad = (x: Node, attrs: AttrsOf<"pad">): Node =>
  [attrs.low, attrs.high, attrs.between].every((amounts) => amounts.every((amount) => amount === 0))
    ? x
    : makeNode("pad", [x], attrs);
export const concat = (xs: readonly Node[], axis: number): Node =>
  xs.length === 1 ? xs[0]! : makeNode("concat", xs, { axis });
export const windows = (x: Node, attrs: WindowAttrs): Node => makeNode("windows", [x], attrs);
export const fold = (x: Node, attrs: AttrsOf<"fold">): Node => makeNode("fold", [x], attrs);

export const reduce = (name: ReduceName, x: Node, axes: readonly number[]): Node =>
  axes.length === 0 ? x : makeNode("reduce", [x], { reduce: name, axes });
export const cumulative = (name: "sum" | "max", x: Node, axis: number, reverse = false): Node =>
  makeNode("cumulative", [x], { cumulative: name, axis, reverse });
export const contract = (x: Node, y: Node, labels: { a: Labels; b: Labels; out: Labels }): Node =>
  makeNode("contract", [x, y], labels);
export const conv = (x: Node, w: Node, attrs: AttrsOf<"conv">): Node => makeNode("conv", [x, w], attrs);
export const gather = (x: Node, indices: Node, axis: number): Node => makeNode("gather", [x, indices], { axis });
export const scatter = (name: ScatterName, x: Node, indices: Node, updates: Node, axis: number): Node =>
  makeNode("scatter", [x, indices, updates], { axis, scatter: name });
export const argsort = (x: Node, axis: number, descending = false): Node =>
  makeNode("argsort", [x], { axis, descending });
export const measure = (x: Node): Node => makeNode("measure", [x], {});

export const detach = (x: Node): Node => makeNode("detach", [x], {});
export const tap = (x: Node, name: string): Node => makeNode("tap", [x], { name });
export const barrier = (x: Node, ...after: readonly Node[]): Node =>
  makeNode("barrier", [x, ...after], { key: freshKey() });
export const custom = (name: string, value: Node, inputs: readonly Node[], vjp: CustomVjp): Node =>
  makeNode("custom", [value, ...inputs], { name, vjp });
export const scan = (inputs: readonly Node[], attrs: AttrsOf<"scan">): Node[] => {
  const node = makeNode("scan", inputs, attrs);
  return range(attrs.body.outputs.length).map((index) => makeNode("pick", [node], { index }));
};
export const cond = (predicate: Node, then: Graph, otherwise: Graph, operands: readonly Node[]): Node[] => {
  const node = makeNode("cond", [predicate, ...operands], { then, else: otherwise });
  return range(then.outputs.length).map((index) => makeNode("pick", [node], { index }));
};

/** A scalar constant repeated to the shape and dtype of `like`. */
export const fill = (value: number, like: { readonly shape: Shape; readonly dtype: DType }): Node =>
  expand(
    reshape(
      constant(value, like.dtype),
      like.shape.map(() => 1),
    ),
    like.shape,
  );
