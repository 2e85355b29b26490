import type { DType } from "../base/dtype.ts";
import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { trace } from "../engine/index.ts";
import { input as placeholder } from "../graph/build.ts";
import { Tensor } from "../tensor/index.ts";
import type { AnyLayer, Layer, Outputs } from "./layer.ts";
import { Masked } from "./masked.ts";
import { leavesOf, likeStructure, type MaskedStructure, placesOf, type Structure } from "./structure.ts";
import { isSymbolic, type LayerCall, type OpenShape, printOpenShape, SymbolicTensor } from "./symbolic.ts";

// Two different sizes stand in for every open size: what differs between the two results is open as well.
const probes = [5, 7] as const;

const close = (shape: OpenShape, size: number): Shape => shape.map((known) => known ?? size);

/** Records `layer` applied to symbolic tensors: the call, with its symbolic result; builds the layer. */
export function callSymbolically(layer: Layer, x: MaskedStructure<SymbolicTensor>): LayerCall {
  layer.prepare(x);
  const [first, second] = probes;
  const small = outputTypes(layer, x, first);
  const large = withHint(layer, x, () => outputTypes(layer, x, second));
  const [{ record }] = leavesOf(x, isSymbolic) as [SymbolicTensor]; // whoever calls has found one
  const names = placesOf(small.structure, isTensor).flatMap(([place, value]) => {
    const name = place === "" ? layer.name : `${layer.name}:${place}`;
    return value instanceof Masked ? [name, `${name}:mask`] : [name];
  });
  const outputs = small.leaves.map(({ shape, dtype }, index) => {
    const other = large.leaves[index]!.shape;
    const open = shape.map((size, axis) => (size === other[axis] ? size : null));
    return new SymbolicTensor(names[index]!, open, dtype, record);
  });
  const result = likeStructure(small.structure, isTensor, outputs);
  const call: LayerCall = { layer, inputs: x, outputs, result };
  for (const output of outputs) output.source = call;
  return call;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** What fits at one size of the open axes and not at the other: the layer was built for a size that is not known. */
function withHint<T>(layer: AnyLayer, x: MaskedStructure<SymbolicTensor>, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const shapes = leavesOf(x, isSymbolic).map(({ shape }) => printOpenShape(shape));
    throw new ArgumentError({
      what: `${layer.name}: depends on a size that is open in ${shapes.join(" and ")}`,
      hint: "only the batch, and axes that no variable depends on, may be open: give the size in input([…])",
    });
  }
}

/** Makes the Variables of `layer` for tensors like these, and what it gives; nothing is computed, and nothing that it assigns stays. */
export function buildOn(layer: AnyLayer, x: Structure<TensorType>): Outputs {
  const nodes = leavesOf(x, isTensorType).map(({ shape, dtype }) => placeholder(layer.name, shape, dtype));
  const tensors = nodes.map((node) => new Tensor(node));
  let outputs: Outputs = [];
  trace(layer.name, nodes, () => {
    outputs = layer.compute(likeStructure(x, isTensorType, tensors), { training: false });
    return [];
  });
  return outputs;
}

/** The shape and element type of a tensor. */
interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}
const isTensorType = (value: unknown): value is TensorType =>
  typeof value === "object" && value !== null && "shape" in value && "dtype" in value;

interface Probe {
  readonly structure: MaskedStructure<Tensor>;
  readonly leaves: readonly Tensor[];
}

/**
 * The outputs for placeholders in which open sizes are `size`. Runs in a trace of its own, which is dropped: nothing is
 * computed, and what the layer assigns (statistics, random states) stays as it is.
 */
function outputTypes(layer: Layer, x: MaskedStructure<SymbolicTensor>, size: number): Probe {
  const nodes = leavesOf(x, isSymbolic).map(({ name, shape, dtype }) => {
    if (dtype !== "string") return placeholder(name, close(shape, size), dtype);
    throw new ArgumentError({
      what: `${layer.name}: the input "${name}" holds texts, and a ${layer.typeName} computes with numbers`,
      hint: "turn the texts into numbers first: layers.textVectorization(), stringLookup() or hashing()",
    });
  });
  const inputs = likeStructure(
    x,
    isSymbolic,
    nodes.map((node) => new Tensor(node)),
  );
  let probe: Probe | undefined;
  trace(layer.name, nodes, () => {
    const structure = layer.compute(inputs, { training: false });
    probe = { structure, leaves: leavesOf(structure, isTensor) };
    return [];
  });
  return probe!; // trace calls its body once
}
