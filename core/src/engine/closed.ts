import type { DType } from "../base/dtype.ts";
import { binary, constant, expand, fill, gather, input, iota, reshape, slice } from "../graph/build.ts";
import { type Graph, inScope, isOp, makeNode, type Node } from "../graph/node.ts";
import { resolve } from "./leaf.ts";
import { numbersOf } from "./varying.ts";

/** A program's graph, and the numbers that became inputs of it, after those of the leaves. */
export interface Closed {
  readonly graph: Graph;
  readonly numbers: readonly { readonly value: number; readonly dtype: DType }[];
}

/**
 * A copy of the pending graph with inputs of its own, so that the cached program keeps no value alive. `varying` names
 * the nodes that read numbers (by place) from inputs.
 */
export function closedGraph(
  outputs: readonly Node[],
  order: readonly Node[],
  leaves: readonly Node[],
  varying: ReadonlyMap<Node, readonly number[]> = new Map(),
): Closed {
  const inputs: Node<"input">[] = [];
  const numbers: { value: number; dtype: DType }[] = [];
  const newInput = (name: string, like: Node): Node => {
    const made = input(name, like.shape, like.dtype);
    inputs.push(made);
    return made;
  };
  const newNumber = (value: number, dtype: DType): Node => {
    numbers.push({ value, dtype });
    return newInput("number", constant(value, dtype));
  };

  const copies = new Map<Node, Node>();
  for (const leaf of leaves) copies.set(leaf, newInput(isOp(leaf, "input") ? leaf.attrs.name : leaf.op, leaf));
  for (const node of order) {
    const sources = node.inputs.map((source) => copies.get(resolve(source))!);
    const places = varying.get(node);
    const copy = (): Node => {
      if (places === undefined) return makeNode(node.op, sources, node.attrs);
      if (isOp(node, "slice")) {
        const starts = places.map((axis) => ({ axis, start: newNumber(numbersOf(node)[axis]!, "i32") }));
        return sliceAt(node, sources[0]!, starts);
      }
      return newNumber(numbersOf(node)[0]!, node.dtype);
    };
    copies.set(node, inScope(node.scope, copy));
  }
  return { graph: { inputs, outputs: outputs.map((node) => copies.get(node)!) }, numbers };
}

/** A slice that starts where inputs say along some axes: the others are cut, then these are gathered. */
function sliceAt(
  node: Node<"slice">,
  x: Node,
  starts: readonly { readonly axis: number; readonly start: Node }[],
): Node {
  const { start, size, step } = node.attrs;
  const free = (axis: number): boolean => starts.some((entry) => entry.axis === axis);
  const cut = slice(
    x,
    start.map((first, axis) => (free(axis) ? 0 : first)),
    size.map((count, axis) => (free(axis) ? x.shape[axis]! : count)),
    step.map((stride, axis) => (free(axis) ? 1 : stride)),
  );
  return starts.reduce((part, { axis, start: first }) => {
    const count = size[axis]!;
    const offsets = iota([count], 0, "i32");
    const strides = step[axis] === 1 ? offsets : binary("mul", offsets, fill(step[axis]!, offsets));
    const indices = binary("add", strides, expand(reshape(first, [1]), [count]));
    return gather(part, indices, axis);
  }, cut);
}
