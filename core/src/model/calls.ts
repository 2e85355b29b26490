import { ArgumentError } from "../base/errors.ts";
import { isSymbolic, type LayerCall, leavesOf, type SymbolicTensor } from "../nn/index.ts";

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
