import { ArgumentError, ShapeError } from "../../base/errors.ts";
import { printShape, range, type Shape, sizeOf } from "../../base/shape.ts";
import { scopeNow } from "../../graph/node.ts";
import type { Tensor } from "../../tensor/index.ts";

// Attention looks along one axis, time. Sequences of several axes (the rows and columns of an image) are brought into that
// form: the axes that are looked along become one, and the others stand with the batch.

/** Which axes of [batch, ...axes, features] become one, and which stand with the batch. */
export interface Line {
  readonly attended: readonly number[];
  readonly others: readonly number[];
}

/** The line for tensors of this rank; all axes between batch and features, when none are named. */
export function lineOf(rank: number, named: number | readonly number[] | undefined): Line {
  const between = range(rank).slice(1, -1);
  if (named === undefined) return { attended: between, others: [] };
  const given = typeof named === "number" ? [named] : named;
  const attended = given.map((axis) => (axis < 0 ? axis + rank : axis));
  const fits = attended.every((axis, at) => between.includes(axis) && attended.indexOf(axis) === at);
  if (fits && attended.length > 0) return { attended, others: between.filter((axis) => !attended.includes(axis)) };
  throw new ArgumentError({
    what: `${scopeNow()}: attentionAxes [${given}] are not different axes between batch and features`,
    hint: `tensors of ${rank} axes have ${between.length === 1 ? "axis 1" : `axes 1 to ${rank - 2}`} there`,
  });
}

const at = (shape: Shape, axes: readonly number[]): number[] => axes.map((axis) => shape[axis]!);
/** Whether tensors have that form already. */
const isPlain = ({ attended, others }: Line): boolean => others.length === 0 && attended.length === 1;
/** Whether the axes only have to be joined, not moved. */
const inOrder = ({ attended, others }: Line): boolean =>
  [...others, ...attended].every((axis, index) => axis === index + 1);

/** [batch, ...axes, ...rest] → [batch · others, time, ...rest]. */
export function folded(x: Tensor, line: Line): Tensor {
  if (isPlain(line)) return x;
  const { attended, others } = line;
  const moved = inOrder(line)
    ? x
    : x.transpose([0, ...others, ...attended, ...range(x.rank).slice(1 + others.length + attended.length)]);
  const rest = x.shape.slice(1 + others.length + attended.length);
  return moved.reshape([x.shape[0]! * sizeOf(at(x.shape, others)), sizeOf(at(x.shape, attended)), ...rest]) as Tensor;
}

/** The way back, [batch · others, time, ...rest] → [batch, ...axes, ...rest], with the axes of the query. */
export function unfolded(x: Tensor, line: Line, query: Shape): Tensor {
  if (isPlain(line)) return x;
  const { attended, others } = line;
  const rest = x.shape.slice(2);
  const open = x.reshape([query[0]!, ...at(query, others), ...at(query, attended), ...rest]) as Tensor;
  if (inOrder(line)) return open;
  const order = [0, ...others, ...attended];
  const back = range(order.length).map((axis) => order.indexOf(axis));
  return open.transpose([...back, ...range(open.rank).slice(order.length)]) as Tensor;
}

/** Weights [batch · others, heads, time, source] as [batch, ...others, heads, ...time, ...source]. */
export function unfoldedWeights(weights: Tensor, line: Line, query: Shape, key: Shape): Tensor {
  if (isPlain(line)) return weights;
  const { attended, others } = line;
  const heads = weights.shape[1]!;
  return weights.reshape([
    query[0]!,
    ...at(query, others),
    heads,
    ...at(query, attended),
    ...at(key, attended),
  ]) as Tensor;
}

/** A mask of the first axes of the sources as [batch · others, 1, 1, source]. */
export function foldedSources(mask: Tensor, line: Line, key: Shape): Tensor {
  const axes = key.slice(0, -1);
  const spread =
    mask.rank === axes.length
      ? mask
      : mask.reshape([...mask.shape, ...axes.slice(mask.rank).map(() => 1)]).broadcastTo(axes);
  const source = folded(spread as Tensor, line);
  return source.reshape([source.shape[0]!, 1, 1, source.shape[1]!]) as Tensor;
}

/**
 * A mask [batch, ...others, heads, ...time, ...source] as [batch · others, heads, time, source]. As in Keras, axes that it
 * lacks are those before time, from the heads on; several axes of time may be one in it, where there are no others.
 */
export function foldedPairs(given: Tensor, line: Line, query: Shape, key: Shape): Tensor {
  const { attended, others } = line;
  const joined = others.length === 0 && attended.length > 1 && given.rank <= 4;
  const pairs = joined ? 2 : 2 * attended.length;
  const missing = 2 + others.length + pairs - given.rank;
  if (missing < 0 || given.rank < pairs)
    throw new ShapeError({
      what: `${scopeNow()}: the attention mask has shape ${printShape(given.shape)}`,
      hint: "it is [batch, time, source] or [batch, heads, time, source], with the other axes after the batch",
    });
  const before = given.shape.slice(0, given.rank - pairs);
  const mask = given.reshape([
    ...before,
    ...new Array<number>(missing).fill(1),
    ...given.shape.slice(given.rank - pairs),
  ]) as Tensor;
  if (isPlain(line) || joined) return mask;
  const heads = mask.shape[1 + others.length]!;
  const whole = [query[0]!, ...at(query, others), heads, ...at(query, attended), ...at(key, attended)];
  return (mask.broadcastTo(whole) as Tensor).reshape([
    query[0]! * sizeOf(at(query, others)),
    heads,
    sizeOf(at(query, attended)),
    sizeOf(at(key, attended)),
  ]) as Tensor;
}
