import { ArgumentError, ShapeError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { build, describe, type Node, shapeError } from "../graph/index.ts";
import { type Operand, toNode } from "./broadcast.ts";
import { truth } from "./compare.ts";
import { close, type Traced } from "./lift.ts";

type Branch = (operands: Node[]) => readonly Node[];

/** The results of `then` or of `otherwise`; only the chosen one is computed. Branches may use outer tensors freely. */
export function cond(predicate: Operand, then: Branch, otherwise: Branch, operands: readonly Node[] = []): Node[] {
  const condition = truth(toNode(predicate));
  if (condition.shape.length !== 0) {
    throw shapeError(
      `cond: the condition is no scalar but ${printShape(condition.shape)}`,
      [condition],
      "use any or all, or where",
    );
  }
  // What exists before the branches are traced is outer; what they make stays in the branch that makes it.
  const newest = build.constant(0).id;
  const [yes, no] = [trace(then, operands), trace(otherwise, operands)];
  checkResults(yes.outputs, no.outputs);
  const { graphs, lifted } = close([yes, no], (node) => node.id <= newest);
  return build.cond(condition, graphs[0]!, graphs[1]!, [...operands, ...lifted]); // two bodies in, two graphs out
}

function trace(branch: Branch, operands: readonly Node[]): Traced {
  const inputs = operands.map((node, index) => build.input(`operand ${index}`, node.shape, node.dtype));
  return { inputs, outputs: branch([...inputs]) };
}

function checkResults(yes: readonly Node[], no: readonly Node[]): void {
  if (yes.length === 0 && no.length === 0) throw new ArgumentError("cond: the branches return nothing");
  if (yes.length !== no.length) {
    throw new ArgumentError(`cond: one branch returns ${yes.length} tensors, the other ${no.length}`);
  }
  yes.forEach((node, index) => {
    const other = no[index]!; // lengths are equal
    if (sameShape(node.shape, other.shape) && node.dtype === other.dtype) return;
    throw new ShapeError({
      what: `cond: result ${index} is ${node.dtype} ${printShape(node.shape)} or ${other.dtype} ${printShape(other.shape)}`,
      details: [describe("then", node), describe("else", other)],
      hint: "both branches must return the same shapes and dtypes",
    });
  });
}
