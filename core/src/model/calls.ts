import { ArgumentError } from "../base/errors.ts";
import { isSymbolic, type LayerCall, leavesOf, type SymbolicTensor } from "../nn/index.ts";

/** The layer calls between `inputs` and `outputs`, in an order in which they can run. */
export function callsBetween(inputs: readonly SymbolicTensor[], outputs: readonly SymbolicTensor[]): LayerCall[] {
  const known = new Set(inputs);
  const calls = new Set<LayerCall>();
  const visit = (tensor: SymbolicTensor): void => {
    if (known.has(tensor)) return;
    known.add(tensor);
    const { source } = tensor;
    if (source === undefined) {
      throw new ArgumentError({
        what: `model: the output depends on input "${tensor.name}", which is not among the model's inputs`,
        details: inputs.map((input, index) => ({ role: `input ${index}`, value: input.toString() })),
        hint: "list every input() that the outputs need",
      });
    }
    if (calls.has(source)) return;
    for (const input of leavesOf(source.inputs, isSymbolic)) visit(input);
    calls.add(source);
  };
  for (const output of outputs) visit(output);
  return [...calls];
}
