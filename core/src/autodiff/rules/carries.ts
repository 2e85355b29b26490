import { build, makeNode, type Node } from "../../graph/index.ts";

/**
 * The chosen carries of a loop as each step received them, stacked [length, ...]. A carry that the loop also gives out
 * step by step is there already, one step late. For the others the same loop runs again and gives them out as well: its
 * body has the inputs of the first, and its outputs as a prefix, so that a compiler sees that it computes all that the
 * first does and runs one loop instead of two.
 */
export function incomingCarries(loop: Node<"scan">, chosen: readonly number[]): Node[] {
  const { body, carries, length } = loop.attrs;
  const resultWith = (index: number): number => body.outputs.indexOf(body.outputs[index]!, carries);
  const missing = chosen.filter((index) => length < 2 || resultWith(index) < 0);
  const outputs = [...body.outputs, ...missing.map((index) => body.inputs[index]!)];
  const again =
    missing.length === 0
      ? []
      : build.scan(loop.inputs, { ...loop.attrs, body: { inputs: body.inputs, outputs } }).slice(body.outputs.length);
  return chosen.map((index) =>
    missing.includes(index) ? again[missing.indexOf(index)]! : oneStepLate(loop, index, resultWith(index)),
  );
}

/** What step t received is what the step before it gave: the initial carry, then all results but the last. */
function oneStepLate(loop: Node<"scan">, carry: number, result: number): Node {
  const { reverse, length } = loop.attrs;
  const given = makeNode("pick", [loop], { index: result });
  const initial = build.reshape(loop.inputs[carry]!, [1, ...given.shape.slice(1)]);
  const start = given.shape.map((_, axis) => (axis === 0 && reverse ? 1 : 0));
  const allButLast = build.slice(given, start, [length - 1, ...given.shape.slice(1)]);
  return build.concat(reverse ? [allButLast, initial] : [initial, allButLast], 0);
}
