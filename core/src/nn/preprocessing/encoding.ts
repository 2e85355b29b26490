import { ArgumentError } from "../../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../../base/shape.ts";
import { oneHot, type Tensor } from "../../tensor/index.ts";
import type { OpenShape } from "../symbolic.ts";

/** How class numbers come out: as they are, a row of zeros and a one for each, or one row for a whole example. */
export const outputModes = ["int", "oneHot", "multiHot", "count"] as const;
export type OutputMode = (typeof outputModes)[number];

/** The axis of class numbers that a row of an example sums up: Keras takes axis 1, and 0 of a vector. */
const summed = (shape: OpenShape): number => (shape.length > 1 ? 1 : 0);

/** What `encoded` makes of class numbers of this shape. */
export function encodedShape<S extends OpenShape>(shape: S, mode: OutputMode | "tfIdf", depth: number): S;
export function encodedShape(shape: OpenShape, mode: OutputMode | "tfIdf", depth: number): OpenShape {
  if (mode === "int") return shape;
  const full = shape.length === 0 ? [1] : shape;
  if (mode !== "oneHot") return [...full.filter((_, axis) => axis !== summed(full)), depth];
  return [...(full.length > 1 && full.at(-1) === 1 ? full.slice(0, -1) : full), depth];
}

/** Class numbers as rows of `depth` numbers; numbers that are no class count nowhere. `weights` multiply counts. */
export function encoded(indices: Tensor, mode: OutputMode, depth: number, weights?: Tensor): Tensor {
  if (mode === "int") return indices.cast("i32") as Tensor;
  const classes = indices.rank === 0 ? (indices.reshape([1]) as Tensor) : indices;
  if (mode === "oneHot") {
    const squeezed = classes.rank > 1 && classes.shape.at(-1) === 1 ? classes.squeeze(-1) : classes;
    return oneHot(squeezed.cast("i32"), depth) as Tensor;
  }
  const rows = oneHot(classes.cast("i32"), depth);
  const axis = summed(classes.shape);
  if (mode === "multiHot") return rows.max(axis) as Tensor;
  return (weights === undefined ? rows : rows.mul(weights.expandDims(-1))).sum(axis) as Tensor;
}

/** The same on the host: i32 class numbers, f32 rows. `factors` multiply the counts of each class ("tfIdf"). */
export function encodedOnHost(
  indices: Int32Array,
  shape: Shape,
  mode: OutputMode | "tfIdf",
  depth: number,
  factors?: ArrayLike<number>,
): { readonly data: Int32Array | Float32Array; readonly shape: Shape } {
  if (mode === "int") return { data: indices, shape };
  const result = encodedShape(shape, mode, depth);
  const data = new Float32Array(demandSize(result));
  // The row that element `at` counts in: axis `summed` of [outer, inner…] is left out of its place.
  const full = shape.length === 0 ? [1] : shape;
  const along = mode === "oneHot" ? 1 : full[summed(full)]!;
  const inner = mode === "oneHot" ? 1 : sizeOf(full.slice(summed(full) + 1));
  for (let at = 0; at < indices.length; at++) {
    const index = indices[at]!;
    if (index < 0 || index >= depth) continue;
    const row = Math.floor(at / (along * inner)) * inner + (at % inner);
    const place = row * depth + index;
    if (mode === "count" || mode === "tfIdf") data[place]! += 1;
    else data[place] = 1;
  }
  if (mode === "tfIdf" && factors !== undefined)
    for (let at = 0; at < data.length; at++) data[at]! *= factors[at % depth]!;
  return { data, shape: result };
}

const largestArray = 2 ** 31;

function demandSize(shape: Shape): number {
  const size = sizeOf(shape);
  if (size < largestArray) return size;
  throw new ArgumentError({
    what: `one row a class makes ${printShape(shape)} numbers of these data, more than fit into one array`,
    hint: "do it batch by batch: dataset.map(layer)",
  });
}
