import { ArgumentError } from "../base/errors.ts";
import { demandKnown } from "../base/known.ts";
import { build, type Node, shapeError } from "../graph/index.ts";
import { keepsDims, normalizeAxis, restoreAxes } from "./axes.ts";
import { logicalOr, isNaN as notANumber, where } from "./compare.ts";
import { pickAlong } from "./indexing.ts";
import { between } from "./joining.ts";
import { ravel } from "./movement.ts";
import { max, min, type ReduceOptions } from "./reduce.ts";

/** i32: where the largest element along `axis` is; the first of equals, and the first NaN before all numbers. */
export const argmax = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argBest("argmax", x, axis, options);

/** i32: where the smallest element along `axis` is; the first of equals, and the first NaN before all numbers. */
export const argmin = (x: Node, axis?: number, options: ReduceOptions = {}): Node =>
  argBest("argmin", x, axis, options);

/** Two reductions instead of a sort: the best value, then the smallest index that has it. */
function argBest(op: "argmax" | "argmin", x: Node, axis: number | undefined, options: ReduceOptions): Node {
  const keepDims = keepsDims(op, options);
  if (axis === undefined) {
    const flat = argBest(op, ravel(x), 0, {});
    return keepDims
      ? build.reshape(
          flat,
          x.shape.map(() => 1),
        )
      : flat;
  }
  const place = normalizeAxis(op, axis, x.shape.length, x);
  const size = x.shape[place]!; // a normalized axis exists
  if (size === 0) throw shapeError(`${op}: axis ${axis} is empty`, [x]);
  const values = build.detach(x);
  const best = (op === "argmax" ? max : min)(values, place, { keepDims: true });
  const hit = logicalOr(build.compare("eq", values, build.expand(best, x.shape)), notANumber(values));
  const index = build.reduce("min", where(hit, build.iota(x.shape, place), size - 1), [place]);
  return keepDims ? restoreAxes(index, x, [place]) : index;
}

export interface SortOptions {
  readonly descending?: boolean;
}

/** i32: the stable order of the elements along `axis`; NaN last. Without an axis (null): of `ravel(x)`. */
export function argsort(x: Node, axis: number | null = -1, options: SortOptions = {}): Node {
  demandKnown("sort", options, ["descending"]);
  const { descending = false } = options;
  if (axis === null) return argsort(ravel(x), 0, options);
  return build.argsort(build.detach(x), normalizeAxis("argsort", axis, x.shape.length, x), descending);
}

/** The elements along `axis` in order; NaN last. Without an axis (null): of `ravel(x)`. */
export function sort(x: Node, axis: number | null = -1, options: SortOptions = {}): Node {
  if (axis === null) return sort(ravel(x), 0, options);
  const place = normalizeAxis("sort", axis, x.shape.length, x);
  return pickAlong(x, argsort(x, place, options), place);
}

/** The `k` largest elements along `axis`, largest first, and (i32) where they were; of equals the first comes first. */
export function topK(x: Node, k: number, axis = -1): { values: Node; indices: Node } {
  const place = normalizeAxis("topK", axis, x.shape.length, x);
  const size = x.shape[place]!; // a normalized axis exists
  if (!Number.isInteger(k) || k < 0) throw new ArgumentError(`topK: k = ${k} is not a count`);
  if (k > size) throw shapeError(`topK: k = ${k} is larger than axis ${axis} of size ${size}`, [x]);
  const indices = between(argsort(x, place, { descending: true }), place, 0, k);
  return { values: pickAlong(x, indices, place), indices };
}
