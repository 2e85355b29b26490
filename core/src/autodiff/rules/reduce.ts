import { InternalError } from "../../base/errors.ts";
import { range, sizeOf, without } from "../../base/shape.ts";
import { build, type Node } from "../../graph/index.ts";
import type { VjpRule } from "../rule.ts";
import { div, equal, flip, greater, inverse, keep, mul, spread, sum, toLast, zeros } from "../terms.ts";

type ReduceOp = "reduce" | "cumulative";

/** y = f(all x along the axes). */
export const reductions: { readonly [K in ReduceOp]: VjpRule<K> } = {
  reduce: (g, { inputs: [x], output: y, attrs: { reduce, axes } }) => {
    const back = (node: Node): Node => spread(node, axes, x.shape);
    switch (reduce) {
      case "sum":
        return [back(g)];
      case "max":
      case "min": {
        // All elements that tie for the extreme share g equally.
        const extreme = equal(x, back(y));
        const ties = sum(build.cast(extreme, x.dtype), axes);
        return [keep(extreme, back(div(g, ties)))];
      }
      case "prod":
        return [mul(back(g), productOfOthers(x, axes))];
      default:
        throw new InternalError(`no derivative of reduce ${reduce satisfies never}`);
    }
  },
  cumulative: (g, { inputs: [x], output: y, attrs: { cumulative, axis, reverse } }) => {
    if (cumulative === "sum") return [build.cumulative("sum", g, axis, !reverse)];
    const turn = (node: Node): Node => (reverse ? flip(node, [axis]) : node);
    return [turn(runningMaximum(turn(g), turn(x), turn(y), axis))];
  },
};

/**
 * For each element, the product of all others along `axes`, without a division, hence exact where elements are 0, and
 * made of mul and movement only, hence differentiable to any order. A binary tree of products goes up, and down again:
 * others(child) = others(parent) · sibling. Work is linear in the number of elements.
 */
function productOfOthers(x: Node, axes: readonly number[]): Node {
  if (sizeOf(x.shape) === 0) return x;
  const rest = range(x.shape.length).filter((axis) => !axes.includes(axis));
  const order = [...rest, ...axes];
  const count = sizeOf(axes.map((axis) => x.shape[axis]!));
  const rows = sizeOf(without(x.shape, axes));

  // [rows, count], filled up with ones to a power of two.
  const width = 2 ** Math.ceil(Math.log2(count));
  const flat = build.reshape(build.permute(x, order), [rows, count]);
  const leaves = build.pad(flat, { low: [0, 0], high: [0, width - count], between: [0, 0], value: 1 });

  // Up: pairs [rows, n/2, 2] at every level.
  const levels: Node[] = [];
  for (let level = leaves; level.shape[1]! > 1; ) {
    const pairs = build.reshape(level, [rows, level.shape[1]! / 2, 2]);
    levels.push(pairs);
    level = mul(half(pairs, 0), half(pairs, 1));
  }

  // Down: each child takes what its parent has, times its sibling.
  let others = build.fill(1, { shape: [rows, 1], dtype: x.dtype });
  for (const pairs of levels.toReversed()) {
    const [, parents] = pairs.shape as readonly [number, number, number];
    const twice = spread(others, [2], [rows, parents, 2]);
    others = build.reshape(mul(twice, flip(pairs, [2])), [rows, parents * 2]);
  }
  const kept = build.slice(others, [0, 0], [rows, count]);
  return build.permute(
    build.reshape(
      kept,
      order.map((axis) => x.shape[axis]!),
    ),
    inverse(order),
  );
}

/** The left (0) or right (1) elements of pairs [rows, n, 2], as [rows, n]. */
function half(pairs: Node, side: 0 | 1): Node {
  const [rows, count] = pairs.shape as readonly [number, number, number];
  return build.reshape(build.slice(pairs, [0, 0, side], [rows, count, 1]), [rows, count]);
}

/** The gradient of y = cumulative max of x along `axis`: each g goes to the first place that reached the maximum. */
function runningMaximum(g: Node, x: Node, y: Node, axis: number): Node {
  if (sizeOf(x.shape) === 0) return zeros(x);
  const { moved, back } = toLast(x, axis);
  const last = moved.shape.length - 1;

  // A place is a new maximum when it exceeds the maximum before it; the first place always is.
  const before = shiftRight(toLast(y, axis).moved, last);
  const places = build.reshape(build.iota([sizeOf(x.shape)], 0), moved.shape);
  const first = equal(build.iota(moved.shape, last), build.fill(0, { shape: moved.shape, dtype: "i32" }));
  const isNew = build.bits("or", first, greater(moved, before));

  // Places grow along the axis, so their running maximum is the place of the latest new maximum.
  const source = build.cumulative("max", keep(isNew, places), last);
  const flat = [sizeOf(x.shape)];
  const base = build.fill(0, { shape: flat, dtype: g.dtype });
  const moves = build.reshape(toLast(g, axis).moved, flat);
  return back(build.reshape(build.scatter("add", base, build.reshape(source, flat), moves, 0), moved.shape));
}

/** `x` moved one place along `axis`; the first place becomes 0. */
const shiftRight = (x: Node, axis: number): Node =>
  build.pad(x, {
    low: x.shape.map((_, other) => (other === axis ? 1 : 0)),
    high: x.shape.map((_, other) => (other === axis ? -1 : 0)),
    between: x.shape.map(() => 0),
    value: 0,
  });
