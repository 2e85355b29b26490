import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { input as placeholder } from "../graph/build.ts";
import { Tensor } from "../tensor/index.ts";
import type { Layer } from "./layer.ts";
import { leavesOf, mapStructure, type Structure } from "./structure.ts";
import { isSymbolic, type LayerCall, type OpenShape, SymbolicTensor } from "./symbolic.ts";

// Two different sizes stand in for every open size: what differs between the two results is open as well.
const probes = [5, 7] as const;

const close = (shape: OpenShape, size: number): Shape => shape.map((known) => known ?? size);

/** Records `layer` applied to symbolic tensors and returns its symbolic output(s); builds the layer. */
export function callSymbolically(layer: Layer, x: Structure<SymbolicTensor>): Structure<SymbolicTensor> {
  const given = leavesOf(x as Structure<unknown>, (value): value is unknown => !Array.isArray(value));
  if (!given.every(isSymbolic)) {
    throw new ArgumentError({
      what: `${layer.name}: symbolic and real tensors are mixed`,
      hint: "call a model on data, or build the graph from input() alone",
    });
  }
  const [small, large] = probes.map((size) => outputTypes(layer, x, size)) as [Probe, Probe];
  const outputs = small.leaves.map(({ shape, dtype }, index) => {
    const other = large.leaves[index]!.shape;
    const open = shape.map((size, axis) => (size === other[axis] ? size : null));
    return new SymbolicTensor(small.leaves.length === 1 ? layer.name : `${layer.name}:${index}`, open, dtype);
  });
  const call: LayerCall = { layer, inputs: x, outputs };
  for (const output of outputs) output.source = call;
  let next = 0;
  return mapStructure(small.structure, (value): value is Tensor => value instanceof Tensor, () => outputs[next++]!);
}

interface Probe {
  readonly structure: Structure<Tensor>;
  readonly leaves: readonly Tensor[];
}

/** The outputs for placeholders in which open sizes are `size`; only graph nodes are made, nothing is computed. */
function outputTypes(layer: Layer, x: Structure<SymbolicTensor>, size: number): Probe {
  const inputs = mapStructure(x, isSymbolic, ({ name, shape, dtype }) => new Tensor(placeholder(name, close(shape, size), dtype)));
  const structure = layer.compute(inputs, { training: false });
  return { structure, leaves: leavesOf(structure, (value): value is Tensor => value instanceof Tensor) };
}
