import { isOp, type Node } from "../../../graph/node.ts";
import type { Target } from "../../../render/target.ts";
import { type Filtering, filtering } from "./transform.ts";

/** A convolution by minimal filtering, cut into tasks. Sizes in elements. */
export interface Form extends Filtering {
  readonly node: Node<"conv">;
  /** "image": the filter is 3×3. "filter": the result is 3×3, as the gradient of such a filter is, and the window is large. */
  readonly result: "image" | "filter";
  readonly batch: number;
  /** Square tiles that one image is cut into: of the result, or of the window. */
  readonly across: readonly [number, number];
  readonly tiles: number;
  readonly channels: number;
  readonly features: number;
  /** Products of one tile: size². */
  readonly positions: number;
}

/** The side of the filters, and of their gradients. */
const side = 3;
/** Tiles of the result, best first. */
const outputsTried = [4, 2] as const;

/** How `node` may be filtered, best first; nothing where the method does not apply. */
function formsOf(node: Node): Form[] {
  if (!isOp(node, "conv") || node.dtype !== "f32") return [];
  const [x, w] = node.inputs as readonly [Node, Node];
  const { stride, dilation, spread } = node.attrs;
  const plain = stride.length === 2 && [...stride, ...dilation, ...spread].every((each) => each === 1);
  if (!plain || x.shape[3] !== 1) return [];
  const [height, width] = [w.shape[0]!, w.shape[1]!];
  const [rows, columns] = [node.shape[1]!, node.shape[2]!];
  const form = (filter: Filtering, result: Form["result"], sizes: readonly [number, number], batch: number): Form => {
    const across = [Math.ceil(sizes[0] / 4), Math.ceil(sizes[1] / 4)] as const;
    const exact = result === "image" ? sizes.map((size) => Math.ceil(size / filter.outputs)) : across;
    const [down, right] = exact as [number, number]; // two axes
    return {
      ...filter,
      node,
      result,
      batch,
      across: [down, right],
      tiles: batch * down * right,
      channels: result === "image" ? x.shape[4]! : x.shape[0]!,
      features: w.shape[4]!,
      positions: filter.size ** 2,
    };
  };
  if (height === side && width === side)
    return outputsTried.map((outputs) => form(filtering(outputs, side), "image", [rows, columns], x.shape[0]!));
  if (rows === side && columns === side) return [form(filtering(side, 4), "filter", [height, width], x.shape[4]!)];
  return [];
}

/** What a transform costs for each product of a tile, in multiply-adds: loads, sums of few terms, stores. */
const transformCost = 8;
/** Multiply-adds in the time that a byte takes to or from memory, for each lane of a vector. */
const byteCost = 0.5;
/** The method must promise this share of the direct cost, or less: it is not as exact. */
const worthwhile = 0.75;
/** Below this many multiply-adds, the shorter way is as good. */
const leastWork = 2 ** 21;

/** The cheapest form that is clearly cheaper than the plain contraction. */
export function winogradOf(node: Node, target: Target): Form | undefined {
  const { tile, vectorLanes } = target;
  const up = (value: number, to: number): number => Math.ceil(value / to) * to;
  let best: Form | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const form of formsOf(node)) {
    const { positions, tiles, channels, features, batch } = form;
    const window = side * side;
    const [rows, columns] =
      form.result === "image"
        ? [form.node.shape[1]!, form.node.shape[2]!]
        : (form.node.inputs[1]!.shape.slice(0, 2) as [number, number]); // its rank is 5
    const direct = batch * rows * columns * window * channels * features;
    if (direct < leastWork || channels < vectorLanes || features < vectorLanes) continue;
    const weights = positions * channels * features;
    const products =
      form.result === "image"
        ? positions * up(tiles, tile.rows) * channels * up(features, tile.columns)
        : positions * tiles * up(channels, tile.rows) * up(features, tile.columns);
    const transforms = transformCost * (positions * tiles * (channels + features) + weights);
    // Transformed weights are written, and read by every block of tiles from a cache that is far.
    const traffic = form.result === "image" ? 4 * weights * byteCost * vectorLanes * 1.5 : 0;
    const cost = products + transforms + traffic;
    if (cost < Math.min(least, worthwhile * direct)) [best, least] = [form, cost];
  }
  return best;
}
