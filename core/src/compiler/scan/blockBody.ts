import { input } from "../../graph/build.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { inScope, isOp, makeNode } from "../../graph/node.ts";
import { reachable } from "../../graph/walk.ts";
import type { RowAxes } from "./rowAxes.ts";

/** The body for `rows` of its rows, and what stands for each of its nodes. */
export interface BlockBody {
  readonly graph: Graph;
  readonly of: ReadonlyMap<Node, Node>;
}

/** The body of a loop for a block of `rows` rows: the same nodes, with fewer places along the axis of the rows. */
export function bodyForRows(body: Graph, axes: RowAxes, rows: number): BlockBody {
  const made = new Map<Node, Node>();
  const sized = (node: Node, shape: readonly number[]): number[] =>
    shape.map((size, axis) => (axis === axes.get(node) ? rows : size));
  const remake = (node: Node): Node => {
    const inputs = node.inputs.map((source) => made.get(source)!);
    if (isOp(node, "input")) return input(node.attrs.name, sized(node, node.shape), node.dtype);
    if (isOp(node, "reshape") || isOp(node, "expand"))
      return makeNode(node.op, inputs, { shape: sized(node, node.shape) });
    if (isOp(node, "slice")) return makeNode("slice", inputs, { ...node.attrs, size: sized(node, node.attrs.size) });
    if (isOp(node, "iota")) return makeNode("iota", inputs, { ...node.attrs, shape: sized(node, node.shape) });
    return makeNode(node.op, inputs, node.attrs);
  };
  for (const node of new Set([...body.inputs, ...reachable(body.outputs)]))
    made.set(
      node,
      inScope(node.scope, () => remake(node)),
    );
  const of = (node: Node): Node => made.get(node)!;
  // An input is remade as an input.
  return { graph: { inputs: body.inputs.map(of) as Node<"input">[], outputs: body.outputs.map(of) }, of: made };
}
