import { Model } from "../model/index.ts";
import { halvesSlice, type Slice } from "../record/index.ts";
import type { Attended } from "../train/index.ts";
import { diagramLayers } from "./graph.ts";

/** Numbers of a layer, and of all layers together. */
const [mostOfLayer, mostOfAll] = [200_000, 2 ** 20];

/** The weights of layers, in halves: of large models those of the first layers that are small enough. */
export async function lastWeights({ model }: Attended): Promise<readonly Slice[]> {
  if (!(model instanceof Model)) return [];
  const named = model.namedVariables();
  const slices: Slice[] = [];
  let left = mostOfAll;
  for (const layer of diagramLayers(model).values()) {
    const own = named.filter(([name, { dtype }]) => name.startsWith(`${layer}/`) && dtype === "f32");
    const count = own.reduce((sum, [, { size }]) => sum + size, 0);
    if (count > Math.min(left, mostOfLayer)) continue;
    left -= count;
    for (const [name, variable] of own) {
      const values = (await variable.data()) as Float32Array; // its dtype was looked at
      slices.push(halvesSlice({ key: name, role: "weights", layer, shape: variable.shape }, values));
    }
  }
  return slices;
}
