import { input } from "../../graph/build.ts";
import { makeNode, type Node } from "../../graph/node.ts";
import { substitute } from "../rewrite.ts";
import { shareEqual } from "../simplify/shareEqual.ts";

/** A value from outside, and the input of the body that stands for it (or for one step of it). */
export interface Port {
  readonly outer: Node;
  readonly inner: Node<"input">;
}

/** A carry: its initial value, the body's input, and the body's next value. */
export interface Carry extends Port {
  readonly next: Node;
}

/** A scan taken apart, with names instead of positions. */
export interface Loop {
  readonly length: number;
  readonly reverse: boolean;
  readonly carries: readonly Carry[];
  readonly sequences: readonly Port[];
  readonly constants: readonly Port[];
  /** The results of one step. */
  readonly steps: readonly Node[];
}

export function loopOf({ inputs, attrs: { body, length, reverse, carries, sequences } }: Node<"scan">): Loop {
  const port = (index: number): Port => ({ outer: inputs[index]!, inner: body.inputs[index]! });
  const ports = body.inputs.map((_, index) => port(index));
  return {
    length,
    reverse,
    carries: ports.slice(0, carries).map((each, index) => ({ ...each, next: body.outputs[index]! })),
    sequences: ports.slice(carries, carries + sequences),
    constants: ports.slice(carries + sequences),
    steps: body.outputs.slice(carries),
  };
}

/** The scan node of a loop; its results are the final carries, then the stacked steps. */
export function scanOf({ length, reverse, carries, sequences, constants, steps }: Loop): Node<"scan"> {
  const ports = [...carries, ...sequences, ...constants];
  const body = { inputs: ports.map(({ inner }) => inner), outputs: [...carries.map(({ next }) => next), ...steps] };
  return makeNode(
    "scan",
    ports.map(({ outer }) => outer),
    { body, length, carries: carries.length, sequences: sequences.length, reverse },
  );
}

/** A body input that stands for the whole of `outer`. */
export const constantPort = (outer: Node): Port => ({ outer, inner: input("constant", outer.shape, outer.dtype) });
/** A body input that stands for one step of `outer`. */
export const sequencePort = (outer: Node): Port => ({ outer, inner: input("step", outer.shape.slice(1), outer.dtype) });

/** The loop with some nodes of its body replaced; equal nodes become one. */
export function replaceIn(loop: Loop, replaced: Map<Node, Node>, share = shareEqual()): Loop {
  const results = substitute([...loop.carries.map(({ next }) => next), ...loop.steps], replaced, share);
  return {
    ...loop,
    carries: loop.carries.map((carry, index) => ({ ...carry, next: results[index]! })),
    steps: results.slice(loop.carries.length),
  };
}
