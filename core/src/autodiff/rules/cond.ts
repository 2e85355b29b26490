import { isFloat } from "../../base/dtype.ts";
import { build, type Graph, type Node } from "../../graph/index.ts";
import { none, type VjpRule } from "../rule.ts";
import { zeros } from "../terms.ts";
import { closed, copyOf, inputLike, positions } from "./body.ts";

/** The derivative of a choice is the choice between the derivatives: each branch differentiated on its own. */
export const cond: VjpRule<"cond"> = (gs, { attrs, inputs: [predicate, ...operands], wanted, backpropagate }) => {
  const used = positions(gs.length, (index) => gs[index] !== undefined);
  const asked = positions(operands.length, (index) => wanted[index + 1]! && isFloat(operands[index]!.dtype));
  if (asked.length === 0) return [];

  // (operands, one g a used result) → one gradient an asked operand
  const derivative = (branch: Graph): Graph => {
    const { inputs, outputs } = copyOf(branch);
    const seeds = used.map((index) => inputLike(outputs[index]!, "g"));
    const wrt = asked.map((index) => inputs[index]!);
    const gradients = backpropagate(
      used.map((index) => outputs[index]!),
      seeds,
      wrt,
    );
    return closed({ inputs: [...inputs, ...seeds], outputs: gradients.map((g, index) => g ?? zeros(wrt[index]!)) });
  };
  const given = used.map((index) => gs[index]!);
  const results = build.cond(predicate!, derivative(attrs.then), derivative(attrs.else), [...operands, ...given]);

  const gradients: (Node | undefined)[] = operands.map(() => none);
  asked.forEach((operand, index) => {
    gradients[operand] = results[index];
  });
  return [none, ...gradients];
};
