import { ArgumentError } from "../base/errors.ts";
import { demandKnown } from "../base/known.ts";
import { printShape, range, without } from "../base/shape.ts";
import { build, type Node, shapeError } from "../graph/index.ts";

/** One axis, several, or (undefined) all. Negative axes count from the end. */
export type Axes = number | readonly number[] | undefined;

/** `axis` as an index from 0; throws ShapeError when an array of `rank` axes has no such axis. */
export function normalizeAxis(op: string, axis: number, rank: number, x?: Node): number {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  const allowed = rank === 0 ? "a scalar has no axes" : `valid axes are ${-rank} to ${rank - 1}`;
  throw shapeError(`${op}: axis ${axis} is out of range for rank ${rank}`, x === undefined ? [] : [x], allowed);
}

/** The list itself; callers without types give other things, which would be told of in words of no use. */
export function demandList<T extends readonly unknown[]>(op: string, what: string, list: T): T {
  if (Array.isArray(list)) return list;
  throw new ArgumentError({
    what: `${op}: ${what} must be a list, received ${JSON.stringify(list)}`,
    hint: "options are named in an object after all other arguments",
  });
}

/** The axes as ascending indices; throws ShapeError for an axis out of range, ArgumentError for a repeated one. */
export function normalizeAxes(op: string, axes: Axes, x: Node): number[] {
  const rank = x.shape.length;
  if (axes === undefined) return range(rank);
  const list = demandList(op, "axes", typeof axes === "number" ? [axes] : axes).map((axis) =>
    normalizeAxis(op, axis, rank, x),
  );
  if (new Set(list).size !== list.length) throw new ArgumentError(`${op}: axes [${axes}] name an axis twice`);
  return list.sort((a, b) => a - b);
}

/** Whether axes stay with size 1, where an operation has no other option. */
export function keepsDims(op: string, options: { readonly keepDims?: boolean }): boolean {
  demandKnown(op, options, ["keepDims"]);
  return options.keepDims === true;
}

/** `reduced`, which is `x` without `axes`, with these axes again as size 1. */
export const restoreAxes = (reduced: Node, x: Node, axes: readonly number[]): Node =>
  build.reshape(
    reduced,
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );

/** `x`, of which `axes` have size 1, without them. */
export const dropAxes = (x: Node, axes: readonly number[]): Node => build.reshape(x, without(x.shape, axes));

/** One number an axis, from a single number or a list; throws ArgumentError unless there are `rank` whole numbers ≥ 1. */
export function perAxis(op: string, name: string, value: number | readonly number[], rank: number): number[] {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank) {
    throw new ArgumentError({
      what: `${op}: ${name} has ${list.length} entries for ${rank} spatial axes`,
      details: [{ role: name, value: printShape(list) }],
      hint: "give one number, or one for each spatial axis",
    });
  }
  if (list.every((entry) => Number.isInteger(entry) && entry >= 1)) return list;
  throw new ArgumentError({
    what: `${op}: ${name} must be whole numbers of at least 1`,
    details: [{ role: name, value: printShape(list) }],
  });
}
