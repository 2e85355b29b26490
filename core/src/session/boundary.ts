import { DataError } from "../base/errors.ts";
import { NdArray } from "../data/index.ts";
import { floatsSlice, halvesSlice, type OnDemandRequest, type Slice } from "../record/index.ts";
import { firstInputOf } from "./examples.ts";
import { outputKey, probabilities } from "./forward.ts";
import type { Session } from "./session.ts";

type Request = Omit<Extract<OnDemandRequest, { readonly type: "boundary" }>, "type">;

const largestSize = 128;
/** Of single units at the end of a training. */
const [unitGrid, mostLayers, mostUnits] = [24, 4, 8];

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
  const results = await evaluations.forward.layers(gridOf(extent, size));
  const found = results.find(({ layer: id }) => id === (layer ?? outputKey));
  if (found === undefined) throw new DataError(`there is no layer "${layer}"`);
  const width = found.values.length / (size * size);
  const head = { key: "plane", role: "boundary", extent: [...extent] } as const;
  if (layer === undefined) {
    const values = width > 1 ? probabilities(found.values, width) : found.values;
    return floatsSlice({ ...head, shape: [size, size, width] }, values);
  }
  if (unit === undefined || unit < 0 || unit >= width) throw new DataError(`layer "${layer}" has ${width} units`);
  return floatsSlice({ ...head, layer, shape: [size, size] }, columnOf(found.values, width, unit));
}

/** What the first units of the first layers of units say, as a page asks for them of a training. */
export async function unitPlanes({ evaluations }: Session, extent: Request["extent"]): Promise<readonly Slice[]> {
  const results = (await evaluations?.forward.layers(gridOf(extent, unitGrid))) ?? [];
  // The last two are the last layer and the output, which are the model's own plane.
  const hidden = results.slice(0, -2).filter(({ shape }) => shape.length === 2 && shape[1]! > 2);
  return hidden.slice(0, mostLayers).flatMap(({ layer, shape, values }) => {
    const width = shape[1]!; // they have two sizes
    return Array.from({ length: Math.min(mostUnits, width) }, (_, unit) => {
      const head = { key: String(unit), role: "boundary", layer, extent: [...extent] } as const;
      return halvesSlice({ ...head, shape: [unitGrid, unitGrid] }, columnOf(values, width, unit));
    });
  });
}

const columnOf = (values: Float32Array, width: number, column: number): Float32Array =>
  Float32Array.from({ length: values.length / width }, (_, row) => values[row * width + column]!);

/** The points of a part of the plane, row by row. */
function gridOf([left, right, bottom, top]: Request["extent"], size: number): NdArray {
  const points = new Float32Array(2 * size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const at = 2 * (row * size + column);
      points[at] = left + ((right - left) * column) / (size - 1);
      points[at + 1] = top + ((bottom - top) * row) / (size - 1); // pictures begin at the top
    }
  }
  return new NdArray(points, [size * size, 2]);
}
