import { DataError } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import { floatsSlice, type OnDemandRequest, type Slice } from "../record/index.ts";
import { firstInputOf } from "./examples.ts";
import { outputKey, probabilities } from "./forward.ts";
import type { Session } from "./session.ts";

type Request = Omit<Extract<OnDemandRequest, { readonly type: "boundary" }>, "type">;

const largestSize = 128;

/** What the model says of each point of a part of the plane, [size, size, classes]; or what one unit says, [size, size]. */
export async function boundary(session: Session, { extent, size, layer, unit }: Request): Promise<Slice> {
  const { training, evaluations } = session;
  const input = firstInputOf(training);
  if (evaluations === undefined || input?.shape.length !== 2 || input.shape[1] !== 2)
    throw new DataError("only points with two numbers lie in a plane");
  const valid =
    Array.isArray(extent) &&
    extent.length === 4 &&
    extent.every(Number.isFinite) &&
    Number.isInteger(size) &&
    size >= 2;
  if (!valid || size > largestSize) throw new DataError(`a boundary has 2 to ${largestSize} points a side`);
  const [left, right, bottom, top] = extent;
  const points = new Float32Array(2 * size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = 2 * (row * size + column);
      points[at] = left + ((right - left) * column) / (size - 1);
      points[at + 1] = top + ((bottom - top) * row) / (size - 1); // pictures begin at the top
    }
  }
  const results = await evaluations.forward.layers(new NdArray(points, [size * size, 2]));
  const found = results.find(({ layer: id }) => id === (layer ?? outputKey));
  if (found === undefined) throw new DataError(`there is no layer "${layer}"`);
  const width = found.values.length / (size * size);
  const head = { key: "plane", role: "boundary", extent: [...extent] } as const;
  if (layer === undefined) {
    const values = width > 1 ? probabilities(found.values, width) : found.values;
    return floatsSlice({ ...head, shape: [size, size, width] }, values);
  }
  if (unit === undefined || unit < 0 || unit >= width) throw new DataError(`layer "${layer}" has ${width} units`);
  const values = Float32Array.from({ length: size * size }, (_, at) => found.values[at * width + unit]!);
  return floatsSlice({ ...head, layer, shape: [size, size] }, values);
}
