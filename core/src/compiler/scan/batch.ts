import { expand, permute, reshape } from "../../graph/build.ts";
import { isOp, makeNode, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";

/** What the steps of a value are: one value for all of them, or an array with the steps along axis 0. */
export interface Steps {
  readonly value: Node;
  readonly perStep: boolean;
}

/**
 * `node`, which computes one step, for all steps at once; undefined for operations that have no such form here. `inputs` are the
 * steps of its inputs, of which at least one differs from step to step.
 */
export function forAllSteps(node: Node, inputs: readonly Steps[], length: number): Node | undefined {
  const [first] = inputs;
  if (kindOf(node) === "map")
    return makeNode(
      node.op,
      inputs.map((each, index) => repeated(each, node.inputs[index]!, length)),
      node.attrs,
    );
  if (first === undefined) return undefined;
  const x = first.value;
  if (isOp(node, "reshape")) return reshape(x, [length, ...node.shape]);
  if (isOp(node, "expand")) return expand(x, [length, ...node.shape]);
  if (isOp(node, "permute")) return permute(x, [0, ...node.attrs.order.map((axis) => axis + 1)]);
  if (isOp(node, "slice")) {
    const { start, size, step } = node.attrs;
    return makeNode("slice", [x], { start: [0, ...start], size: [length, ...size], step: [1, ...step] });
  }
  if (isOp(node, "reduce"))
    return makeNode("reduce", [x], { ...node.attrs, axes: node.attrs.axes.map((axis) => axis + 1) });
  if (isOp(node, "contract")) {
    const { a, b, out } = node.attrs;
    const label = freshLabel([...a, ...b]);
    const labelled = (labels: readonly string[], { perStep }: Steps): readonly string[] =>
      perStep ? [label, ...labels] : labels;
    return makeNode(
      "contract",
      inputs.map(({ value }) => value),
      { a: labelled(a, first), b: labelled(b, inputs[1]!), out: [label, ...out] },
    );
  }
  return undefined;
}

const repeated = ({ value, perStep }: Steps, { shape }: Node, length: number): Node =>
  perStep ? value : expand(reshape(value, [1, ...shape]), [length, ...shape]);

/** A label that is not taken. */
export const freshLabel = (taken: readonly string[], label = "time"): string =>
  taken.includes(label) ? freshLabel(taken, `${label}'`) : label;
