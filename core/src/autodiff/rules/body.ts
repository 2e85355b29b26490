import { InternalError } from "../../base/errors.ts";
import { build, type Graph, isOp, type Node, reachable } from "../../graph/index.ts";
import { substitute } from "../../graph/substitute.ts";

/** A new input of the type of `like`. */
export const inputLike = (like: Node, name: string): Node<"input"> => build.input(name, like.shape, like.dtype);

/** `body` on inputs of its own. */
export function copyOf(body: Graph): Graph {
  const inputs = body.inputs.map((input) => inputLike(input, input.attrs.name));
  return {
    inputs,
    outputs: substitute(body.outputs, new Map(body.inputs.map((input, index) => [input, inputs[index]!]))),
  };
}

/** The graph, after a check that it reads nothing from outside. */
export function closed(graph: Graph): Graph {
  const own = new Set<Node>(graph.inputs);
  const stranger = reachable(graph.outputs).find((node) => isOp(node, "input") && !own.has(node));
  if (stranger !== undefined && isOp(stranger, "input")) {
    throw new InternalError(
      `grad: the derivative of a body reads "${stranger.attrs.name}" from outside; a custom derivative may only read its node`,
    );
  }
  return graph;
}

/** The numbers below `count` for which `holds`. */
export const positions = (count: number, holds: (index: number) => boolean): number[] =>
  Array.from({ length: count }, (_, index) => index).filter(holds);
