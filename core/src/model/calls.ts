import { ArgumentError } from "../base/errors.ts";
import { InputLayer, isSymbolic, type Layer, type LayerCall, leavesOf, type SymbolicTensor } from "../nn/index.ts";

/** The layer calls between `inputs` and `outputs`, in an order in which they can run. */
export function callsBetween(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): LayerCall[] {
  const known = new Set(inputs);
  const calls = new Set<LayerCall>();
  // A stack of our own: graphs may be deeper than JavaScript's.
  const open = [...outputs].reverse();
  for (let tensor = open.at(-1); tensor !== undefined; tensor = open.at(-1)) {
    const { source } = tensor;
    if (known.has(tensor) || (source !== undefined && calls.has(source))) {
      open.pop();
      continue;
    }
    if (source === undefined) throw unlisted(tensor, inputs);
    const missing = leavesOf(source.inputs, isSymbolic).filter(
      (input) => !known.has(input) && !(input.source !== undefined && calls.has(input.source)),
    );
    if (missing.length > 0) {
      open.push(...missing.reverse());
      continue;
    }
    calls.add(source);
    open.pop();
  }
  return [...calls];
}

const unlisted = (tensor: SymbolicTensor, inputs: readonly SymbolicTensor[]): ArgumentError =>
  new ArgumentError({
    what: `model: the output depends on input "${tensor.name}", which is not among the model's inputs`,
    details: inputs.map((input, index) => ({ role: `input ${index}`, value: input.toString() })),
    hint: "list every input() that the outputs need",
  });

/**
 * The layers of `calls` and those that stand for the inputs, in Keras's order: by distance from the outputs, farthest
 * first, and in the order in which a walk back from the outputs meets them.
 */
export function layersInOrder(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
  calls: readonly LayerCall[],
): readonly Layer[] {
  const entries = new Map(
    inputs.map((tensor): [SymbolicTensor, Layer] => [tensor, tensor.entry ?? new InputLayer(tensor)]),
  );
  const layerOf = (tensor: SymbolicTensor): Layer => entries.get(tensor) ?? tensor.source!.layer; // callsBetween has found it

  const depths = new Map<Layer, number>();
  const deepen = (layer: Layer, depth: number): void => {
    depths.set(layer, Math.max(depth, depths.get(layer) ?? 0));
  };
  for (const { layer, inputs } of [...calls].reverse()) {
    deepen(layer, 0);
    for (const tensor of leavesOf(inputs, isSymbolic)) deepen(layerOf(tensor), depths.get(layer)! + 1);
  }

  const met = new Set<Layer>();
  const open = [...outputs].reverse();
  const walked = new Set<SymbolicTensor>();
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (walked.has(tensor)) continue;
    walked.add(tensor);
    met.add(layerOf(tensor));
    if (!entries.has(tensor)) open.push(...leavesOf(tensor.source!.inputs, isSymbolic).reverse());
  }
  for (const layer of entries.values()) met.add(layer); // inputs that no output needs

  // Sorting is stable: layers of one depth stay as they were met.
  return [...met].sort((a, b) => (depths.get(b) ?? 0) - (depths.get(a) ?? 0));
}
