import { range, type Shape } from "../base/shape.ts";
import { build, type Node } from "../graph/index.ts";

// The vocabulary in which the derivative rules are written. Operands have equal shapes, as in the primitives.

export const add = (x: Node, y: Node): Node => build.binary("add", x, y);
export const mul = (x: Node, y: Node): Node => build.binary("mul", x, y);
export const div = (x: Node, y: Node): Node => build.binary("div", x, y);
export const pow = (x: Node, y: Node): Node => build.binary("pow", x, y);
export const neg = (x: Node): Node => build.unary("neg", x);
export const sub = (x: Node, y: Node): Node => add(x, neg(y));

export const zeros = (like: Node): Node => build.fill(0, like);
export const ones = (like: Node): Node => build.fill(1, like);
/** x · factor. */
export const scale = (x: Node, factor: number): Node => mul(x, build.fill(factor, x));
/** x + amount. */
export const plus = (x: Node, amount: number): Node => add(x, build.fill(amount, x));

export const equal = (x: Node, y: Node): Node => build.compare("eq", x, y);
export const greater = (x: Node, y: Node): Node => build.compare("lt", y, x);
export const isZero = (x: Node): Node => equal(x, zeros(x));
/** x where `condition` holds, else 0. */
export const keep = (condition: Node, x: Node): Node => build.where(condition, x, zeros(x));

export const sum = (x: Node, axes: readonly number[]): Node => build.reduce("sum", x, axes);

/** `g` with the reduced `axes` put back, repeated to `shape`: the adjoint of a sum over them. */
export const spread = (g: Node, axes: readonly number[], shape: Shape): Node =>
  build.expand(
    build.reshape(
      g,
      shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    ),
    shape,
  );

/** `x` with its order along `axes` reversed. */
export function flip(x: Node, axes: readonly number[]): Node {
  // An axis of one element or none is its own mirror image.
  const turned = axes.filter((axis) => x.shape[axis]! > 1);
  if (turned.length === 0) return x;
  const has = (axis: number): boolean => turned.includes(axis);
  return build.slice(
    x,
    x.shape.map((size, axis) => (has(axis) ? size - 1 : 0)),
    x.shape,
    x.shape.map((_, axis) => (has(axis) ? -1 : 1)),
  );
}

/** `x` with `axis` moved to the end; and the way back. */
export function toLast(x: Node, axis: number): { readonly moved: Node; readonly back: (y: Node) => Node } {
  const order = [...range(x.shape.length).filter((other) => other !== axis), axis];
  return { moved: build.permute(x, order), back: (y) => build.permute(y, inverse(order)) };
}

/** The order that undoes `order`. */
export const inverse = (order: readonly number[]): number[] => range(order.length).map((axis) => order.indexOf(axis));
