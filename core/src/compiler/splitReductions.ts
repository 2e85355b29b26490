import { range, sizeOf } from "../base/shape.ts";
import { pad, reduce, reshape } from "../graph/build.ts";
import { isOp, type Node } from "../graph/node.ts";
import type { Target } from "../render/target.ts";
import { neutralOf } from "./neutral.ts";

/** Results beyond which a reduction has enough parallel work of its own, in parts of a task. */
const enoughTasks = 8;

/**
 * A long reduction to few results in two stages: chunks of fixed size first, then the partial results. The chunks depend on the
 * shapes and the target only, never on the number of threads. Undefined when the reduction is fine as it is.
 */
export function splitReduction(node: Node, target: Target): Node | undefined {
  if (!isOp(node, "reduce")) return undefined;
  const [x] = node.inputs;
  const { axes, reduce: name } = node.attrs;
  if (x === undefined || sizeOf(x.shape) < 2 * target.elementsPerTask) return undefined;
  const results = sizeOf(node.shape);
  const terms = sizeOf(x.shape) / results;
  // Rows of a task's size need no splitting; neither do reductions with work for many tasks.
  if (results * enoughTasks > target.elementsPerTask || results >= terms) return undefined;

  // Neighbouring reduced axes count as one; the longest such run is split, and its first part becomes the second stage.
  const runs = runsOf(axes, x.shape);
  const run = runs.reduce((a, b) => (b.size > a.size ? b : a));
  const perChunk = Math.max(1, Math.round(target.elementsPerTask / (sizeOf(x.shape) / run.size)));
  const chunks = chunkCount(run.size, perChunk);
  if (chunks < 2) return undefined;
  const whole = Math.ceil(run.size / chunks) * chunks;
  const joined = [...x.shape.slice(0, run.first), run.size, ...x.shape.slice(run.first + run.count)];
  const at = run.first;
  let flat = reshape(x, joined);
  if (whole !== run.size) flat = pad(flat, padAttrs(joined, at, whole - run.size, neutralOf(name, x.dtype)));
  const split = reshape(flat, [...joined.slice(0, at), chunks, whole / chunks, ...joined.slice(at + 1)]);
  // Axes after the run have moved: `count` axes became two.
  const moved = axes
    .filter((axis) => axis < run.first || axis >= run.first + run.count)
    .map((axis) => (axis < run.first ? axis : axis - run.count + 2));
  const partial = reduce(
    name,
    split,
    [...moved, at + 1].sort((a, b) => a - b),
  );
  const chunkAxis = at - moved.filter((axis) => axis < at).length;
  return reduce(name, partial, [chunkAxis]);
}

interface Run {
  readonly first: number;
  readonly count: number;
  readonly size: number;
}

function runsOf(axes: readonly number[], shape: readonly number[]): Run[] {
  const runs: Run[] = [];
  for (const axis of axes) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.count === axis) {
      runs[runs.length - 1] = { first: last.first, count: last.count + 1, size: last.size * shape[axis]! };
    } else {
      runs.push({ first: axis, count: 1, size: shape[axis]! });
    }
  }
  return runs;
}

/** Chunks of about `perChunk` terms: a count that divides the terms when one is near, so that nothing need be padded. */
function chunkCount(terms: number, perChunk: number): number {
  const wanted = Math.round(terms / perChunk);
  const near = range(wanted * 2 + 1).filter((count) => count * 2 >= wanted && count > 0 && terms % count === 0);
  return (
    near.reduce(
      (best, count) => (Math.abs(count - wanted) < Math.abs(best - wanted) || best === 0 ? count : best),
      0,
    ) || wanted
  );
}

const padAttrs = (shape: readonly number[], at: number, high: number, value: number) => ({
  low: shape.map(() => 0),
  high: shape.map((_, axis) => (axis === at ? high : 0)),
  between: shape.map(() => 0),
  value,
});
