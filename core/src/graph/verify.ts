import { InternalError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { originOf } from "./describe.ts";
import { inferNode } from "./infer.ts";
import type { Graph, Node } from "./node.ts";
import { bodiesOf } from "./print.ts";
import { reachable, usersOf } from "./walk.ts";

/**
 * Throws InternalError, naming the node, unless the graph is what every pass may assume: closed over its inputs, in id order,
 * with the shapes and dtypes that the shape rules give; several results only through `pick`; and so are all nested graphs.
 */
export function verifyGraph(graph: Graph): void {
  const nodes = reachable(graph.outputs);
  const inputs = new Set<Node>(graph.inputs);
  if (inputs.size !== graph.inputs.length) throw new InternalError("verify: an input is listed twice");
  for (const node of inputs) if (node.op !== "input") fail(node, "is listed as an input");
  for (const node of graph.outputs)
    if (isMultiple(node)) fail(node, "has several results and is an output without pick");

  for (const node of nodes) {
    if (node.op === "input" && !inputs.has(node)) fail(node, "is not an input of this graph: the graph is not closed");
    verifyOrder(node);
    verifyType(node);
    for (const [, body] of bodiesOf(node)) verifyGraph(body);
  }

  for (const [node, users] of usersOf(nodes)) {
    const readers = users.filter((user) => isMultiple(node) !== (user.op === "pick"));
    for (const user of readers)
      fail(user, `reads ${node.op}, ${isMultiple(node) ? "and is not pick" : "which has one result"}`);
  }
}

function fail(node: Node, what: string): never {
  throw new InternalError(`verify: node ${node.id} (${originOf(node)}) ${what}`);
}

const isMultiple = (node: Node): boolean => bodiesOf(node).length > 0;

function verifyOrder(node: Node): void {
  for (const source of node.inputs) {
    if (source.id >= node.id) fail(node, `reads node ${source.id}, which was made later`);
  }
}

function verifyType(node: Node): void {
  let inferred: ReturnType<typeof inferNode>;
  try {
    inferred = inferNode(node.op, node.inputs, node.attrs);
  } catch (error) {
    fail(node, `does not fit its inputs: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (inferred.dtype === node.dtype && sameShape(inferred.shape, node.shape)) return;
  const [stored, expected] = [node, inferred].map(({ shape, dtype }) => `${dtype} ${printShape(shape)}`);
  fail(node, `is stored as ${stored}, its rule says ${expected}`);
}
